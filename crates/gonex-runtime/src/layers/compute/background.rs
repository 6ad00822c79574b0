use std::sync::atomic::{AtomicUsize, Ordering};

use gonex_core::rt;
use gonex_task::Handle;

use super::pool::spawn;
use super::stall;
use crate::layers::task::Whole;

/// So many computations can wait in the background to be begun; one more is refused.
///
/// ```
/// use gonex_runtime::compute;
///
/// assert_eq!(compute::MAX_QUEUED, 1_048_576);
/// ```
pub const MAX_QUEUED: usize = 1 << 20;

/// Those that wait, in all pools.
static QUEUED: AtomicUsize = AtomicUsize::new(0);

/// Starts a computation on the workers and returns at once; async code awaits the handle.
///
/// What the closure calls of [`compute`](super) divides itself over the same workers. Its context is a child
/// of the one that is current here, as that of [`go`](crate::go). Called on a worker of a rayon pool it
/// belongs to that pool; to wait for it there parks the worker, for which [`join`](super::join()) is better.
///
/// The handle's [`is_finished`](Handle::is_finished) tells whether the result is there. Joining yields
/// `TaskError::Refused` where [`MAX_QUEUED`] others wait to be begun.
///
/// # Panics
/// If the system has no threads for the workers.
///
/// ```
/// use gonex_runtime::{compute, go};
///
/// let mut task = go(async {
///     let data: Vec<u64> = (1..=1_000).collect();
///     compute::background(move || compute::map_reduce(data, |x| x * x, |a, b| a + b, 0)).await
/// });
/// assert_eq!(task.join().block()??, 333_833_500);
/// # Ok::<(), gonex_task::TaskError>(())
/// ```
#[track_caller]
pub fn background<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> Handle<T> {
    let (work, handle) = Whole::new(None, body);
    if rt::is_simulated() {
        // Whoever joins it must see it end at a step, and rayon's threads know of none. Without a thread
        // the work is dropped, and its handle says that it is lost.
        rt::spawn_thread("background".to_owned(), || work.run()).ok();
        return handle;
    }
    // Relaxed: the number stands for itself.
    if QUEUED.fetch_add(1, Ordering::Relaxed) >= MAX_QUEUED {
        QUEUED.fetch_sub(1, Ordering::Relaxed);
        work.refuse("too many computations wait in the background; wait for some before the next");
        return handle;
    }
    spawn(move || {
        QUEUED.fetch_sub(1, Ordering::Relaxed);
        stall::watched(|| work.run());
    });
    handle
}
