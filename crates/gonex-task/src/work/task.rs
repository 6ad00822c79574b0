use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::Poll;

use gonex_core::primitive::{Mutex, lock};
use gonex_core::rt::{self, Blocked};

use super::into_task::IntoTask;
use super::job::{EndableFuture, Job};
use crate::handle::{Handle, Priority, Spec, TaskOptions};
use crate::place::{NotTaken, Place, Why};
use crate::portable::PortableTask;
use crate::{PanicHook, TaskError};

/// A task on its way to where it runs: what a [`Place`] takes.
///
/// It is run once, ended once, or handed on, and there is no way to run it again. Dropped, it tells its
/// handle that it is lost.
///
/// ```
/// use gonex_task::{PanicHook, TaskError, TaskOptions};
/// use gonex_task::work::Task;
///
/// let (task, mut handle) = Task::new(|| 2 + 2, &TaskOptions::new().name("adder"));
/// assert_eq!(task.spec().name.as_deref(), Some("adder"));
/// task.run(PanicHook::Untouched);
/// assert_eq!(handle.join().block(), Ok(4));
///
/// let (task, mut handle) = Task::new(|| 2 + 2, &TaskOptions::new());
/// drop(task);
/// assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: false, .. })));
/// ```
///
/// To run it twice does not compile:
///
/// ```compile_fail,E0382
/// use gonex_task::{PanicHook, TaskOptions};
/// use gonex_task::work::Task;
///
/// let (task, _handle) = Task::new(|| 2 + 2, &TaskOptions::new());
/// task.run(PanicHook::Untouched);
/// task.run(PanicHook::Untouched);
/// ```
#[must_use = "a task that is dropped is lost"]
pub struct Task {
    work: Work,
    priority: Priority,
}

/// What there is to do.
///
/// What is a portable call is one of the two as well, for places that share the caller's memory; others ask
/// for it by [`Task::into_call`]. Other closures and futures can only be run by this process. A place that
/// cannot take what it is handed hands it back: see [`Task::not_taken`].
#[non_exhaustive]
pub enum Work {
    /// A closure, to be [run](Job::run).
    Closure(Job),
    /// A future, to be polled to its end.
    Future(Pin<Box<dyn EndableFuture + Send>>),
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closure(_) => "Closure",
            Self::Future(_) => "Future",
        })
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("work", &self.work)
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}

impl Task {
    /// Makes a task of a closure or a future, and its handle, without handing it in anywhere yet.
    #[track_caller]
    pub fn new<M, W: IntoTask<M>>(work: W, options: &TaskOptions) -> (Self, Handle<W::Output>) {
        let desk = Desk(Mutex::new(None));
        let handle = work.start(options.spec(), &desk);
        let task = desk.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        (task.expect("work hands in its task"), handle)
    }

    /// Makes a task of work that has its result's way back.
    pub fn of(work: Work, priority: Priority) -> Self {
        Self { work, priority }
    }

    /// When it is run, compared to others that wait.
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// Whether it is a future.
    #[must_use]
    pub fn is_future(&self) -> bool {
        matches!(self.work, Work::Future(_))
    }

    /// What is known of it: name, priority, where it was handed in. The context is its own: it tells the
    /// deadline, and whether the task has been cancelled meanwhile.
    #[must_use]
    pub fn spec(&self) -> Spec {
        let spec = match &self.work {
            Work::Closure(job) => job.spec(),
            Work::Future(future) => future.spec(),
        };
        Spec { priority: self.priority, ..spec }
    }

    /// What there is to do, for a place that runs futures otherwise than closures.
    pub fn into_work(self) -> Work {
        self.work
    }

    /// Whether it is a portable call, which can run in another process.
    ///
    /// ```
    /// use gonex_task::{Task, TaskOptions, task};
    ///
    /// #[task(crate = gonex_task)]
    /// fn double(n: u32) -> u32 {
    ///     2 * n
    /// }
    ///
    /// let (task, _handle) = Task::new(double::call(21), &TaskOptions::new());
    /// assert!(task.is_portable());
    /// let (task, _handle) = Task::new(|| 42, &TaskOptions::new());
    /// assert!(!task.is_portable());
    /// ```
    #[must_use]
    pub fn is_portable(&self) -> bool {
        match &self.work {
            Work::Closure(job) => job.is_call(),
            Work::Future(future) => future.is_call(),
        }
    }

    /// The portable call that it is, for a place that sends it elsewhere.
    ///
    /// # Errors
    /// The task itself, if it is none, or has begun.
    pub fn into_call(self) -> Result<PortableTask, Self> {
        let Self { work, priority } = self;
        match work {
            Work::Closure(job) => {
                job.into_call().map_err(|job| Self { work: Work::Closure(job), priority })
            }
            Work::Future(mut future) => {
                let call = future.as_mut().take_call();
                call.ok_or_else(|| Self { work: Work::Future(future), priority })
            }
        }
    }

    /// The same, for a place that runs nothing but calls: what is none is handed back, with the reason.
    ///
    /// # Errors
    /// The task itself, if it is no call.
    pub fn require_call(self) -> Result<PortableTask, NotTaken> {
        self.into_call().map_err(|task| {
            task.not_taken(
                Why::Refused,
                "a closure or a future runs only where it shares memory with its caller; make it a \
                 function with `#[gonex::task]`, and hand in a call of that",
            )
        })
    }

    /// Runs it here: calls the closure, or drives the future to its end by blocking. `hook` is what is
    /// done about a panic of a closure; a future has been told.
    ///
    /// A task that has been cancelled meanwhile does not start. Nothing that the work throws gets out.
    ///
    /// # Panics
    /// For a future, where this thread [may not block](rt::may_block). The task is lost then.
    pub fn run(self, hook: PanicHook) {
        match self.work {
            Work::Closure(job) => job.run(hook, &|_| ()),
            Work::Future(mut future) => rt::block(|cx| match future.as_mut().poll(cx) {
                Poll::Ready(()) => Blocked::Done(()),
                Poll::Pending => Blocked::Until(None),
            }),
        }
    }

    /// Drops the work, and has its handle say why.
    pub fn end(self, error: TaskError) {
        match self.work {
            Work::Closure(job) => job.end(error),
            Work::Future(mut future) => future.as_mut().end(error),
        }
    }

    /// Hands it back, with the reason and what would help; for places.
    pub fn not_taken(self, why: Why, reason: impl Into<Cow<'static, str>>) -> NotTaken {
        NotTaken::new(self, why, reason.into())
    }
}

/// The place where a task is left that is not handed in yet.
struct Desk(Mutex<Option<Task>>);

impl Place for Desk {
    fn name(&self) -> &str {
        "desk"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        *lock(&self.0) = Some(task);
        Ok(())
    }
}
