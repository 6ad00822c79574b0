use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;

use gonex_core::Context;
use gonex_core::insight::{self, TaskGuard};
use gonex_core::primitive::{Mutex, lock};
use gonex_core::rt;
use gonex_core::telemetry::{self, TaskTrace};

use crate::handle::{Cell, Completer, Ending, Handle, Spec};
use crate::portable::PortableTask;
use crate::{PanicHook, TaskError};

/// A closure with its result's way back, types hidden: what a scheduler queues.
///
/// Dropped without being run, it tells its handle that the task is lost.
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
pub struct ScopedJob<'a>(Work<'a>);

/// A closure to be run once.
enum Work<'a> {
    /// Its handle holds it as well.
    Shared(Arc<dyn Shared + 'a>),
    Owned(Box<dyn Owned + 'a>),
    /// A portable call of a function.
    Call(PortableTask),
    /// Only while it goes.
    Gone,
}

/// A task that its handle holds, too.
trait Shared: Send + Sync {
    /// Runs the closure; only the first call does, or the first end.
    fn run(self: Arc<Self>, hook: PanicHook, ended: &dyn Fn(bool));

    /// Drops the closure, and has its handle say why.
    fn end(self: Arc<Self>, error: TaskError);

    /// What is known of the task, with its own context.
    fn spec(&self) -> Spec;
}

/// A task that nobody else holds.
pub(super) trait Owned: Send {
    /// Runs the closure.
    fn run(self: Box<Self>, hook: PanicHook, ended: &dyn Fn(bool));

    /// Drops the closure, and says why to whoever waits for it.
    fn end(self: Box<Self>, error: TaskError);

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
        let trace = TaskTrace::handed_in("closure", || cell.head.called());
        let watched = insight::watch_task(|| cell.head.watched());
        let task = Arc::new(Alone { body: Mutex::new(Some((body, trace, watched))), cell });
        (Self(Work::Shared(task.clone())), Handle::new(task))
    }
}

/// Whether somebody wants to know of each task: then it carries more.
pub(super) fn is_followed() -> bool {
    insight::is_enabled() || telemetry::is_enabled() || rt::is_simulated()
}

impl<'a> ScopedJob<'a> {
    /// Makes a job of a closure and the end that takes its result.
    ///
    /// The closure, with all it holds, is gone before the result is seen.
    pub fn with_completer<T: Send + 'static>(
        body: impl FnOnce() -> T + Send + 'a,
        completer: Completer<T>,
    ) -> Self {
        Self::owned(Box::new(Own { body, completer }))
    }

    pub(crate) fn of_call(call: PortableTask) -> Self {
        Self(Work::Call(call))
    }

    pub(crate) fn is_call(&self) -> bool {
        matches!(self.0, Work::Call(_))
    }

    /// The call again, if it is one.
    pub(crate) fn into_call(mut self) -> Result<PortableTask, Self> {
        match self.take() {
            Work::Call(call) => Ok(call),
            other => Err(Self(other)),
        }
    }

    pub(super) fn owned(task: Box<dyn Owned + 'a>) -> Self {
        Self(Work::Owned(task))
    }

    /// Runs the closure. `ended` is told whether it ended with a result, before anyone can see that.
    pub fn run(mut self, hook: PanicHook, ended: &dyn Fn(bool)) {
        match self.take() {
            Work::Shared(task) => task.run(hook, ended),
            Work::Owned(task) => task.run(hook, ended),
            Work::Call(call) => call.run(hook, ended),
            Work::Gone => {}
        }
    }

    /// What is known of the task, but for its priority. The context is its own.
    pub(crate) fn spec(&self) -> Spec {
        match &self.0 {
            Work::Shared(task) => task.spec(),
            Work::Owned(task) => task.spec(),
            Work::Call(call) => call.spec(),
            Work::Gone => Spec::new(Context::background()),
        }
    }

    /// Drops the closure, and has its handle say why.
    pub fn end(mut self, error: TaskError) {
        self.take().end(error);
    }

    fn take(&mut self) -> Work<'a> {
        mem::replace(&mut self.0, Work::Gone)
    }
}

impl Work<'_> {
    fn end(self, error: TaskError) {
        match self {
            Self::Shared(task) => task.end(error),
            Self::Owned(task) => task.end(error),
            Self::Call(call) => call.end(error),
            Self::Gone => {}
        }
    }
}

impl Drop for ScopedJob<'_> {
    fn drop(&mut self) {
        if !matches!(self.0, Work::Gone) {
            self.take().end(TaskError::lost(false));
        }
    }
}

/// A closure that has not been run, with what telemetry and insight know of it.
type Handed<F> = (F, TaskTrace, Option<Box<TaskGuard>>);

/// A task that is one allocation: the closure, and what its handle holds.
struct Alone<F, T> {
    /// Taken by whoever runs or ends it.
    body: Mutex<Option<Handed<F>>>,
    cell: Cell<T>,
}

impl<F: Send, T: Send> Ending<T> for Alone<F, T> {
    fn cell(&self) -> &Cell<T> {
        &self.cell
    }
}

impl<F, T> Shared for Alone<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    fn run(self: Arc<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        let body = lock(&self.body).take();
        if let Some((body, trace, watched)) = body {
            Completer::to_cell(self).with_trace(trace).with_watch(watched).run(hook, body, ended);
        }
    }

    fn end(self: Arc<Self>, error: TaskError) {
        let body = lock(&self.body).take();
        if let Some((body, trace, watched)) = body {
            end(body, Completer::to_cell(self).with_trace(trace).with_watch(watched), error);
        }
    }

    fn spec(&self) -> Spec {
        self.cell.spec()
    }
}

/// A closure whose result goes elsewhere, or to nobody.
struct Own<F, T> {
    body: F,
    completer: Completer<T>,
}

impl<F, T> Owned for Own<F, T>
where
    F: FnOnce() -> T + Send,
    T: Send + 'static,
{
    fn run(self: Box<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        let Self { body, completer } = *self;
        completer.run(hook, body, ended);
    }

    fn end(self: Box<Self>, error: TaskError) {
        let Self { body, completer } = *self;
        end(body, completer, error);
    }

    fn spec(&self) -> Spec {
        self.completer.spec()
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

    /// Whether it is a portable call that has not begun.
    fn is_call(&self) -> bool {
        false
    }

    /// The portable call that it is, if it has not begun.
    fn take_call(self: Pin<&mut Self>) -> Option<PortableTask> {
        None
    }
}

impl<F: EndableFuture + ?Sized> EndableFuture for Pin<Box<F>> {
    fn end(self: Pin<&mut Self>, error: TaskError) {
        self.get_mut().as_mut().end(error);
    }

    fn spec(&self) -> Spec {
        self.as_ref().get_ref().spec()
    }

    fn is_call(&self) -> bool {
        self.as_ref().get_ref().is_call()
    }

    fn take_call(self: Pin<&mut Self>) -> Option<PortableTask> {
        self.get_mut().as_mut().take_call()
    }
}
