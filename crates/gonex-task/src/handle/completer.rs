use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::Arc;

use gonex_core::insight::{self, TaskGuard};
use gonex_core::op::Name;
use gonex_core::primitive::discard;
use gonex_core::rt::{self, Policy, Polled};
use gonex_core::telemetry::TaskTrace;
use gonex_core::{Cause, Context, Stop};

use super::cell::{Ending, Head};
use super::runner::Runner;
use super::spec::Spec;
use crate::batch::{Collect, Member};
use crate::panic::{catch, drop_unwanted};
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
    /// The task's place in the register, where insight was on; until the result has been written.
    watched: Option<Box<TaskGuard>>,
}

/// Where a result goes.
enum Sink<T> {
    Handle(Arc<dyn Ending<T>>),
    Many(Arc<dyn Collect<T>>, Member),
    /// Without a context of its own, since nobody can cancel it alone.
    Nobody(Head, Context),
    /// To somebody who decides what becomes of it.
    Elsewhere(Box<Elsewhere<T>>),
}

/// A result that is told to somebody else, of a task that is known as before.
struct Elsewhere<T> {
    known: Sink<T>,
    tell: Box<dyn FnOnce(Result<T, TaskError>) + Send>,
}

impl<T> Sink<T> {
    /// The same place once more. It is written once all the same: see who takes it.
    fn again(&self) -> Self {
        match self {
            Self::Handle(ending) => Self::Handle(ending.clone()),
            Self::Many(collect, member) => Self::Many(collect.clone(), *member),
            Self::Nobody(head, context) => Self::Nobody(head.clone(), context.clone()),
            Self::Elsewhere(elsewhere) => elsewhere.known.again(),
        }
    }

    /// Asks the task to stop.
    fn cancel(&self, cause: Cause) {
        match self {
            Self::Handle(ending) => ending.cell().context.canceller().cancel(cause),
            Self::Many(collect, _) => collect.context().canceller().cancel(cause),
            Self::Nobody(..) => {}
            Self::Elsewhere(elsewhere) => elsewhere.known.cancel(cause),
        }
    }

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
            Self::Nobody(..) => drop_unwanted(result),
            Self::Elsewhere(elsewhere) => {
                let Elsewhere { known, tell } = *elsewhere;
                panic::catch_unwind(AssertUnwindSafe(|| tell(result))).unwrap_or_else(discard);
                drop(known);
            }
        }
    }

    /// The context that the task runs in; it is made, if nobody has asked before.
    fn context(&self) -> &Context {
        match self {
            Self::Handle(ending) => ending.cell().context.context(),
            Self::Many(collect, _) => collect.context().context(),
            Self::Nobody(_, context) => context,
            Self::Elsewhere(elsewhere) => elsewhere.known.context(),
        }
    }

    fn stopped(&self) -> Option<Stop> {
        match self {
            Self::Handle(ending) => ending.cell().context.stopped(),
            Self::Many(collect, _) => collect.context().stopped(),
            Self::Nobody(_, context) => context.stopped(),
            Self::Elsewhere(elsewhere) => elsewhere.known.stopped(),
        }
    }

    /// Runs a closure in the task's context.
    fn enter<R>(&self, body: impl FnOnce() -> R) -> R {
        match self {
            Self::Handle(ending) => ending.cell().context.run(body),
            Self::Many(collect, _) => collect.context().run(body),
            Self::Nobody(_, context) => context.run(body),
            Self::Elsewhere(elsewhere) => elsewhere.known.enter(body),
        }
    }

    /// What a panic's report calls the task.
    fn called(&self) -> String {
        match self {
            Self::Handle(ending) => ending.cell().head.called(),
            Self::Many(collect, member @ Member { index, origin }) => {
                let numbered = || format!("{index} of the {} from {origin}", collect.of());
                collect.called(*member).unwrap_or_else(numbered)
            }
            Self::Nobody(head, _) => head.called(),
            Self::Elsewhere(elsewhere) => elsewhere.known.called(),
        }
    }

    /// What insight calls the task, and where it comes from.
    fn watched(&self) -> (Arc<str>, &'static Location<'static>) {
        match self {
            Self::Handle(ending) => ending.cell().head.watched(),
            Self::Many(collect, Member { index, origin }) => {
                (format!("{index} of the {}", collect.of()).into(), origin)
            }
            Self::Nobody(head, _) => head.watched(),
            Self::Elsewhere(elsewhere) => elsewhere.known.watched(),
        }
    }

    /// What is known of the task, but for its priority.
    fn spec(&self) -> Spec {
        match self {
            Self::Handle(ending) => ending.cell().spec(),
            Self::Many(collect, Member { origin, .. }) => {
                Spec { origin, ..Spec::new(collect.context().context().clone()) }
            }
            Self::Nobody(head, context) => head.spec(context),
            Self::Elsewhere(elsewhere) => elsewhere.known.spec(),
        }
    }

    /// What an operation that may not block calls the task.
    fn polled(&self) -> Polled {
        let (name, _, origin) = self.identity();
        Polled::new(name, Some(origin))
    }

    /// What a simulator is told of the task: its name, its number in the process, and where it was
    /// handed in.
    fn identity(&self) -> (Name, Option<u64>, &'static Location<'static>) {
        match self {
            Self::Handle(ending) => ending.cell().head.identity(),
            Self::Many(collect, Member { index, origin }) => {
                let name = match collect.of() {
                    "batch" => "task of a batch",
                    "group" => "task of a group",
                    "scope" => "task of a scope",
                    "call" => "portable call",
                    _ => "task",
                };
                (Name::Numbered(name, *index as u64), None, *origin)
            }
            Self::Nobody(head, _) => head.identity(),
            Self::Elsewhere(elsewhere) => elsewhere.known.identity(),
        }
    }
}

impl<T> fmt::Debug for Completer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completer").field("started", &self.started).finish_non_exhaustive()
    }
}

impl<T: 'static> Completer<T> {
    fn to(sink: Sink<T>) -> Self {
        Self { sink: Some(sink), started: false, trace: TaskTrace::none(), watched: None }
    }

    pub(crate) fn to_cell(ending: Arc<dyn Ending<T>>) -> Self {
        Self::to(Sink::Handle(ending))
    }

    /// Makes the end of a task whose result goes where those of others go.
    #[must_use]
    pub fn to_many(collect: Arc<dyn Collect<T>>, member: Member) -> Self {
        Self::to(Sink::Many(collect, member))
    }

    /// Makes the end of a task whose result nobody waits for: it is dropped.
    #[must_use]
    pub fn to_nobody(spec: Spec) -> Self {
        let (head, context) = Head::new(spec);
        Self::to(Sink::Nobody(head, context))
    }

    /// Tells [telemetry](gonex_core::telemetry), and [`insight`] if it is on, that the
    /// task is handed in now, as one of this kind.
    #[must_use]
    pub fn followed(mut self, kind: &'static str) -> Self {
        let name = || self.sink.as_ref().map(Sink::called).unwrap_or_default();
        self.trace = TaskTrace::handed_in(kind, name);
        self.watch();
        self
    }

    /// Goes on with the task's place in the register.
    pub(crate) fn with_watch(mut self, watched: Option<Box<TaskGuard>>) -> Self {
        self.watched = watched;
        self
    }

    /// Registers the task if insight is on and has not seen it.
    fn watch(&mut self) {
        if self.watched.is_none()
            && let Some(sink) = &self.sink
        {
            self.watched = insight::watch_task(|| sink.watched());
        }
    }

    /// Takes the task's place in the register for a step that is a poll, to be put back after it.
    pub(crate) fn take_watch(&mut self) -> Option<Box<TaskGuard>> {
        self.watch();
        self.watched.take()
    }

    pub(crate) fn put_watch(&mut self, watched: Box<TaskGuard>) {
        self.watched = Some(watched);
    }

    /// Goes on with what telemetry was told when the task was handed in.
    pub(crate) fn with_trace(mut self, trace: TaskTrace) -> Self {
        self.trace = trace;
        self
    }

    /// The task's context; the background once the result is written.
    #[must_use]
    pub fn context(&self) -> Context {
        self.sink.as_ref().map(|sink| sink.context().clone()).unwrap_or_default()
    }

    /// What is known of the task, but for its priority. The context is its own; once the result is
    /// written, the background.
    #[must_use]
    pub fn spec(&self) -> Spec {
        let spec = self.sink.as_ref().map(Sink::spec);
        spec.unwrap_or_else(|| Spec::new(Context::background()))
    }

    /// Drops what belongs to a task that will not run, in its context; what that throws is the task's.
    pub fn drop_inside<V>(&self, value: V) {
        self.inside(PanicHook::Untouched, || drop(value)).ok();
    }

    /// Asks the task to stop, as its handle would; one of many is stopped with the others.
    pub fn cancel(&self, cause: impl Into<Cause>) {
        if let Some(sink) = &self.sink {
            sink.cancel(cause.into());
        }
    }

    /// Has the result told to somebody else instead.
    pub(super) fn telling(
        mut self,
        tell: impl FnOnce(Result<T, TaskError>) + Send + 'static,
    ) -> Self {
        let tell = Box::new(tell);
        self.sink =
            self.sink.take().map(|known| Sink::Elsewhere(Box::new(Elsewhere { known, tell })));
        self
    }

    /// Runs one step of the task in its context and catches what it throws.
    ///
    /// # Errors
    /// How the step ended the task; [`TaskError::Cancelled`] or [`TaskError::Timeout`] without
    /// running it if the context had stopped before the first step.
    pub fn step<R>(&mut self, hook: PanicHook, body: impl FnOnce() -> R) -> Result<R, TaskError> {
        // Where nothing unwinds, as in a browser, an operation that has no error to return could not
        // stop the task from within: there it ends before its next step.
        if (!self.started || cfg!(panic = "abort"))
            && let Some(stop) = self.sink.as_ref().and_then(Sink::stopped)
        {
            // What the step holds is the task's, too, and so are its destructors.
            self.inside(hook, || drop(body)).ok();
            return Err(stop.into());
        }
        if !self.started {
            self.started = true;
            self.trace.started();
            if let Some(sink) = &self.sink {
                rt::runs(|| sink.identity());
            }
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
        let name = || self.sink.as_ref().map(Sink::called).unwrap_or_default();
        let body = || match &self.watched {
            Some(watched) => watched.run(|| self.trace.inside(body)),
            None => self.trace.inside(body),
        };
        catch(hook, name, || match &self.sink {
            Some(sink) => sink.enter(body),
            None => body(),
        })
    }

    /// Runs a whole task that is a closure. `ended` is told whether it ended with a result, before
    /// anyone can see that.
    pub fn run(mut self, hook: PanicHook, body: impl FnOnce() -> T, ended: &dyn Fn(bool)) {
        self.watch();
        let result = self.step(hook, body);
        ended(result.is_ok());
        self.complete(result);
    }
}

impl<T> Completer<T> {
    /// Why the task is to stop, if it is; asking does not make its context.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        self.sink.as_ref().and_then(Sink::stopped)
    }

    /// What a panic's report calls the task; nothing once the result is written.
    #[must_use]
    pub fn called(&self) -> String {
        self.sink.as_ref().map(Sink::called).unwrap_or_default()
    }

    /// Divides it into the part that runs the task and the part that writes its result, for who may
    /// have to end a task while it runs.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_task::handle::pair;
    /// use gonex_task::{PanicHook, Spec, TaskError};
    ///
    /// let (completer, mut handle) = pair(Spec::new(Context::background()));
    /// let (mut runner, completer) = completer.split();
    /// let result = runner.step(PanicHook::Untouched, || 7);
    /// completer.complete_after(runner, result);
    /// assert_eq!(handle.join().block(), Ok(7));
    ///
    /// let (completer, mut handle) = pair::<u8>(Spec::new(Context::background()));
    /// let (runner, completer) = completer.split();
    /// completer.complete(Err(TaskError::Timeout)); // whatever the runner does meanwhile
    /// drop(runner);
    /// assert_eq!(handle.join().block(), Err(TaskError::Timeout));
    /// ```
    #[must_use]
    pub fn split(mut self) -> (Runner<T>, Self) {
        let runs = Self {
            sink: self.sink.as_ref().map(Sink::again),
            started: self.started,
            trace: std::mem::replace(&mut self.trace, TaskTrace::none()),
            watched: self.watched.take(),
        };
        (Runner::new(runs), self)
    }

    /// Writes the result of a task that its other part has run.
    pub fn complete_after(mut self, runner: Runner<T>, result: Result<T, TaskError>) {
        let mut ran = runner.into_completer();
        self.trace = std::mem::replace(&mut ran.trace, TaskTrace::none());
        self.watched = ran.watched.take();
        ran.forget();
        self.write(result);
    }

    /// Lets go of the task without a word: somebody else writes its result.
    pub(super) fn forget(&mut self) {
        self.sink = None;
    }

    /// Writes the result. A panic of what it wakes, or of a result that nobody wants when it is
    /// dropped, is left to the panic hook.
    pub fn complete(mut self, result: Result<T, TaskError>) {
        self.write(result);
    }

    fn write(&mut self, result: Result<T, TaskError>) {
        if let Some(sink) = self.sink.take() {
            self.trace.ended(TaskError::outcome(&result));
            sink.put(result);
            // Not before: whoever waits for the result must not seem to wait for nobody.
            self.watched = None;
        }
    }
}

impl<T> Drop for Completer<T> {
    fn drop(&mut self) {
        if self.sink.is_some() {
            let started = self.started;
            self.write(Err(TaskError::Lost { started }));
        }
    }
}
