use rayon::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::inherit::Inheriting;
use super::pool::{check, on_worker};

/// Maps each item to a value, and reduces the values, in order, to one, beginning with `initial`.
///
/// `reduce` must be associative, since rayon chooses which neighbours are reduced first. The initial value
/// counts exactly once, whatever the number of items and workers, and is the result when there are none.
///
/// # Panics
/// With what a closure panics with. In a future, where it may not block. If the system has no
/// threads for the workers.
///
/// ```
/// use gonex_runtime::compute;
///
/// let squares = compute::map_reduce(vec![1, 2, 3], |x| x * x, |a, b| a + b, 0);
/// assert_eq!(squares, 14);
///
/// let digits = compute::map_reduce(1..=4_u8, |n| n.to_string(), |a, b| a + &b, String::from("0."));
/// assert_eq!(digits, "0.1234");
/// ```
#[track_caller]
pub fn map_reduce<I, M, R, V>(items: I, map: M, reduce: R, initial: V) -> V
where
    I: IntoParallelIterator,
    M: Fn(I::Item) -> V + Send + Sync,
    R: Fn(V, V) -> V + Send + Sync,
    V: Send,
{
    check("`compute::map_reduce`");
    let items = items.into_par_iter().inherit();
    on_worker(|| reduced(items.map(map), &reduce, initial))
}

/// Reduces what an iterator yields, beginning with `initial`.
pub(super) fn reduced<I, R>(items: I, reduce: &R, initial: I::Item) -> I::Item
where
    I: ParallelIterator,
    R: Fn(I::Item, I::Item) -> I::Item + Sync,
{
    match items.drive_unindexed(Reduce(reduce)) {
        Some(value) => reduce(initial, value),
        None => initial,
    }
}

/// Reduces the items of each piece, from its first one on: so no neutral element is needed, and a piece is
/// one plain loop, which `reduce_with` of rayon is not.
struct Reduce<'a, R>(&'a R);

/// What the items so far have been reduced to.
struct Reduced<'a, R, V> {
    reduce: &'a R,
    value: Option<V>,
}

impl<'a, R, V> Consumer<V> for Reduce<'a, R>
where
    R: Fn(V, V) -> V + Sync,
    V: Send,
{
    type Folder = Reduced<'a, R, V>;
    type Reducer = Self;
    type Result = Option<V>;

    fn split_at(self, _: usize) -> (Self, Self, Self) {
        (Self(self.0), Self(self.0), self)
    }

    fn into_folder(self) -> Self::Folder {
        Reduced { reduce: self.0, value: None }
    }

    fn full(&self) -> bool {
        false
    }
}

impl<R, V> UnindexedConsumer<V> for Reduce<'_, R>
where
    R: Fn(V, V) -> V + Sync,
    V: Send,
{
    fn split_off_left(&self) -> Self {
        Self(self.0)
    }

    fn to_reducer(&self) -> Self {
        Self(self.0)
    }
}

impl<R, V> Reducer<Option<V>> for Reduce<'_, R>
where
    R: Fn(V, V) -> V,
{
    fn reduce(self, left: Option<V>, right: Option<V>) -> Option<V> {
        match (left, right) {
            (Some(left), Some(right)) => Some((self.0)(left, right)),
            (left, right) => left.or(right),
        }
    }
}

impl<R, V> Folder<V> for Reduced<'_, R, V>
where
    R: Fn(V, V) -> V,
{
    type Result = Option<V>;

    fn consume(self, item: V) -> Self {
        let value = match self.value {
            Some(value) => (self.reduce)(value, item),
            None => item,
        };
        Self { value: Some(value), ..self }
    }

    fn consume_iter<I: IntoIterator<Item = V>>(self, items: I) -> Self {
        let mut items = items.into_iter();
        let value = self.value.or_else(|| items.next());
        Self { value: value.map(|first| items.fold(first, self.reduce)), ..self }
    }

    fn complete(self) -> Option<V> {
        self.value
    }

    fn full(&self) -> bool {
        false
    }
}
