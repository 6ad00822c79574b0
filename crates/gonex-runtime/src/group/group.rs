use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use gonex_core::context::Deferred;
use gonex_core::{Cause, Context, Op};
use gonex_sync::Semaphore;
use gonex_task::IntoTask;

use super::join::{GroupNext, GroupWait, GroupWaitEach};
use super::shared::Shared;
use super::spawn::{GroupSpawn, start};

/// What becomes of the other tasks of a group when one fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// They are cancelled, and so is whatever is started later.
    #[default]
    CancelRest,
    /// They go on: for those who collect all results, good or bad.
    Continue,
}

/// Tasks with one owner: started one by one, in one context, and ended with it.
///
/// Each task runs in a child of the context in which the group was made. The first that fails, by a
/// panic, a cancellation or a loss, cancels the others, unless [`on_failure`](Self::on_failure) says
/// otherwise. Dropping the group cancels all; [`detach`](Self::detach) lets them go on. A task that
/// never meets a gonex operation runs to its end all the same: only [`scope`](crate::scope()) waits
/// for that.
///
/// Results are kept in order of start until they are waited for, so a group that runs for long should
/// take them out with [`next`](Self::next).
///
/// ```
/// use gonex_runtime::Group;
///
/// # fn main() -> Result<(), gonex_task::TaskError> {
/// let mut group = Group::new().limit(2);
/// for n in 1..=4 {
///     group.spawn(move || n * n).block();
/// }
/// assert_eq!(group.wait().block()?, [1, 4, 9, 16]);
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping a group cancels its tasks"]
pub struct Group<T> {
    pub(super) shared: Arc<Shared<T>>,
    pub(super) slots: Option<Arc<Semaphore>>,
    is_failure: fn(&T) -> bool,
    on_failure: OnFailure,
    detached: bool,
}

impl<T> fmt::Debug for Group<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("running", &self.shared.running())
            .field("kept", &self.shared.len())
            .field("limit", &self.slots.as_ref().map(|slots| slots.capacity()))
            .finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Group<T> {
    /// Makes a group in a child of the current context.
    pub fn new() -> Self {
        Self::within(&Context::current())
    }

    /// Makes a group in a child of a context.
    pub fn within(parent: &Context) -> Self {
        Self::with_failure(parent, |_| false)
    }

    /// Makes a group in which some values count as failures.
    pub(super) fn with_failure(parent: &Context, is_failure: fn(&T) -> bool) -> Self {
        let context = Deferred::child_of(parent.clone());
        let on_failure = OnFailure::default();
        let shared = Arc::new(Shared::new(context, on_failure, is_failure));
        Self { shared, slots: None, is_failure, on_failure, detached: false }
    }

    /// How many of its tasks may run at once: [`spawn`](Self::spawn) waits for a slot. Without this,
    /// as many as there are.
    ///
    /// # Panics
    /// If the limit is 0, or a task has been started.
    ///
    /// ```
    /// use gonex_runtime::Group;
    ///
    /// let group: Group<()> = Group::new().limit(2);
    /// let (sender, receiver) = gonex_sync::channel::<()>(0);
    /// for _ in 0..2 {
    ///     let receiver = receiver.clone();
    ///     group.spawn(move || drop(receiver.recv().block())).block();
    /// }
    /// assert!(group.try_spawn(|| ()).is_err(), "both slots are taken");
    /// drop(sender);
    /// ```
    #[track_caller]
    pub fn limit(mut self, tasks: usize) -> Self {
        let tasks = NonZeroUsize::new(tasks);
        let tasks =
            tasks.expect("a group with a limit of 0 would never start a task: say 1 or more");
        assert_eq!(self.shared.len(), 0, "a group gets its limit before its first task");
        self.slots = Some(Arc::new(Semaphore::new(tasks.get())));
        self
    }

    /// What becomes of the others when one fails; by default they are cancelled.
    ///
    /// # Panics
    /// If a task has been started.
    #[track_caller]
    pub fn on_failure(mut self, what: OnFailure) -> Self {
        assert_eq!(self.shared.len(), 0, "a group is told before its first task");
        let context = Deferred::from(self.shared.canceller().clone());
        self.on_failure = what;
        self.shared = Arc::new(Shared::new(context, what, self.is_failure));
        self
    }

    /// Starts a task, a closure or a future, once there is a slot for it; yields its number, from 0.
    ///
    /// In a group that has been cancelled it is not run, and its result says so.
    ///
    /// # Cancel safety
    /// Dropping the operation drops the task, which has not started; so does reaching a limit.
    ///
    /// ```
    /// use gonex_runtime::Group;
    ///
    /// let mut group = Group::new();
    /// assert_eq!(group.spawn(|| "first").block(), 0);
    /// assert_eq!(group.spawn(async { "second" }).block(), 1);
    /// assert_eq!(group.wait().block(), Ok(vec!["first", "second"]));
    /// ```
    #[track_caller]
    pub fn spawn<M, W: IntoTask<M, Output = T>>(&self, work: W) -> Op<GroupSpawn<'_, T, W, M>> {
        Op::new(GroupSpawn::new(self, work))
    }

    /// Starts a task if there is a slot for it now.
    ///
    /// # Errors
    /// Gives the work back if there is none.
    #[track_caller]
    pub fn try_spawn<M, W: IntoTask<M, Output = T>>(&self, work: W) -> Result<usize, W> {
        let origin = std::panic::Location::caller();
        match &self.slots {
            None => Ok(start(self, work, None, origin)),
            Some(slots) => match slots.try_acquire_owned(1) {
                Ok(slot) => Ok(start(self, work, Some(slot), origin)),
                Err(_) => Err(work),
            },
        }
    }

    /// Waits until all tasks have ended, and yields their values in order of start.
    ///
    /// # Cancel safety
    /// Dropping the operation, or reaching a limit, leaves the tasks running and their results with
    /// the group, which can be waited for again.
    ///
    /// # Errors
    /// The failure that came first. A limit yields its own error.
    #[track_caller]
    pub fn wait(&mut self) -> Op<GroupWait<'_, T>> {
        Op::new(GroupWait { group: self })
    }

    /// Waits until all tasks have ended, and yields how each did, in order of start.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Errors
    /// Only when the wait itself was stopped.
    ///
    /// ```
    /// use gonex_runtime::{Group, OnFailure};
    ///
    /// let mut group = Group::new().on_failure(OnFailure::Continue);
    /// group.spawn(|| 1).block();
    /// group.spawn(|| panic!("no")).block();
    /// group.spawn(|| 3).block();
    /// let each = group.wait_each().block().unwrap();
    /// assert_eq!((&each[0], &each[2]), (&Ok(1), &Ok(3)));
    /// assert!(each[1].is_err());
    /// ```
    #[track_caller]
    pub fn wait_each(&mut self) -> Op<GroupWaitEach<'_, T>> {
        Op::new(GroupWaitEach { group: self })
    }

    /// Waits for the task that started first among those whose result has not been taken: called
    /// again and again, it yields all in order, each as soon as it and those before it have ended.
    /// `None` when there is none left.
    ///
    /// # Cancel safety
    /// Dropping the operation leaves the result with the group.
    ///
    /// # Errors
    /// How the task ended without a value. A limit yields its own error.
    ///
    /// ```
    /// use gonex_runtime::Group;
    ///
    /// let mut group = Group::new();
    /// for n in 0..3 {
    ///     group.spawn(move || n).block();
    /// }
    /// let mut sum = 0;
    /// while let Some(n) = group.next().block().unwrap() {
    ///     sum += n;
    /// }
    /// assert_eq!(sum, 3);
    /// ```
    #[track_caller]
    #[expect(clippy::should_implement_trait, reason = "it yields an operation")]
    pub fn next(&mut self) -> Op<GroupNext<'_, T>> {
        Op::new(GroupNext { group: self })
    }
}

impl<T> Group<T> {
    /// The context in which its tasks run.
    #[must_use]
    pub fn context(&self) -> &Context {
        self.shared.canceller().context()
    }

    /// Asks all tasks to stop, and those that are started later.
    pub fn cancel(&self, cause: impl Into<Cause>) {
        self.shared.canceller().cancel(cause);
    }

    /// How many tasks run or wait to be run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.running()
    }

    /// Lets the tasks go on without an owner.
    pub fn detach(mut self) {
        self.detached = true;
    }
}

impl<T: Send + 'static> Default for Group<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Group<T> {
    fn drop(&mut self) {
        if !self.detached {
            self.cancel("the group was dropped");
        }
    }
}
