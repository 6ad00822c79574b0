use std::fmt;
use std::future::Future;
use std::pin::Pin;

use gonex_core::Context;

use super::future::TaskFuture;
use super::into_task::Task;
use crate::handle::{Completer, Handle, pair};
use crate::{PanicHook, TaskError};

/// A task with its result's way back, types hidden: what a scheduler queues.
///
/// Dropped without being run, it tells its handle so.
pub struct Job {
    work: Work,
}

/// How a [`Job`] wants to be run.
#[non_exhaustive]
pub enum Work {
    /// Call it.
    Closure(ClosureWork),
    /// Poll it to its end, or end it.
    Future(FutureWork),
}

/// A closure as a scheduler calls it, once: to run the task, or to end it without running.
pub type ClosureWork = Box<dyn FnOnce(Verdict<'_>) + Send>;

/// A future as a scheduler polls it.
pub type FutureWork = Pin<Box<dyn EndableFuture>>;

/// A task that is a future and can be ended from outside.
pub trait EndableFuture: Future<Output = ()> + Send {
    /// Drops the future, and has its handle say why.
    fn end(self: Pin<&mut Self>, error: TaskError);
}

/// What becomes of a closure that was handed in.
#[non_exhaustive]
pub enum Verdict<'a> {
    /// It is run.
    Run {
        /// What is done about a panic.
        hook: PanicHook,
        /// Is told whether the task ended with a result, before anyone can see that.
        ended: &'a dyn Fn(bool),
    },
    /// It never will be, and its handle says this.
    End(TaskError),
}

impl fmt::Debug for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { hook, .. } => f.debug_tuple("Run").field(hook).finish(),
            Self::End(error) => f.debug_tuple("End").field(error).finish(),
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closure(_) => "Work::Closure",
            Self::Future(_) => "Work::Future",
        })
    }
}

impl Job {
    /// Makes a job and its handle. The task's context is a child of `parent`; `hook` is what
    /// becomes of panics in a future, a closure is told when it runs.
    #[track_caller]
    pub fn new<T: Send + 'static>(
        task: Task<T>,
        parent: &Context,
        hook: PanicHook,
    ) -> (Self, Handle<T>) {
        let (completer, handle) = pair(parent);
        (Self::from_parts(task, completer, hook), handle)
    }

    /// Makes a job of a task and the end that takes its result.
    #[must_use]
    pub fn from_parts<T: Send + 'static>(
        task: Task<T>,
        completer: Completer<T>,
        hook: PanicHook,
    ) -> Self {
        let work = match task {
            Task::Closure(body) => Work::Closure(Box::new(move |verdict| match verdict {
                Verdict::Run { hook, ended } => completer.run(hook, body, ended),
                Verdict::End(error) => {
                    completer.inside(hook, || drop(body)).ok();
                    completer.complete(Err(error));
                }
            })),
            Task::Future(future) => {
                Work::Future(Box::pin(TaskFuture::new(future, completer, hook)))
            }
        };
        Self { work }
    }

    /// Takes the work out, to be run.
    #[must_use]
    pub fn into_work(self) -> Work {
        self.work
    }
}
