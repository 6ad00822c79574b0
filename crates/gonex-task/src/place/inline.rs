use std::num::NonZeroUsize;

use gonex_core::rt;

use super::{NotTaken, Place, Why};
use crate::PanicHook;
use crate::work::Task;

/// The place where a task runs at once, in the caller, before `go` returns.
///
/// What it ends with is with its handle then, also if it panicked: nothing it throws reaches the caller.
/// A closure may do what the caller may; one that waits for what the caller is to do next waits for
/// ever.
///
/// A future is driven to its end by blocking. Where the thread may not block, as inside another future or
/// in a browser, it is not taken, and its handle says [`TaskError::Refused`](crate::TaskError::Refused).
/// What it does with tokio needs a tokio runtime around the caller.
///
/// ```
/// use std::cell::Cell;
/// use gonex_task::TaskError;
/// use gonex_task::place::{Inline, PlaceExt};
///
/// thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });
/// let mut seven = Inline.go(|| {
///     CALLS.set(CALLS.get() + 1);
///     7
/// });
/// assert_eq!(CALLS.get(), 1, "it ran on this thread");
/// assert!(seven.is_finished());
/// assert_eq!(seven.join().block(), Ok(7));
///
/// let mut panicked = Inline.go(|| -> u32 { panic!("no sevens") });
/// assert!(matches!(panicked.join().block(), Err(TaskError::Panicked(panic)) if panic.message == "no sevens"));
///
/// // A future that would block the one around it.
/// let inside = async { Inline.go(async { 7 }).await };
/// let refused = Inline.go(inside).join().block();
/// assert!(matches!(refused, Ok(Err(TaskError::Refused { .. }))));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Inline;

impl Place for Inline {
    fn name(&self) -> &str {
        "inline"
    }

    /// One: what comes next runs when this has ended.
    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        if task.is_future() && !rt::may_block() {
            return Err(task.not_taken(
                Why::Refused,
                "inline, a future is driven by blocking, and this thread may not block; await it, or \
                 start it with `go`",
            ));
        }
        task.run(PanicHook::Untouched);
        Ok(())
    }
}
