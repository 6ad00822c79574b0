//! Sorting. Comparisons are too short to be told their context each: they run in whatever their worker is
//! in, and should wait for nothing.

use std::cmp::Ordering;

use rayon::slice::ParallelSliceMut;

use super::pool::{check, on_worker};

/// Sorts, and keeps equal items in their order.
///
/// It needs memory for about half of the items; [`sort_unstable`] needs none and is mostly faster. The
/// comparison runs in no particular context, and should wait for nothing.
///
/// # Panics
/// With what the comparison panics with; the items are all there then, in some order. In a future, where
/// it may not block. If the system has no threads for the workers.
///
/// ```
/// use gonex_runtime::compute;
///
/// let mut words = ["pear", "fig", "apple"];
/// compute::sort(&mut words);
/// assert_eq!(words, ["apple", "fig", "pear"]);
/// ```
#[track_caller]
pub fn sort<T: Ord + Send>(items: &mut [T]) {
    check("`compute::sort`");
    on_worker(|| items.par_sort());
}

/// Sorts by a comparison, and keeps equal items in their order: see [`sort()`].
///
/// # Panics
/// As [`sort()`].
///
/// ```
/// use gonex_runtime::compute;
///
/// let mut numbers = [1.5, -2.0, 0.5];
/// compute::sort_by(&mut numbers, f64::total_cmp);
/// assert_eq!(numbers, [-2.0, 0.5, 1.5]);
/// ```
#[track_caller]
pub fn sort_by<T, F>(items: &mut [T], compare: F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Send + Sync,
{
    check("`compute::sort_by`");
    on_worker(|| items.par_sort_by(compare));
}

/// Sorts by a key, and keeps items with equal keys in their order: see [`sort()`].
///
/// The key is made for each comparison; where that takes long, take [`sort_by_cached_key`].
///
/// # Panics
/// As [`sort()`].
///
/// ```
/// use gonex_runtime::compute;
///
/// let mut words = ["pear", "fig", "kiwi"];
/// compute::sort_by_key(&mut words, |word| word.len());
/// assert_eq!(words, ["fig", "pear", "kiwi"]);
/// ```
#[track_caller]
pub fn sort_by_key<T, K, F>(items: &mut [T], key: F)
where
    T: Send,
    K: Ord,
    F: Fn(&T) -> K + Send + Sync,
{
    check("`compute::sort_by_key`");
    on_worker(|| items.par_sort_by_key(key));
}

/// Sorts by a key that is made once for each item, and keeps items with equal keys in their order.
///
/// # Panics
/// As [`sort()`].
///
/// ```
/// use gonex_runtime::compute;
///
/// let mut numbers = [10, 9, 8];
/// compute::sort_by_cached_key(&mut numbers, |n| n.to_string());
/// assert_eq!(numbers, [10, 8, 9]);
/// ```
#[track_caller]
pub fn sort_by_cached_key<T, K, F>(items: &mut [T], key: F)
where
    T: Send,
    K: Ord + Send,
    F: Fn(&T) -> K + Send + Sync,
{
    check("`compute::sort_by_cached_key`");
    on_worker(|| items.par_sort_by_cached_key(key));
}

/// Sorts in place; equal items may change their order.
///
/// # Panics
/// As [`sort()`].
///
/// ```
/// use gonex_runtime::compute;
///
/// let mut numbers = [3, 1, 2];
/// compute::sort_unstable(&mut numbers);
/// assert_eq!(numbers, [1, 2, 3]);
/// ```
#[track_caller]
pub fn sort_unstable<T: Ord + Send>(items: &mut [T]) {
    check("`compute::sort_unstable`");
    on_worker(|| items.par_sort_unstable());
}

/// Sorts in place by a comparison; equal items may change their order.
///
/// # Panics
/// As [`sort()`].
///
/// ```
/// use gonex_runtime::compute;
///
/// let mut numbers = [3, 1, 2];
/// compute::sort_unstable_by(&mut numbers, |a, b| b.cmp(a));
/// assert_eq!(numbers, [3, 2, 1]);
/// ```
#[track_caller]
pub fn sort_unstable_by<T, F>(items: &mut [T], compare: F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Send + Sync,
{
    check("`compute::sort_unstable_by`");
    on_worker(|| items.par_sort_unstable_by(compare));
}

/// Sorts in place by a key; items with equal keys may change their order.
///
/// # Panics
/// As [`sort()`].
///
/// ```
/// use gonex_runtime::compute;
///
/// let mut numbers = [3_i32, -1, 2];
/// compute::sort_unstable_by_key(&mut numbers, |n| n.abs());
/// assert_eq!(numbers, [-1, 2, 3]);
/// ```
#[track_caller]
pub fn sort_unstable_by_key<T, K, F>(items: &mut [T], key: F)
where
    T: Send,
    K: Ord,
    F: Fn(&T) -> K + Send + Sync,
{
    check("`compute::sort_unstable_by_key`");
    on_worker(|| items.par_sort_unstable_by_key(key));
}
