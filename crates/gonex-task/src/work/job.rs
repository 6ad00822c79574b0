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
pub enum Work {
    /// Call it.
    Closure(ClosureWork),
    /// Poll it to its end; yields whether the task ended with a result.
    Future(Pin<Box<dyn Future<Output = bool> + Send>>),
}

/// A closure as a scheduler calls it, once: to run the task, or to end it without running. Says
/// whether the task ended with a result.
pub type ClosureWork = Box<dyn FnOnce(Verdict) -> bool + Send>;

/// What becomes of a closure that was handed in.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It is run; what is done about a panic stands beside.
    Run(PanicHook),
    /// It never will be, and its handle says this.
    End(TaskError),
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
                Verdict::Run(hook) => completer.run(hook, body),
                Verdict::End(error) => {
                    completer.complete(Err(error));
                    false
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
