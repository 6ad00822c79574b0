use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use gonex_core::{Canceller, Context, Instant, Kind, Op, Stop};
use gonex_resilience::Retry;
use gonex_resilience::retry::{Attempt, Call, Retrying, Rules, Work};
use gonex_task::handle::Join;
use gonex_task::{Priority, Spec, TaskError};

use super::attempts::Attempts;
use super::ended::rename;
use super::try_error::flatten;
use super::{IntoAttempts, TryError};
use crate::Runtime;
use crate::config::Station;

/// Starts work again, each time as a fresh task, until it succeeds or the policy allows no more.
///
/// The work is a closure that returns a `Result` and is called on a thread of the
/// [current runtime](Runtime::current), or one that makes a future, or another closure, that yields one.
/// Unlike the other operations that start tasks this one starts the first of them when it is first
/// awaited or blocked on.
///
/// # What is retried
/// The work's own errors, by the rules of the policy; and a task that panicked, was lost, was refused
/// for want of room, or reached its time-out, for a fresh one may fare better. A task that was
/// cancelled is not.
///
/// An [attempt time-out](Retry::attempt_timeout) cancels the task. A closure that meets no gonex
/// operation goes on beside the next attempt, and its value is dropped.
///
/// # Cancel safety
/// Dropping the operation, or reaching a limit, cancels the attempt that runs, and there is no other.
///
/// # Errors
/// The operation yields why there was no further attempt, how many there were, and what the last one
/// failed with: see [`RetryError`](gonex_resilience::RetryError).
///
/// # Panics
/// If the shared runtime is needed and cannot be started. A closure that makes work runs where the
/// operation is polled, and its panics go through.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::time::Duration;
/// use gonex_resilience::Retry;
/// use gonex_runtime::go_with_retry;
///
/// let calls = AtomicU32::new(0);
/// let flaky = move || match calls.fetch_add(1, Ordering::Relaxed) {
///     0 => Err("not yet"),
///     1 => panic!("nor now"),
///     n => Ok(n),
/// };
/// let retry = Retry::exponential().initial_delay(Duration::from_millis(1)).max_attempts(3);
/// assert_eq!(go_with_retry(retry.clone(), flaky).block(), Ok(2));
///
/// assert_eq!(go_with_retry(retry, || async { Ok::<_, String>(7) }).block(), Ok(7));
/// ```
#[track_caller]
pub fn go_with_retry<M, W, R>(retry: Retry<R>, work: W) -> Op<Retried<W::Value, W::Error, R>>
where
    W: IntoAttempts<M>,
    R: Rules<W::Error> + Clone,
{
    let work = TaskWork::new(work.into_attempts(), Runtime::current());
    retry.map_rules(TaskRules).run(work)
}

/// The kind of [`go_with_retry`].
pub type Retried<T, E, R> = Call<TaskWork<T, E>, TaskRules<R>>;

/// Work whose attempts are tasks.
pub struct TaskWork<T, E> {
    attempts: Attempts<T, E>,
    station: Station,
    /// When the tasks of all attempts end.
    deadline: Option<Instant>,
    name: Option<Arc<str>>,
    priority: Priority,
    origin: &'static Location<'static>,
}

impl<T, E> fmt::Debug for TaskWork<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskWork")
            .field("name", &self.name)
            .field("origin", &format_args!("{}", self.origin))
            .finish_non_exhaustive()
    }
}

impl<T, E> TaskWork<T, E> {
    #[track_caller]
    pub(super) fn new(attempts: Attempts<T, E>, station: impl Into<Station>) -> Self {
        let station = station.into();
        let (name, priority, origin) = (None, Priority::NORMAL, Location::caller());
        Self { attempts, station, deadline: None, name, priority, origin }
    }

    /// What reports call it, when its tasks are run, and when they end.
    pub(super) fn with(
        self,
        name: Option<Arc<str>>,
        priority: Priority,
        deadline: Option<Instant>,
    ) -> Self {
        Self { deadline, name, priority, ..self }
    }
}

impl<T: Send + 'static, E: Send + 'static> TaskWork<T, E> {
    /// Starts an attempt somewhere else than where the others run.
    pub(super) fn attempt_at(
        &mut self,
        station: &Station,
        attempt: &Attempt,
    ) -> RunningAttempt<T, E> {
        let (mut context, canceller) = Context::current().with_cancel();
        if let Some(at) = self.deadline {
            context = context.with_deadline(at);
        }
        let called = || format!("attempt {}", attempt.number()).into();
        let own_name = Some(self.name.clone().unwrap_or_else(called));
        let (station, parent) = station.within(&context);
        let (priority, origin) = (self.priority, self.origin);
        let spec = Spec { parent, name: own_name, priority, origin };
        let handle = context.run(|| self.attempts.start(&station, spec));
        let name = self.name.clone().unwrap_or_else(|| {
            format!("attempt {} of the call from {}", attempt.number(), self.origin).into()
        });
        RunningAttempt { join: Some(handle.into_future().into_kind()), context, canceller, name }
    }
}

impl<T: Send + 'static, E: Send + 'static> Work for TaskWork<T, E> {
    type Value = T;
    type Error = TryError<E>;
    type Attempt = RunningAttempt<T, E>;

    fn attempt(&mut self, attempt: &Attempt) -> RunningAttempt<T, E> {
        let station = self.station.clone();
        self.attempt_at(&station, attempt)
    }
}

/// A task that is an attempt; dropping it cancels the task.
pub struct RunningAttempt<T: 'static, E: 'static> {
    /// `None` once it has ended.
    join: Option<Join<'static, Result<T, E>>>,
    context: Context,
    canceller: Canceller,
    name: Arc<str>,
}

impl<T: 'static, E: 'static> fmt::Debug for RunningAttempt<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningAttempt").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<T: 'static, E: 'static> Future for RunningAttempt<T, E> {
    type Output = Result<T, TryError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let Some(join) = &mut self.join else { return Poll::Pending };
        let Poll::Ready(ended) = Pin::new(join).poll(cx) else { return Poll::Pending };
        self.join = None;
        // The limit of the attempt, or of all, may reach the task sooner than whoever waits for it. It
        // is the same limit, which is to say the same, and is about to end this wait.
        if matches!(ended, Err(TaskError::Timeout)) && self.context.stopped().is_some() {
            return Poll::Pending;
        }
        Poll::Ready(flatten(ended.map_err(|error| rename(error, || self.name.to_string()))))
    }
}

impl<T: 'static, E: 'static> RunningAttempt<T, E> {
    /// What has stopped it, if something has.
    pub(super) fn stopped(&self) -> Option<Stop> {
        self.context.stopped()
    }
}

impl<T: 'static, E: 'static> Drop for RunningAttempt<T, E> {
    fn drop(&mut self) {
        if self.join.is_some() {
            self.canceller.cancel("nobody waits for this attempt any longer");
        }
    }
}

/// The rules for a task, made of those for its own errors.
#[derive(Clone, Copy, Debug)]
pub struct TaskRules<R>(pub(super) R);

impl<R, E> Rules<TryError<E>> for TaskRules<R>
where
    R: Rules<E>,
{
    fn retries(&self, error: &TryError<E>) -> bool {
        match error {
            TryError::Failed(error) => self.0.retries(error),
            TryError::Task(TaskError::Cancelled(_) | TaskError::AlreadyJoined) => false,
            TryError::Task(_) => true,
        }
    }

    fn retry_after(&self, error: &TryError<E>) -> Option<Duration> {
        match error {
            TryError::Failed(error) => self.0.retry_after(error),
            TryError::Task(_) => None,
        }
    }

    fn notify(&self, retrying: &Retrying<'_, TryError<E>>) {
        let error = retrying.error.and_then(|error| match error {
            TryError::Failed(error) => Some(error),
            TryError::Task(_) => None,
        });
        self.0.notify(&retrying.with_error(error));
    }
}
