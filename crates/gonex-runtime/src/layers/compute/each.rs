use rayon::iter::{IntoParallelIterator, ParallelExtend, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::inherit::Inheriting;
use super::pool::{check, on_worker};

/// Computes a result for each item, and returns them in order.
///
/// `items` is whatever rayon can divide: a `Vec`, which is consumed, a slice, a range, a map.
///
/// # Panics
/// With what the closure panics with; results that are there are dropped. In a future, where it may not
/// block. If the system has no threads for the workers.
///
/// ```
/// use gonex_runtime::compute;
///
/// assert_eq!(compute::parallel(vec![1, 2, 3], |n| n * n), [1, 4, 9]);
/// let factor = 2; // borrowed
/// assert_eq!(compute::parallel(&[1, 2, 3], |n| n * factor), [2, 4, 6]);
/// ```
#[track_caller]
pub fn parallel<I, F, R>(items: I, f: F) -> Vec<R>
where
    I: IntoParallelIterator,
    F: Fn(I::Item) -> R + Send + Sync,
    R: Send,
{
    check("`compute::parallel`");
    let items = items.into_par_iter().inherit();
    collected(items.map(f))
}

/// Does something with each item, in no order.
///
/// # Panics
/// As [`parallel`]; other items may have been seen to by then, or not.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use gonex_runtime::compute;
///
/// let sum = AtomicU32::new(0);
/// compute::for_each(1..=100_u32, |n| _ = sum.fetch_add(n, Ordering::Relaxed));
/// assert_eq!(sum.into_inner(), 5_050);
/// ```
#[track_caller]
pub fn for_each<I, F>(items: I, f: F)
where
    I: IntoParallelIterator,
    F: Fn(I::Item) + Send + Sync,
{
    check("`compute::for_each`");
    let items = items.into_par_iter().inherit();
    on_worker(|| items.for_each(f));
}

/// Returns the items that a predicate is true of, in order.
///
/// # Panics
/// As [`parallel`].
///
/// ```
/// use gonex_runtime::compute;
///
/// assert_eq!(compute::filter(vec![3, 1, 4, 1, 5], |n| *n > 2), [3, 4, 5]);
/// ```
#[track_caller]
pub fn filter<I, P>(items: I, predicate: P) -> Vec<I::Item>
where
    I: IntoParallelIterator,
    P: Fn(&I::Item) -> bool + Send + Sync,
{
    check("`compute::filter`");
    let items = items.into_par_iter().inherit();
    collected(items.filter(predicate))
}

/// Computes a result for each chunk of `size` items, and returns them in order; the last chunk may be
/// smaller.
///
/// # Panics
/// As [`parallel`]. If `size` is 0.
///
/// ```
/// use gonex_runtime::compute;
///
/// let sums = compute::chunks(&[1, 2, 3, 4, 5], 2, |chunk| chunk.iter().sum::<i32>());
/// assert_eq!(sums, [3, 7, 5]);
/// ```
#[track_caller]
pub fn chunks<T, F, R>(items: &[T], size: usize, f: F) -> Vec<R>
where
    T: Sync,
    F: Fn(&[T]) -> R + Send + Sync,
    R: Send,
{
    check("`compute::chunks`");
    check_size(size);
    let chunks = items.par_chunks(size).inherit();
    collected(chunks.map(f))
}

/// Does something with each chunk of `size` items, which it may change; the last may be smaller. The
/// closure is told the number of the chunk, from 0.
///
/// # Panics
/// As [`parallel`]. If `size` is 0.
///
/// ```
/// use gonex_runtime::compute;
///
/// let mut pixels = [0; 5];
/// compute::chunks_mut(&mut pixels, 2, |row, pixels| pixels.fill(row));
/// assert_eq!(pixels, [0, 0, 1, 1, 2]);
/// ```
#[track_caller]
pub fn chunks_mut<T, F>(items: &mut [T], size: usize, f: F)
where
    T: Send,
    F: Fn(usize, &mut [T]) + Send + Sync,
{
    use rayon::iter::IndexedParallelIterator;

    check("`compute::chunks_mut`");
    check_size(size);
    let chunks = items.par_chunks_mut(size).enumerate().inherit();
    on_worker(|| chunks.for_each(|(number, chunk)| f(number, chunk)));
}

/// Collects what an iterator yields, in order.
///
/// Where it tells how much that is, the caller takes the room for it: an allocator keeps what was freed for
/// the thread that freed it, and who makes such results one after the other is the caller and no worker.
fn collected<I: ParallelIterator>(items: I) -> Vec<I::Item> {
    let mut results = Vec::with_capacity(items.opt_len().unwrap_or(0));
    on_worker(|| results.par_extend(items));
    results
}

#[track_caller]
pub(super) fn check_size(size: usize) {
    assert!(size > 0, "chunks of 0 items would never come to an end; give a size of 1 or more");
}
