use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::Arc;

use gonex_core::Context;
use gonex_core::op::Name;
use gonex_core::primitive::discard;
use gonex_core::rt::{self, Policy, Polled};

use super::handle::Shared;
use crate::batch::Gather;
use crate::panic::catch;
use crate::{PanicHook, TaskError};

/// The end of a task that writes its result; for schedulers.
///
/// Dropped without a result, it says [`TaskError::Lost`], so a handle never waits in vain.
pub struct Completer<T> {
    /// `None` once written.
    sink: Option<Sink<T>>,
    context: Context,
    started: bool,
}

/// Where a result goes.
enum Sink<T> {
    Handle(Arc<Shared<T>>),
    Batch { gather: Arc<Gather<T>>, index: usize, origin: &'static Location<'static> },
}

impl<T> Sink<T> {
    fn put(self, result: Result<T, TaskError>) {
        match self {
            Self::Handle(shared) => {
                // Only the completer writes, and once.
                let refused = shared.slot.fill(result);
                debug_assert!(refused.is_ok());
            }
            Self::Batch { gather, index, .. } => gather.put(index, result),
        }
    }

    /// What a panic's report calls the task.
    fn name(&self) -> String {
        match self {
            Self::Handle(shared) => format!("{} from {}", shared.id, shared.origin),
            Self::Batch { index, origin, .. } => format!("{index} of the batch from {origin}"),
        }
    }

    /// What an operation that may not block calls the task.
    fn polled(&self) -> Polled {
        let (name, origin) = match self {
            Self::Handle(shared) => (Name::Numbered("task", shared.id.number()), shared.origin),
            Self::Batch { index, origin, .. } => {
                (Name::Numbered("task of a batch", *index as u64), *origin)
            }
        };
        Polled::new(name, Some(origin))
    }
}

impl<T> fmt::Debug for Completer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completer").field("started", &self.started).finish_non_exhaustive()
    }
}

impl<T> Completer<T> {
    pub(super) fn to_handle(shared: Arc<Shared<T>>, context: Context) -> Self {
        Self { sink: Some(Sink::Handle(shared)), context, started: false }
    }

    pub(crate) fn to_batch(
        gather: Arc<Gather<T>>,
        index: usize,
        origin: &'static Location<'static>,
        context: Context,
    ) -> Self {
        Self { sink: Some(Sink::Batch { gather, index, origin }), context, started: false }
    }

    /// The task's context.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Runs one step of the task in its context and catches what it throws.
    ///
    /// # Errors
    /// How the step ended the task; [`TaskError::Cancelled`] or [`TaskError::Timeout`] without
    /// running it if the context had stopped before the first step.
    pub fn step<R>(&mut self, hook: PanicHook, body: impl FnOnce() -> R) -> Result<R, TaskError> {
        if !self.started {
            if let Some(stop) = self.context.stopped() {
                // What the step holds is the task's, too, and so are its destructors.
                self.inside(hook, || drop(body)).ok();
                return Err(stop.into());
            }
            self.started = true;
        }
        self.inside(hook, body)
    }

    /// Runs one step of a task that is a future: as [`step`](Self::step), without blocking, and
    /// with a budget of ready operations.
    ///
    /// # Errors
    /// As `step`.
    pub(crate) fn poll<R>(
        &mut self,
        hook: PanicHook,
        body: impl FnOnce() -> R,
    ) -> Result<R, TaskError> {
        let policy = self.sink.as_ref().map(|sink| Policy::Forbidden(sink.polled()));
        let body = || rt::coop::with_budget(body);
        self.step(hook, || rt::with_policy(policy.unwrap_or_default(), body))
    }

    /// Runs what belongs to the task, started or not, in its context and catches what it throws.
    pub(crate) fn inside<R>(
        &self,
        hook: PanicHook,
        body: impl FnOnce() -> R,
    ) -> Result<R, TaskError> {
        let name = || self.sink.as_ref().map(Sink::name).unwrap_or_default();
        catch(hook, name, || self.context.run(body))
    }

    /// Runs a whole task that is a closure. `ended` is told whether it ended with a result, before
    /// anyone can see that.
    pub fn run(mut self, hook: PanicHook, body: impl FnOnce() -> T, ended: &dyn Fn(bool)) {
        let result = self.step(hook, body);
        ended(result.is_ok());
        self.complete(result);
    }

    /// Writes the result. A panic of what it wakes, or of a result that nobody wants when it is
    /// dropped, is left to the panic hook.
    pub fn complete(mut self, result: Result<T, TaskError>) {
        self.write(result);
    }

    fn write(&mut self, result: Result<T, TaskError>) {
        if let Some(sink) = self.sink.take() {
            let written = panic::catch_unwind(AssertUnwindSafe(|| sink.put(result)));
            written.unwrap_or_else(discard);
        }
    }
}

impl<T> Drop for Completer<T> {
    fn drop(&mut self) {
        let started = self.started;
        self.write(Err(TaskError::Lost { started }));
    }
}
