use std::collections::LinkedList;
use std::panic::{self, AssertUnwindSafe};

use gonex_core::{Context, Stop};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use super::cut::{Cut, Progress};
use super::each::check_size;
use super::inherit::{Inherit, inherit_from};
use super::map_reduce::reduced;
use super::pool::{check, on_worker};
use crate::layers::ambient::Ambient;

/// Computes a result for each item as [`parallel`](super::parallel) does, unless `context` stops.
///
/// Each worker looks at the context after about 50 microseconds' worth of items, and at least between any
/// two. The closures run in `context`: operations in them are stopped with it.
/// `Context::current()` is the one of the task that calls.
///
/// # Errors
/// Why the context stopped, if that left some items without a result; the results that are there are
/// dropped. A computation that was done all the same yields what it yields.
///
/// # Panics
/// As [`parallel`](super::parallel).
///
/// ```
/// use gonex_core::{Context, Stop};
/// use gonex_runtime::compute;
///
/// let (context, canceller) = Context::current().with_cancel();
/// assert_eq!(compute::try_parallel(&context, [1, 2, 3], |n| n * n), Ok(vec![1, 4, 9]));
///
/// let numbers: Vec<u32> = (0..1_000_000).collect();
/// let stopped = compute::try_parallel(&context, numbers, |n| {
///     canceller.cancel("enough");
///     n
/// });
/// assert!(matches!(stopped, Err(Stop::Cancelled(_))));
/// ```
#[track_caller]
pub fn try_parallel<I, F, R>(context: &Context, items: I, f: F) -> Result<Vec<R>, Stop>
where
    I: IntoParallelIterator,
    F: Fn(I::Item) -> R + Send + Sync,
    R: Send,
{
    check("`compute::try_parallel`");
    cut_in(context, items.into_par_iter(), |items| put_together(items.map(f).collect_vec_list()))
}

/// Does something with each item as [`for_each`](super::for_each) does, unless `context` stops.
///
/// # Errors
/// As [`try_parallel`]: some items have not been seen then.
///
/// # Panics
/// As [`parallel`](super::parallel).
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use gonex_core::{Context, Stop};
/// use gonex_runtime::compute;
///
/// let (context, canceller) = Context::current().with_cancel();
/// let sum = AtomicU32::new(0);
/// let add = |n| _ = sum.fetch_add(n, Ordering::Relaxed);
/// assert_eq!(compute::try_for_each(&context, 1..=100_u32, add), Ok(()));
/// assert_eq!(sum.load(Ordering::Relaxed), 5_050);
///
/// canceller.cancel("enough");
/// assert!(matches!(compute::try_for_each(&context, 1..=100_u32, add), Err(Stop::Cancelled(_))));
/// assert_eq!(sum.load(Ordering::Relaxed), 5_050);
/// ```
#[track_caller]
pub fn try_for_each<I, F>(context: &Context, items: I, f: F) -> Result<(), Stop>
where
    I: IntoParallelIterator,
    F: Fn(I::Item) + Send + Sync,
{
    check("`compute::try_for_each`");
    cut_in(context, items.into_par_iter(), |items| items.for_each(f))
}

/// Returns the items that a predicate is true of as [`filter`](super::filter) does, unless `context`
/// stops.
///
/// # Errors
/// As [`try_parallel`].
///
/// # Panics
/// As [`parallel`](super::parallel).
///
/// ```
/// use gonex_core::{Context, Stop};
/// use gonex_runtime::compute;
///
/// let (context, canceller) = Context::current().with_cancel();
/// assert_eq!(compute::try_filter(&context, vec![3, 1, 4], |n| *n > 2), Ok(vec![3, 4]));
/// canceller.cancel("enough");
/// let stopped = compute::try_filter(&context, vec![3, 1, 4], |n| *n > 2);
/// assert!(matches!(stopped, Err(Stop::Cancelled(_))));
/// ```
#[track_caller]
pub fn try_filter<I, P>(context: &Context, items: I, predicate: P) -> Result<Vec<I::Item>, Stop>
where
    I: IntoParallelIterator,
    P: Fn(&I::Item) -> bool + Send + Sync,
{
    check("`compute::try_filter`");
    let filtered = |items: CutIn<'_, I::Iter>| items.filter(predicate).collect_vec_list();
    cut_in(context, items.into_par_iter(), |items| put_together(filtered(items)))
}

/// Computes a result for each chunk of items as [`chunks`](super::chunks) does, unless `context` stops.
///
/// # Errors
/// As [`try_parallel`].
///
/// # Panics
/// As [`chunks`](super::chunks).
///
/// ```
/// use std::time::Duration;
/// use gonex_core::{Context, Stop};
/// use gonex_runtime::compute;
///
/// let sum = |chunk: &[i32]| chunk.iter().sum::<i32>();
/// let sums = compute::try_chunks(&Context::current(), &[1, 2, 3], 2, sum);
/// assert_eq!(sums, Ok(vec![3, 3]));
///
/// let late = Context::current().with_timeout(Duration::ZERO);
/// assert_eq!(compute::try_chunks(&late, &[1, 2, 3], 2, sum), Err(Stop::Timeout));
/// ```
#[track_caller]
pub fn try_chunks<T, F, R>(
    context: &Context,
    items: &[T],
    size: usize,
    f: F,
) -> Result<Vec<R>, Stop>
where
    T: Sync,
    F: Fn(&[T]) -> R + Send + Sync,
    R: Send,
{
    check("`compute::try_chunks`");
    check_size(size);
    cut_in(context, items.par_chunks(size), |chunks| put_together(chunks.map(f).collect_vec_list()))
}

/// Maps and reduces as [`map_reduce`](super::map_reduce()) does, unless `context` stops.
///
/// # Errors
/// As [`try_parallel`]; the initial value is dropped, too.
///
/// # Panics
/// As [`map_reduce`](super::map_reduce()).
///
/// ```
/// use std::time::Duration;
/// use gonex_core::{Context, Stop};
/// use gonex_runtime::compute;
///
/// let sum = |context: &Context| compute::try_map_reduce(context, 1..=3_u8, |n| n * n, |a, b| a + b, 0);
/// assert_eq!(sum(&Context::current()), Ok(14));
/// assert_eq!(sum(&Context::current().with_timeout(Duration::ZERO)), Err(Stop::Timeout));
/// ```
#[track_caller]
pub fn try_map_reduce<I, M, R, V>(
    context: &Context,
    items: I,
    map: M,
    reduce: R,
    initial: V,
) -> Result<V, Stop>
where
    I: IntoParallelIterator,
    M: Fn(I::Item) -> V + Send + Sync,
    R: Fn(V, V) -> V + Send + Sync,
    V: Send,
{
    check("`compute::try_map_reduce`");
    let whole = |items: CutIn<'_, I::Iter>| reduced(items.map(map), &reduce, initial);
    cut_in(context, items.into_par_iter(), whole)
}

/// What runs in a context and ends with it.
type CutIn<'a, I> = Cut<'a, Inherit<I>>;

/// Runs a computation over what `context` leaves of the items.
///
/// It is its own border: an operation in a closure that cannot fail unwinds to here when the context
/// stops it, be there a task around or not.
fn cut_in<I, T>(
    context: &Context,
    items: I,
    body: impl FnOnce(CutIn<'_, I>) -> T + Send,
) -> Result<T, Stop>
where
    I: ParallelIterator,
    T: Send,
{
    let progress = Progress::within(context);
    let ambient = Stop::inside_border(|| Ambient::of(context.clone()));
    let items = Cut::new(inherit_from(items, ambient.clone()), &progress);
    let whole = || on_worker(|| ambient.enter(|| body(items)));
    match panic::catch_unwind(AssertUnwindSafe(whole)) {
        Ok(output) => progress.stop().map_or(Ok(output), Err),
        Err(payload) => {
            Err(Stop::from_unwind(payload).unwrap_or_else(|payload| panic::resume_unwind(payload)))
        }
    }
}

fn put_together<T>(pieces: LinkedList<Vec<T>>) -> Vec<T> {
    let len = pieces.iter().map(Vec::len).sum();
    let mut whole = Vec::with_capacity(len);
    pieces.into_iter().for_each(|mut piece| whole.append(&mut piece));
    whole
}
