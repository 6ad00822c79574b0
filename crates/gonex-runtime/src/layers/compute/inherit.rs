use rayon::iter::ParallelIterator;
use rayon::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

use super::stall;
use crate::layers::ambient::Ambient;

/// Adds [`inherit`](Self::inherit) to rayon's iterators.
pub trait Inheriting: ParallelIterator {
    /// Has the closures of all later steps run in the context and the seam of this thread, on whatever
    /// worker.
    ///
    /// They are entered once for each piece that rayon cuts, not for each item. What follows keeps its
    /// order, but is no `IndexedParallelIterator` any more: `zip` and `enumerate` go before it.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_runtime::compute;
    /// use gonex_runtime::compute::prelude::*;
    ///
    /// let context = Context::background().with_value(7_u32);
    /// let sum = context.run(|| {
    ///     let add = |n: u32| n + Context::current().value::<u32>().unwrap();
    ///     compute::install(|| (0..1_000_u32).into_par_iter().inherit().map(add).sum::<u32>())
    /// });
    /// assert_eq!(sum, 499_500 + 7_000);
    /// ```
    fn inherit(self) -> Inherit<Self> {
        Inherit { base: self, ambient: Ambient::here() }
    }
}

impl<I: ParallelIterator> Inheriting for I {}

/// Has the closures of all later steps run in `ambient`.
pub(super) fn inherit_from<I: ParallelIterator>(base: I, ambient: Ambient) -> Inherit<I> {
    Inherit { base, ambient }
}

/// An iterator whose later steps inherit; made by [`Inheriting::inherit`].
#[derive(Clone, Debug)]
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
pub struct Inherit<I> {
    base: I,
    ambient: Ambient,
}

impl<I: ParallelIterator> ParallelIterator for Inherit<I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let Self { base, ambient } = self;
        base.drive_unindexed(Inside { base: consumer, ambient: &ambient })
    }

    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len()
    }
}

/// Runs a piece of the work of another thread on this one.
#[inline]
pub(super) fn piece<T>(ambient: &Ambient, body: impl FnOnce() -> T) -> T {
    stall::watched(|| ambient.enter(body))
}

/// What consumes, folds or reduces, each time inside the ambient.
#[derive(Clone, Copy)]
struct Inside<'a, B> {
    base: B,
    ambient: &'a Ambient,
}

impl<'a, B> Inside<'a, B> {
    /// Wraps another.
    fn with<C>(&self, base: C) -> Inside<'a, C> {
        Inside { base, ambient: self.ambient }
    }

    /// Has the base do something.
    fn run<T>(self, body: impl FnOnce(B) -> T) -> T {
        piece(self.ambient, || body(self.base))
    }
}

impl<'a, T, C: Consumer<T>> Consumer<T> for Inside<'a, C> {
    type Folder = Inside<'a, C::Folder>;
    type Reducer = Inside<'a, C::Reducer>;
    type Result = C::Result;

    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        let ambient = self.ambient;
        let (left, right, reducer) = self.base.split_at(index);
        let left = Inside { base: left, ambient };
        let (right, reducer) = (left.with(right), left.with(reducer));
        (left, right, reducer)
    }

    fn into_folder(self) -> Self::Folder {
        let ambient = self.ambient;
        Inside { base: self.run(C::into_folder), ambient }
    }

    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<T, C: UnindexedConsumer<T>> UnindexedConsumer<T> for Inside<'_, C> {
    fn split_off_left(&self) -> Self {
        self.with(self.base.split_off_left())
    }

    fn to_reducer(&self) -> Self::Reducer {
        self.with(self.base.to_reducer())
    }
}

impl<T, F: Folder<T>> Folder<T> for Inside<'_, F> {
    type Result = F::Result;

    fn consume(self, item: T) -> Self {
        let ambient = self.ambient;
        Self { base: self.run(|base| base.consume(item)), ambient }
    }

    fn consume_iter<I: IntoIterator<Item = T>>(self, items: I) -> Self {
        let ambient = self.ambient;
        Self { base: self.run(|base| base.consume_iter(items)), ambient }
    }

    fn complete(self) -> F::Result {
        self.run(F::complete)
    }

    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<T, R: Reducer<T>> Reducer<T> for Inside<'_, R> {
    fn reduce(self, left: T, right: T) -> T {
        self.run(|base| base.reduce(left, right))
    }
}
