use std::iter;
use std::sync::OnceLock;
use std::time::Duration;

use gonex_core::{Context, Stop, rt};
use rayon::iter::ParallelIterator;
use rayon::iter::plumbing::{Consumer, Folder, UnindexedConsumer};

/// A look at the context, and at the clock, costs little beside this much work; and nobody notices that a
/// computation goes on for so long after it was stopped, but for an item that is slow by itself.
const BETWEEN_LOOKS: Duration = Duration::from_micros(50);

/// However fast the items are, or the clock slow.
const MAX_CHUNK: usize = 1 << 16;

/// Whether a computation was cut short.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    context: &'a Context,
    stop: OnceLock<Stop>,
}

impl<'a> Progress<'a> {
    pub(super) fn within(context: &'a Context) -> Self {
        Self { context, stop: OnceLock::new() }
    }

    /// Whether to leave what is left. Asked only where something is.
    fn ends_here(&self) -> bool {
        if self.has_ended() {
            return true;
        }
        // Several may find it at once; they find the same.
        self.context.stopped().is_some_and(|stop| self.stop.set(stop).is_ok() || self.has_ended())
    }

    fn has_ended(&self) -> bool {
        self.stop.get().is_some()
    }

    /// Why something was left, if it was.
    pub(super) fn stop(self) -> Option<Stop> {
        self.stop.into_inner()
    }
}

/// An iterator that ends when its context does. It does not know its length any more.
pub(super) struct Cut<'a, I> {
    base: I,
    progress: &'a Progress<'a>,
}

impl<'a, I> Cut<'a, I> {
    pub(super) fn new(base: I, progress: &'a Progress<'a>) -> Self {
        Self { base, progress }
    }
}

impl<I: ParallelIterator> ParallelIterator for Cut<'_, I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(Looking { base: consumer, progress: self.progress })
    }
}

/// What looks at the context between chunks of items.
struct Looking<'a, B> {
    base: B,
    progress: &'a Progress<'a>,
}

impl<'a, T, C: Consumer<T>> Consumer<T> for Looking<'a, C> {
    type Folder = Looking<'a, C::Folder>;
    type Reducer = C::Reducer;
    type Result = C::Result;

    fn split_at(self, index: usize) -> (Self, Self, C::Reducer) {
        let progress = self.progress;
        let (left, right, reducer) = self.base.split_at(index);
        (Self { base: left, progress }, Self { base: right, progress }, reducer)
    }

    fn into_folder(self) -> Self::Folder {
        Looking { base: self.base.into_folder(), progress: self.progress }
    }

    fn full(&self) -> bool {
        self.progress.has_ended() || self.base.full()
    }
}

impl<T, C: UnindexedConsumer<T>> UnindexedConsumer<T> for Looking<'_, C> {
    fn split_off_left(&self) -> Self {
        Self { base: self.base.split_off_left(), progress: self.progress }
    }

    fn to_reducer(&self) -> C::Reducer {
        self.base.to_reducer()
    }
}

impl<T, F: Folder<T>> Folder<T> for Looking<'_, F> {
    type Result = F::Result;

    fn consume(self, item: T) -> Self {
        if self.progress.ends_here() {
            return self;
        }
        Self { base: self.base.consume(item), ..self }
    }

    fn consume_iter<I: IntoIterator<Item = T>>(mut self, items: I) -> Self {
        let mut items = items.into_iter();
        let mut size = 1;
        // The next item is taken first: a context that stops when nothing is left cuts nothing short.
        while !self.base.full()
            && let Some(next) = items.next()
            && !self.progress.ends_here()
        {
            let start = rt::now();
            let chunk = iter::once(next).chain(items.by_ref().take(size - 1));
            self.base = self.base.consume_iter(chunk);
            let took = rt::now().saturating_duration_since(start);
            let next = if took < BETWEEN_LOOKS { size * 2 } else { size / 2 };
            size = next.clamp(1, MAX_CHUNK);
        }
        self
    }

    fn complete(self) -> F::Result {
        self.base.complete()
    }

    fn full(&self) -> bool {
        self.progress.has_ended() || self.base.full()
    }
}
