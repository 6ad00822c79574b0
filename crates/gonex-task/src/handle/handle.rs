use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gonex_core::{Canceller, Cause, Context, Op};

use super::completer::Completer;
use super::join::Join;
use super::slot::Slot;
use crate::TaskError;

/// A number that tells the tasks of a process apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

impl TaskId {
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What both ends of a task share.
#[derive(Debug)]
pub(super) struct Shared<T> {
    pub(super) slot: Slot<Result<T, TaskError>>,
    pub(super) id: TaskId,
    /// Where the task was handed in.
    pub(super) origin: &'static Location<'static>,
}

/// The way to the result of a task.
///
/// `handle.await` waits in async code and `handle.join().block()` on a thread; both take limits,
/// see [`Op`]. Dropping a handle detaches the task: it goes on, and its result is dropped, by the
/// task or with the handle if it is there already. A panic of that is left to the panic hook.
#[must_use = "dropping a handle detaches the task; say so with `.detach()`"]
pub struct Handle<T> {
    pub(super) shared: Arc<Shared<T>>,
    canceller: Canceller,
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("id", &self.shared.id)
            .field("origin", &format_args!("{}", self.shared.origin))
            .field("finished", &self.is_finished())
            .finish()
    }
}

/// Makes the two ends of a task whose context is a child of `parent`; for schedulers.
#[track_caller]
pub fn pair<T>(parent: &Context) -> (Completer<T>, Handle<T>) {
    let (context, canceller) = parent.with_cancel();
    let origin = Location::caller();
    let shared = Arc::new(Shared { slot: Slot::new(), id: TaskId::next(), origin });
    let handle = Handle { shared: shared.clone(), canceller };
    (Completer::to_handle(shared, context), handle)
}

impl<T> Handle<T> {
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
        self.canceller.cancel(cause);
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.shared.slot.is_written()
    }

    /// The task's number.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.shared.id
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
