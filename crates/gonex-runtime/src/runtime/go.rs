use gonex_core::{Context, Op};
use gonex_task::{Handle, IntoTask, IntoTasks, Spec, TaskOptions};

use super::threads::Threads;

/// Starts a task on the [current runtime](crate::Runtime::current): see
/// [`Runtime::go`](crate::Runtime::go).
///
/// ```
/// use gonex_runtime::go;
///
/// # fn main() -> Result<(), gonex_task::TaskError> {
/// let mut answer = go(|| 6 * 7);
/// assert_eq!(answer.join().block()?, 42);
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
#[track_caller]
pub fn go<M, W: IntoTask<M>>(work: W) -> Handle<W::Output> {
    work.start(Spec::new(Context::current()), &Threads)
}

/// Starts a task with options on the [current runtime](crate::Runtime::current): see
/// [`Runtime::go`](crate::Runtime::go).
///
/// ```
/// use gonex_runtime::go_with;
/// use gonex_task::{Priority, TaskOptions};
///
/// let options = TaskOptions::new().name("parser").priority(Priority::LOW);
/// let mut parser = go_with(&options, || "4".parse::<u8>());
/// assert_eq!(parser.name(), Some("parser"));
/// assert_eq!(parser.join().block(), Ok(Ok(4)));
/// ```
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
#[track_caller]
pub fn go_with<M, W: IntoTask<M>>(options: &TaskOptions, work: W) -> Handle<W::Output> {
    work.start(options.spec(), &Threads)
}

/// Starts a task that nobody will wait for on the [current runtime](crate::Runtime::current): see
/// [`Runtime::go_detached`](crate::Runtime::go_detached).
///
/// ```
/// use gonex_runtime::go_detached;
/// use gonex_sync::channel;
///
/// let (sender, receiver) = channel(1);
/// go_detached(async move { sender.send(7).await });
/// assert_eq!(receiver.recv().block(), Ok(7));
/// ```
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
#[track_caller]
pub fn go_detached<M, W: IntoTask<M>>(work: W) {
    work.start_detached(Spec::new(Context::current()), &Threads);
}

/// Starts many tasks on the [current runtime](crate::Runtime::current) and waits for all: see
/// [`Runtime::go_all`](crate::Runtime::go_all).
///
/// ```
/// use gonex_runtime::go_all;
///
/// # fn main() -> Result<(), gonex_task::TaskError> {
/// let squares = go_all((1..=3).map(|n| move || n * n)).block()?;
/// assert_eq!(squares, [1, 4, 9]);
///
/// let (sum, word) = go_all((|| 1 + 2, async { "three" })).block()?;
/// assert_eq!((sum, word), (3, "three"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The operation yields the first failure: see [`Runtime::go_all`](crate::Runtime::go_all).
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
#[track_caller]
pub fn go_all<M, W: IntoTasks<M>>(work: W) -> Op<W::Joined> {
    work.start(Spec::new(Context::current()), &Threads)
}
