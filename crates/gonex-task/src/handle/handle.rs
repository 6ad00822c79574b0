use std::fmt;
use std::future::IntoFuture;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use gonex_core::{Cause, Op};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use tokio::task::JoinHandle;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use super::awaited::{Awaited, OnTokio};
use super::cell::{Cell, Ending, TaskId};
use super::completer::Completer;
use super::join::Join;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use super::returned::Returned;
use super::spec::Spec;
use crate::TaskError;

/// The way to the result of a task.
///
/// `handle.await` waits in async code and `handle.join().block()` on a thread; both take limits,
/// see [`Op`]. Dropping a handle detaches the task: it goes on, and its result is dropped, by the
/// task or with the handle if it is there already. A panic of that is left to the panic hook.
#[must_use = "dropping a handle detaches the task; say so with `.detach()`"]
pub struct Handle<T> {
    pub(super) way: Way<T>,
}

/// Where the result is.
pub(super) enum Way<T> {
    /// In what the handle and the task share.
    Shared(Arc<dyn Ending<T>>),
    /// In tokio's task.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    Tokio(OnTokio<T>),
}

// What it leads to is whole between any two steps: no user code runs under its lock.
impl<T> UnwindSafe for Handle<T> {}
impl<T> RefUnwindSafe for Handle<T> {}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("origin", &format_args!("{}", self.origin()))
            .field("finished", &self.is_finished())
            .finish()
    }
}

/// Makes the two ends of a task; for schedulers.
pub fn pair<T: Send + 'static>(spec: Spec) -> (Completer<T>, Handle<T>) {
    let cell = Arc::new(Cell::new(spec));
    let handle = Handle::new(cell.clone());
    (Completer::to_cell(cell), handle)
}

impl<T> Handle<T> {
    pub(crate) fn new(ending: Arc<dyn Ending<T>>) -> Self {
        Self { way: Way::Shared(ending) }
    }

    /// That of a task whose result tokio keeps.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(crate) fn of_tokio(awaited: Awaited, task: JoinHandle<Returned<T>>) -> Self {
        Self { way: Way::Tokio(OnTokio::new(awaited, task)) }
    }

    /// Waits for the task to end.
    ///
    /// A handle whose join was stopped by a limit can be joined again: the result is not lost.
    ///
    /// # Cancel safety
    /// Dropping the operation leaves the result with the handle.
    ///
    /// # Errors
    /// The operation yields how the task ended without a result; [`TaskError::Timeout`] and
    /// [`TaskError::Cancelled`] also when the wait, and not the task, was stopped; and
    /// [`TaskError::AlreadyJoined`] after a join that took the result.
    #[track_caller]
    pub fn join(&mut self) -> Op<Join<'_, T>> {
        Op::new(Join::borrowed(self))
    }

    /// Asks the task to stop, with a cause: one that has not started never will, a future is dropped at its
    /// next await, and a closure is stopped by the next gonex operation that has to wait.
    pub fn cancel(&self, cause: impl Into<Cause>) {
        match &self.way {
            Way::Shared(ending) => {
                ending.cell().context.canceller().cancel(cause);
                ending.asked_to_stop();
            }
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            Way::Tokio(task) => task.cancel(cause),
        }
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match &self.way {
            Way::Shared(ending) => ending.cell().slot.is_written(),
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            Way::Tokio(task) => task.is_finished(),
        }
    }

    /// The task's number.
    #[must_use]
    pub fn id(&self) -> TaskId {
        match &self.way {
            Way::Shared(ending) => ending.cell().head.id,
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            Way::Tokio(task) => task.id(),
        }
    }

    /// The task's name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.shared_name().map(|name| &**name)
    }

    pub(super) fn shared_name(&self) -> Option<&Arc<str>> {
        match &self.way {
            Way::Shared(ending) => ending.cell().head.name(),
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            Way::Tokio(task) => task.name(),
        }
    }

    /// Where the task was handed in.
    pub(super) fn origin(&self) -> &'static Location<'static> {
        match &self.way {
            Way::Shared(ending) => ending.cell().head.origin,
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            Way::Tokio(task) => task.origin(),
        }
    }

    /// Lets the task go on without anyone waiting for it.
    pub fn detach(self) {}
}

impl<T: 'static> IntoFuture for Handle<T> {
    type Output = Result<T, TaskError>;
    type IntoFuture = Op<Join<'static, T>>;

    #[track_caller]
    fn into_future(self) -> Self::IntoFuture {
        Op::new(Join::owned(self))
    }
}
