use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use gonex_core::context::run_deferred;
use gonex_core::op::Name;
use gonex_core::primitive::discard;
use gonex_core::rt::{self, Policy, Polled};
use gonex_core::telemetry::TaskTrace;
use gonex_core::{Context, Stop};

use super::cell::Ending;
use super::spec::Spec;
use crate::batch::{Collect, Member};
use crate::panic::catch;
use crate::{PanicHook, TaskError};

/// The end of a task that writes its result; for schedulers.
///
/// Dropped without a result, it says [`TaskError::Lost`], so a handle never waits in vain.
pub struct Completer<T> {
    /// `None` once written.
    sink: Option<Sink<T>>,
    started: bool,
    /// Takes no room where telemetry is not compiled in.
    trace: TaskTrace,
}

/// Where a result goes.
enum Sink<T> {
    Handle(Arc<dyn Ending<T>>),
    Many(Arc<dyn Collect<T>>, Member),
}

impl<T> Sink<T> {
    fn put(self, result: Result<T, TaskError>) {
        match self {
            Self::Handle(ending) => {
                // Only the completer writes, and once.
                let refused = ending.cell().slot.fill(result);
                debug_assert!(refused.is_ok());
            }
            Self::Many(collect, member) => {
                let collecting = AssertUnwindSafe(|| collect.collect(member.index, result));
                panic::catch_unwind(collecting).unwrap_or_else(discard);
            }
        }
    }

    fn context(&self) -> Context {
        match self {
            Self::Handle(ending) => ending.context(),
            Self::Many(_, member) => member.context.clone(),
        }
    }

    fn stopped(&self) -> Option<Stop> {
        match self {
            Self::Handle(ending) => ending.cell().stopped(),
            Self::Many(_, member) => member.context.stopped(),
        }
    }

    /// Runs a closure in the task's context.
    fn enter<R>(&self, body: impl FnOnce() -> R) -> R
    where
        T: 'static,
    {
        match self {
            Self::Handle(ending) => run_deferred(ending.clone(), body),
            Self::Many(_, member) => member.context.run(body),
        }
    }

    /// What a panic's report calls the task.
    fn name(&self) -> String {
        match self {
            Self::Handle(ending) => ending.cell().called(),
            Self::Many(_, Member { of, index, origin, .. }) => {
                format!("{index} of the {of} from {origin}")
            }
        }
    }

    /// What an operation that may not block calls the task.
    fn polled(&self) -> Polled {
        match self {
            Self::Handle(ending) => ending.cell().polled(),
            Self::Many(_, Member { of, index, origin, .. }) => {
                let name = match *of {
                    "batch" => "task of a batch",
                    "group" => "task of a group",
                    _ => "task",
                };
                Polled::new(Name::Numbered(name, *index as u64), Some(*origin))
            }
        }
    }
}

impl<T> fmt::Debug for Completer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completer").field("started", &self.started).finish_non_exhaustive()
    }
}

impl<T: 'static> Completer<T> {
    pub(crate) fn to_cell(ending: Arc<dyn Ending<T>>) -> Self {
        Self { sink: Some(Sink::Handle(ending)), started: false, trace: TaskTrace::none() }
    }

    /// Makes the end of a task whose result goes where those of others go.
    #[must_use]
    pub fn to_many(collect: Arc<dyn Collect<T>>, member: Member) -> Self {
        let sink = Some(Sink::Many(collect, member));
        Self { sink, started: false, trace: TaskTrace::none() }
    }

    /// Tells [telemetry](gonex_core::telemetry) that the task is handed in now, as one of this kind.
    #[must_use]
    pub fn followed(mut self, kind: &'static str) -> Self {
        let name = || self.sink.as_ref().map(Sink::name).unwrap_or_default();
        self.trace = TaskTrace::handed_in(kind, name);
        self
    }

    /// Goes on with what telemetry was told when the task was handed in.
    pub(crate) fn with_trace(mut self, trace: TaskTrace) -> Self {
        self.trace = trace;
        self
    }

    /// The task's context; the background once the result is written.
    #[must_use]
    pub fn context(&self) -> Context {
        self.sink.as_ref().map(Sink::context).unwrap_or_default()
    }

    /// What is known of the task, but for its priority. The context is its own; once the result is
    /// written, the background.
    #[must_use]
    pub fn spec(&self) -> Spec {
        match &self.sink {
            Some(Sink::Handle(ending)) => ending.cell().spec(),
            Some(Sink::Many(_, member)) => {
                Spec { origin: member.origin, ..Spec::new(member.context.clone()) }
            }
            None => Spec::new(Context::background()),
        }
    }

    /// Runs one step of the task in its context and catches what it throws.
    ///
    /// # Errors
    /// How the step ended the task; [`TaskError::Cancelled`] or [`TaskError::Timeout`] without
    /// running it if the context had stopped before the first step.
    pub fn step<R>(&mut self, hook: PanicHook, body: impl FnOnce() -> R) -> Result<R, TaskError> {
        if !self.started {
            if let Some(stop) = self.sink.as_ref().and_then(Sink::stopped) {
                // What the step holds is the task's, too, and so are its destructors.
                self.inside(hook, || drop(body)).ok();
                return Err(stop.into());
            }
            self.started = true;
            self.trace.started();
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
        let body = || self.trace.inside(body);
        catch(hook, name, || match &self.sink {
            Some(sink) => sink.enter(body),
            None => body(),
        })
    }

    /// Runs a whole task that is a closure. `ended` is told whether it ended with a result, before
    /// anyone can see that.
    pub fn run(mut self, hook: PanicHook, body: impl FnOnce() -> T, ended: &dyn Fn(bool)) {
        let result = self.step(hook, body);
        ended(result.is_ok());
        self.complete(result);
    }
}

impl<T> Completer<T> {
    /// Writes the result. A panic of what it wakes, or of a result that nobody wants when it is
    /// dropped, is left to the panic hook.
    pub fn complete(mut self, result: Result<T, TaskError>) {
        self.write(result);
    }

    fn write(&mut self, result: Result<T, TaskError>) {
        if let Some(sink) = self.sink.take() {
            self.trace.ended(TaskError::outcome(&result));
            sink.put(result);
        }
    }
}

impl<T> Drop for Completer<T> {
    fn drop(&mut self) {
        let started = self.started;
        self.write(Err(TaskError::Lost { started }));
    }
}
