//! Work that comes back if a place lets go of it before it has begun.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use gonex_core::Context;
use gonex_core::primitive::{Mutex, lock};

use super::job::{EndableFuture, Job, Owned};
use super::task::{Task, Work};
use crate::handle::Spec;
use crate::{PanicHook, TaskError};

/// What becomes of a task that has come back, and how the place would have ended it.
type Back = Box<dyn FnOnce(Task, TaskError) + Send>;

/// A task that somebody may want to have back.
#[derive(Clone)]
pub(crate) struct Recalled {
    task: Arc<Mutex<Option<Task>>>,
}

impl Recalled {
    /// Takes the task back from a place that has handed it back itself; what that holds is empty then.
    pub(crate) fn take(&self) -> Option<Task> {
        lock(&self.task).take()
    }

    fn spec(&self) -> Spec {
        let spec = lock(&self.task).as_ref().map(Task::spec);
        spec.unwrap_or_else(|| Spec::new(Context::background()))
    }
}

/// Makes a task that runs this one, and hands it to `back` if a place ends or drops it before it has begun.
pub(crate) fn recalled(
    task: Task,
    back: impl FnOnce(Task, TaskError) + Send + 'static,
) -> (Task, Recalled) {
    let (priority, is_future) = (task.priority(), task.is_future());
    let recalled = Recalled { task: Arc::new(Mutex::new(Some(task))) };
    let (lent, back): (_, Back) = (recalled.clone(), Box::new(back));
    let work = if is_future {
        Work::Future(Box::pin(LentFuture { lent, back: Some(back), running: None }))
    } else {
        Work::Closure(Job::owned(Box::new(LentClosure { lent, back })))
    };
    (Task::of(work, priority), recalled)
}

struct LentClosure {
    lent: Recalled,
    back: Back,
}

impl Owned for LentClosure {
    fn run(self: Box<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        if let Some(task) = self.lent.take()
            && let Work::Closure(job) = task.into_work()
        {
            job.run(hook, ended);
        }
    }

    fn end(self: Box<Self>, error: TaskError) {
        let Self { lent, back } = *self;
        if let Some(task) = lent.take() {
            back(task, error);
        }
    }

    fn spec(&self) -> Spec {
        self.lent.spec()
    }
}

struct LentFuture {
    lent: Recalled,
    /// `None` once it has begun, or ended.
    back: Option<Back>,
    running: Option<Pin<Box<dyn EndableFuture + Send>>>,
}

impl LentFuture {
    fn come_back(&mut self, error: TaskError) {
        if let Some(back) = self.back.take()
            && let Some(task) = self.lent.take()
        {
            back(task, error);
        }
    }
}

impl Future for LentFuture {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        if self.back.take().is_some()
            && let Some(task) = self.lent.take()
            && let Work::Future(future) = task.into_work()
        {
            self.running = Some(future);
        }
        self.running.as_mut().map_or(Poll::Ready(()), |future| future.as_mut().poll(cx))
    }
}

impl EndableFuture for LentFuture {
    fn end(mut self: Pin<&mut Self>, error: TaskError) {
        match &mut self.running {
            Some(future) => future.as_mut().end(error),
            None => self.come_back(error),
        }
    }

    fn spec(&self) -> Spec {
        match &self.running {
            Some(future) => future.spec(),
            None => self.lent.spec(),
        }
    }
}

impl Drop for LentFuture {
    fn drop(&mut self) {
        self.come_back(TaskError::lost(false));
    }
}
