use std::fmt;

use gonex_core::{Context, Instant, rt};
use gonex_task::handle::{Completer, Runner};
use gonex_task::{PanicHook, Spec, TaskError};

/// The number of a task among those of its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskNo(pub(crate) u64);

impl TaskNo {
    /// Makes one of a number; for who plays a pool in a test.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// A task for a worker: a job, and what it runs in. Its result goes back by the
/// [link](super::Link::ended).
///
/// Dropped, it says nothing; the pool ends the task when the worker is gone.
#[must_use = "a task that nobody runs has no end before its worker is gone"]
pub struct Assignment<J, R> {
    no: TaskNo,
    job: J,
    runner: Runner<R>,
    until: Option<Instant>,
    hook: PanicHook,
}

/// A task that a worker has run.
#[must_use = "the result goes back by the link of the worker"]
pub struct Finished<R> {
    pub(crate) no: TaskNo,
    pub(crate) began: Instant,
    pub(crate) runner: Option<Runner<R>>,
    pub(crate) result: Result<R, TaskError>,
}

impl<J, R: 'static> Assignment<J, R> {
    /// Makes one, for who plays a pool in a test; the other end of the task is its completer's.
    pub fn new(no: TaskNo, job: J, runner: Runner<R>) -> Self {
        Self { no, job, runner, until: None, hook: PanicHook::Quiet }
    }

    pub(crate) fn of_pool(mut self, until: Option<Instant>, hook: PanicHook) -> Self {
        (self.until, self.hook) = (until, hook);
        self
    }

    /// The number of the task.
    #[must_use]
    pub const fn no(&self) -> TaskNo {
        self.no
    }

    /// The job.
    #[must_use]
    pub const fn job(&self) -> &J {
        &self.job
    }

    /// When the time of the task is over, if it has a limit. The pool ends the task then, whatever the
    /// worker does.
    #[must_use]
    pub const fn until(&self) -> Option<Instant> {
        self.until
    }

    /// The context of the task: its deadline, whether it has been cancelled, its values.
    #[must_use]
    pub fn context(&self) -> Context {
        self.runner.context()
    }

    /// Runs the task here, by a function, in its context: a panic is a result, and a task that has been
    /// cancelled does not start.
    pub fn run(self, handler: impl FnOnce(J) -> R) -> Finished<R> {
        let Self { no, job, mut runner, until, hook } = self;
        let began = rt::now();
        let result = match until {
            None => runner.step(hook, || handler(job)),
            // What waits in it stops when its time is over.
            Some(until) => {
                runner.step(hook, || Context::current().with_deadline(until).run(|| handler(job)))
            }
        };
        Finished { no, began, runner: Some(runner), result }
    }

    /// Ends the task with an error of the worker, without running it here.
    pub fn fail(self, error: TaskError) -> Finished<R> {
        let Self { no, job, runner, hook, .. } = self;
        let began = rt::now();
        // What the job holds is the task's, and so are its destructors.
        runner.inside(hook, || drop(job)).ok();
        Finished { no, began, runner: Some(runner), result: Err(error) }
    }

    /// Takes it apart, for a worker that runs a future.
    pub(super) fn into_parts(self) -> (TaskNo, J, Runner<R>, Option<Instant>, PanicHook) {
        (self.no, self.job, self.runner, self.until, self.hook)
    }
}

impl<R> Finished<R> {
    /// A result that came from elsewhere, of a task whose assignment is gone.
    pub fn new(no: TaskNo, began: Instant, result: Result<R, TaskError>) -> Self {
        Self { no, began, runner: None, result }
    }

    /// The same, of a task that began at another time: for workers whose time is simulated.
    pub fn since(mut self, began: Instant) -> Self {
        self.began = began;
        self
    }

    /// The number of the task.
    #[must_use]
    pub const fn no(&self) -> TaskNo {
        self.no
    }

    /// How it ended.
    pub const fn result(&self) -> &Result<R, TaskError> {
        &self.result
    }
}

impl<J, R> fmt::Debug for Assignment<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assignment").field("no", &self.no).finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Finished<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finished")
            .field("no", &self.no)
            .field("is_ok", &self.result.is_ok())
            .finish_non_exhaustive()
    }
}

/// Makes a task for a worker that somebody plays a pool for, and the end of it that the player keeps.
impl<J, R: Send + 'static> Assignment<J, R> {
    /// Makes a task without a pool: the assignment, and what would write its result.
    ///
    /// ```
    /// use gonex_runtime::pool::kind::{Assignment, TaskNo};
    ///
    /// let (assignment, _completer) = Assignment::alone(TaskNo::new(1), 20);
    /// assert_eq!(assignment.run(|n| n + 1).result(), &Ok(21));
    /// ```
    #[track_caller]
    pub fn alone(no: TaskNo, job: J) -> (Self, Completer<R>) {
        let (completer, _handle) = gonex_task::handle::pair(Spec::new(Context::background()));
        let (runner, completer) = completer.split();
        (Self::new(no, job, runner), completer)
    }
}
