use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use gonex_core::Context;
use gonex_core::context::Deferred;
use gonex_core::primitive::{Mutex, lock};
use gonex_core::telemetry::TaskTrace;

use crate::handle::{Cell, Completer, Ending, Handle, Spec};
use crate::{PanicHook, TaskError};

/// A closure with its result's way back, types hidden: what a scheduler queues.
///
/// It takes two words. Dropped without being run, it tells its handle that the task is lost.
///
/// ```
/// use gonex_core::Context;
/// use gonex_task::{Job, PanicHook, Spec, TaskError};
///
/// let (job, mut handle) = Job::new(|| 2 + 2, Spec::new(Context::current()));
/// job.run(PanicHook::Untouched, &|completed| assert!(completed));
/// assert_eq!(handle.join().block(), Ok(4));
///
/// let (job, mut handle) = Job::new(|| 2 + 2, Spec::new(Context::current()));
/// drop(job);
/// assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: false, .. })));
/// ```
pub type Job = ScopedJob<'static>;

/// A [`Job`] that may borrow, for as long as `'a`.
///
/// Schedulers take only those that borrow nothing.
pub struct ScopedJob<'a>(
    /// `None` only while it goes.
    Option<Arc<dyn Runnable + 'a>>,
);

/// What a job is to a scheduler.
trait Runnable: Send + Sync {
    /// Runs the closure; only the first call does, or the first end.
    fn run(self: Arc<Self>, hook: PanicHook, ended: &dyn Fn(bool));

    /// Drops the closure, and has its handle say why.
    fn end(self: Arc<Self>, error: TaskError);

    /// What is known of the task, with its own context.
    fn spec(&self) -> Spec;
}

impl fmt::Debug for ScopedJob<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}

impl Job {
    /// Makes a job and its handle.
    pub fn new<T: Send + 'static>(
        body: impl FnOnce() -> T + Send + 'static,
        spec: Spec,
    ) -> (Self, Handle<T>) {
        let cell = Cell::new(spec);
        let trace = TaskTrace::handed_in("closure", || cell.called());
        let task = Arc::new(Alone { body: Mutex::new(Some((body, trace))), cell });
        (Self(Some(task.clone())), Handle::new(task))
    }
}

impl<'a> ScopedJob<'a> {
    /// Makes a job of a closure and the end that takes its result.
    ///
    /// The closure, with all it holds, is gone before the result is seen.
    pub fn with_completer<T: Send + 'static>(
        body: impl FnOnce() -> T + Send + 'a,
        completer: Completer<T>,
    ) -> Self {
        Self(Some(Arc::new(OfMany { parts: Mutex::new(Some((body, completer))) })))
    }

    /// Runs the closure. `ended` is told whether it ended with a result, before anyone can see that.
    pub fn run(mut self, hook: PanicHook, ended: &dyn Fn(bool)) {
        if let Some(task) = self.0.take() {
            task.run(hook, ended);
        }
    }

    /// What is known of the task, but for its priority. The context is its own.
    pub(crate) fn spec(&self) -> Spec {
        let spec = self.0.as_ref().map(|task| task.spec());
        spec.unwrap_or_else(|| Spec::new(Context::background()))
    }

    /// Drops the closure, and has its handle say why.
    pub fn end(mut self, error: TaskError) {
        if let Some(task) = self.0.take() {
            task.end(error);
        }
    }
}

impl Drop for ScopedJob<'_> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.end(TaskError::lost(false));
        }
    }
}

/// A task that is one allocation: the closure, and what its handle holds.
struct Alone<F, T> {
    /// Taken by whoever runs or ends it.
    body: Mutex<Option<(F, TaskTrace)>>,
    cell: Cell<T>,
}

impl<F: Send, T: Send> Deferred for Alone<F, T> {
    fn context(&self) -> Context {
        self.cell.context()
    }
}

impl<F: Send, T: Send> Ending<T> for Alone<F, T> {
    fn cell(&self) -> &Cell<T> {
        &self.cell
    }
}

impl<F, T> Runnable for Alone<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    fn run(self: Arc<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        let body = lock(&self.body).take();
        if let Some((body, trace)) = body {
            Completer::to_cell(self).with_trace(trace).run(hook, body, ended);
        }
    }

    fn end(self: Arc<Self>, error: TaskError) {
        let body = lock(&self.body).take();
        if let Some((body, trace)) = body {
            end(body, Completer::to_cell(self).with_trace(trace), error);
        }
    }

    fn spec(&self) -> Spec {
        self.cell.spec()
    }
}

/// A closure whose result goes elsewhere: one of a batch.
struct OfMany<F, T> {
    parts: Mutex<Option<(F, Completer<T>)>>,
}

impl<F, T> Runnable for OfMany<F, T>
where
    F: FnOnce() -> T + Send,
    T: Send + 'static,
{
    fn run(self: Arc<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        let parts = lock(&self.parts).take();
        if let Some((body, completer)) = parts {
            completer.run(hook, body, ended);
        }
    }

    fn end(self: Arc<Self>, error: TaskError) {
        let parts = lock(&self.parts).take();
        if let Some((body, completer)) = parts {
            end(body, completer, error);
        }
    }

    fn spec(&self) -> Spec {
        let parts = lock(&self.parts);
        let spec = parts.as_ref().map(|(_, completer)| completer.spec());
        spec.unwrap_or_else(|| Spec::new(Context::background()))
    }
}

fn end<T: 'static>(body: impl FnOnce() -> T, completer: Completer<T>, error: TaskError) {
    // What it holds is the task's, and so are its destructors.
    completer.inside(PanicHook::Untouched, || drop(body)).ok();
    completer.complete(Err(error));
}

/// A task that is a future and can be ended from outside.
pub trait EndableFuture: Future<Output = ()> {
    /// Drops the future, and has its handle say why.
    fn end(self: Pin<&mut Self>, error: TaskError);

    /// What is known of the task, but for its priority. The context is its own; once it has ended, the
    /// background.
    fn spec(&self) -> Spec;
}

impl<F: EndableFuture + ?Sized> EndableFuture for Pin<Box<F>> {
    fn end(self: Pin<&mut Self>, error: TaskError) {
        self.get_mut().as_mut().end(error);
    }

    fn spec(&self) -> Spec {
        self.as_ref().get_ref().spec()
    }
}
