use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Cause, Context, Kind, Op, Stop};
use gonex_task::{IntoTask, TaskError};

use super::join::values;
use super::spawn::GroupSpawn;
use super::{Group, OnFailure};
use crate::TryError;

/// A [`Group`] of tasks that may fail by themselves, with an error of type `E`.
///
/// The first that yields an error, or panics, or is lost, cancels the others.
///
/// ```
/// use gonex_runtime::{TryError, TryGroup};
///
/// let mut group = TryGroup::new();
/// for text in ["1", "two", "3"] {
///     group.spawn(move || text.parse::<u32>()).block();
/// }
/// assert!(matches!(group.wait().block(), Err(TryError::Failed(_) | TryError::Task(_))));
/// ```
#[derive(Debug)]
#[must_use = "dropping a group cancels its tasks"]
pub struct TryGroup<T, E> {
    group: Group<Result<T, E>>,
}

impl<T: Send + 'static, E: Send + 'static> TryGroup<T, E> {
    /// Makes a group in a child of the current context.
    pub fn new() -> Self {
        Self::within(&Context::current())
    }

    /// Makes a group in a child of a context.
    pub fn within(parent: &Context) -> Self {
        Self { group: Group::with_failure(parent, Result::is_err) }
    }

    /// As [`Group::limit`].
    ///
    /// # Panics
    /// As `Group::limit`.
    #[track_caller]
    pub fn limit(self, tasks: usize) -> Self {
        Self { group: self.group.limit(tasks) }
    }

    /// As [`Group::on_failure`]: values that are errors count as failures.
    ///
    /// # Panics
    /// As `Group::on_failure`.
    #[track_caller]
    pub fn on_failure(self, what: OnFailure) -> Self {
        Self { group: self.group.on_failure(what) }
    }

    /// Starts a task once there is a slot for it: see [`Group::spawn`].
    #[track_caller]
    pub fn spawn<M, W>(&self, work: W) -> Op<GroupSpawn<'_, Result<T, E>, W, M>>
    where
        W: IntoTask<M, Output = Result<T, E>>,
    {
        self.group.spawn(work)
    }

    /// Waits until all tasks have ended, and yields their values in order of start.
    ///
    /// # Cancel safety
    /// As [`Group::wait`].
    ///
    /// # Errors
    /// The failure that came first: [`TryError::Failed`] with a task's own error, or how one was lost,
    /// or the wait stopped.
    #[track_caller]
    pub fn wait(&mut self) -> Op<TryGroupWait<'_, T, E>> {
        Op::new(TryGroupWait { group: &mut self.group })
    }

    /// The context in which its tasks run.
    #[must_use]
    pub fn context(&self) -> &Context {
        self.group.context()
    }

    /// Asks all tasks to stop, and those that are started later.
    pub fn cancel(&self, cause: impl Into<Cause>) {
        self.group.cancel(cause);
    }

    /// How many tasks run or wait to be run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.group.running()
    }

    /// Lets the tasks go on without an owner.
    pub fn detach(self) {
        self.group.detach();
    }
}

impl<T: Send + 'static, E: Send + 'static> Default for TryGroup<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

/// The kind of [`TryGroup::wait`].
#[derive(Debug)]
pub struct TryGroupWait<'a, T, E> {
    group: &'a mut Group<Result<T, E>>,
}

impl<T, E> TryGroupWait<'_, T, E> {
    fn poll_with(&self, waker: &Waker) -> Poll<Result<Vec<T>, TryError<E>>> {
        let judge = |result| match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(TryError::Failed(error)),
            Err(lost) => Err(TryError::Task(lost)),
        };
        self.group.shared.poll_all(waker).map(|all| values(all, judge))
    }
}

impl<T, E> Kind for TryGroupWait<'_, T, E> {
    type Output = Result<Vec<T>, TryError<E>>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        self.poll_with(cx.waker())
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        match self.poll_with(Waker::noop()) {
            Poll::Ready(output) => output,
            Poll::Pending => Err(TaskError::from(stop).into()),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for all tasks of").of("a group")
    }
}

impl<T, E> Drop for TryGroupWait<'_, T, E> {
    fn drop(&mut self) {
        self.group.shared.forget_waker();
    }
}
