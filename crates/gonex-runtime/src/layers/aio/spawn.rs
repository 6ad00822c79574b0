use std::future::Future;

use gonex_task::Handle;

use crate::go;

/// Starts a future on the async runtime and returns at once: [`go`] under the name that says what it takes.
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
///
/// ```
/// use gonex_runtime::aio;
///
/// let mut greeting = aio::spawn(async { "hello" });
/// assert_eq!(greeting.join().block()?, "hello");
/// # Ok::<(), gonex_task::TaskError>(())
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> Handle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    go(future)
}

/// Starts a closure that blocks, on the threads for closures, and returns at once: what a future hands
/// over that it must not do itself.
///
/// It is [`go`] under another name: closures may always block. For long computations
/// `compute::background` is better, for what blocks for ever a thread of its own.
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
///
/// ```
/// use gonex_runtime::aio;
///
/// let lines = aio::block_on(async {
///     aio::spawn_blocking(|| std::fs::read_to_string("Cargo.toml").map(|text| text.lines().count())).await
/// });
/// assert!(lines??  > 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn spawn_blocking<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> Handle<T> {
    go(body)
}
