use std::future::Future;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use tokio::runtime::Handle;

use super::local::local;
use super::operation::operation;

/// Waits for a future on this thread, and returns what it yields.
///
/// The future may be one that cannot change threads, and may [`spawn_local`](super::spawn_local) others; it
/// runs in the current context. What it does with tokio (sockets, files, timers) it does on the
/// tokio runtime around, or else on that of the current [`Runtime`](crate::Runtime).
///
/// In a closure it waits as `.block()` does: the scheduler knows, and the pool does not starve.
///
/// # Panics
/// With what the future panics with. In a future, where it may not block: use `.await`. In a browser, where
/// nothing can wait. Where the ambient context stops before the future is ready, it unwinds to the border
/// of the task, and outside of tasks it panics; [`operation`](operation()) with a limit yields an error
/// instead.
///
/// ```
/// use gonex_runtime::aio;
///
/// let greeting = aio::block_on(async { "hello" });
/// assert_eq!(greeting, "hello");
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    gonex_core::rt::check_blocking_as("`aio::block_on`", "use `.await`");
    let whole = operation(local(future));
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    let tokio = tokio_around();
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    let _inside = tokio.as_ref().map(Handle::enter);
    whole.block()
}

/// The tokio runtime of the current runtime, where there is none around. It is asked where it polls, since
/// nobody else knows it.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn tokio_around() -> Option<Handle> {
    // A simulator polls futures without tokio.
    if Handle::try_current().is_ok() || gonex_core::rt::is_simulated() {
        return None;
    }
    // A runtime that has ended has none: then the future does without.
    crate::go(async { Handle::current() }).join().block().ok()
}
