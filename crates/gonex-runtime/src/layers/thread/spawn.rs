use gonex_task::Handle;

use super::builder::builder;

/// Runs a closure on a thread of its own: see the [module](super).
///
/// Cancelling the handle stops it where it next waits in an operation of gonex. Dropping the handle
/// detaches the thread, which ends with the process at the latest.
///
/// Joining yields `TaskError::Refused` where the system has no more threads; to be told that at
/// once, and why, take [`builder`].
///
/// ```
/// use std::time::Duration;
/// use gonex_core::rt;
/// use gonex_runtime::thread;
/// use gonex_task::TaskError;
///
/// let mut answer = thread::spawn(|| 6 * 7);
/// assert_eq!(answer.join().block()?, 42);
///
/// let mut service = thread::spawn(|| rt::sleep(Duration::from_secs(3600)).block());
/// service.cancel("enough");
/// assert!(matches!(service.join().block(), Err(TaskError::Cancelled(_))));
/// # Ok::<(), TaskError>(())
/// ```
#[track_caller]
pub fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> Handle<T> {
    builder().start(body).0
}
