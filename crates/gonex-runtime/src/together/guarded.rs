//! Attempts behind a breaker, with a lesser place to go to.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use gonex_core::Stop;
use gonex_core::primitive::atomic::{AtomicU32, Ordering};
use gonex_core::primitive::{Mutex, lock};
use gonex_resilience::breaker::{BreakerError, BreakerPermit, Open};
use gonex_resilience::retry::{AnyError, Attempt, Retrying, Rules, Work};
use gonex_resilience::{CallError, CircuitBreaker, KeyedBreaker};
use gonex_task::TaskError;

use super::TryError;
use super::with_retry::{RunningAttempt, TaskRules, TaskWork};
use crate::config::{lesser_runtime, worker_breaker};

/// So many calls have a breaker; beyond, those that were made least lately lose theirs.
const BREAKERS: usize = 1024;

/// The breaker of all calls that are known by this: a name, or a place in the program.
pub(super) fn breaker_of(calls: &str) -> CircuitBreaker {
    static KNOWN: OnceLock<KeyedBreaker<String>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let Ok(keyed) = KeyedBreaker::new(worker_breaker(), BREAKERS) else {
            unreachable!("the settings are valid, and a test says so")
        };
        keyed
    });
    known.of(&calls.to_owned())
}

/// What stands between a call and its attempts.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    pub(super) breaker: Option<CircuitBreaker>,
    /// Whether what its place does not take runs in a lesser one.
    pub(super) degrades: bool,
}

/// Work whose attempts are let in by a guard.
pub struct GuardedWork<T, E> {
    shared: Arc<Shared<T, E>>,
    guard: Guard,
}

struct Shared<T, E> {
    /// Taken out while an attempt is started, so that nobody's work is made under the lock.
    work: Mutex<Option<TaskWork<T, E>>>,
    attempts: AtomicU32,
}

impl<T, E> fmt::Debug for GuardedWork<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedWork").field("guard", &self.guard).finish_non_exhaustive()
    }
}

/// How many attempts a call has made, for who has not the call itself.
pub(super) type Attempted = Arc<dyn Fn() -> u32 + Send + Sync>;

impl<T: Send + 'static, E: Send + 'static> GuardedWork<T, E> {
    pub(super) fn new(work: TaskWork<T, E>, guard: Guard) -> Self {
        let shared = Shared { work: Mutex::new(Some(work)), attempts: AtomicU32::new(0) };
        Self { shared: Arc::new(shared), guard }
    }

    pub(super) fn attempted(&self) -> Attempted {
        let shared = self.shared.clone();
        // It orders nothing.
        Arc::new(move || shared.attempts.load(Ordering::Relaxed))
    }
}

impl<T: Send + 'static, E: Send + 'static> Shared<T, E> {
    fn start(&self, start: impl FnOnce(&mut TaskWork<T, E>) -> Started<T, E>) -> Started<T, E> {
        let taken = lock(&self.work).take();
        let mut work = taken?;
        let started = start(&mut work);
        *lock(&self.work) = Some(work);
        started
    }
}

/// `None` if the work panicked when it was made: then that panic went through, and there is no more.
type Started<T, E> = Option<RunningAttempt<T, E>>;

impl<T: Send + 'static, E: Send + 'static> Work for GuardedWork<T, E> {
    type Value = T;
    type Error = BreakerError<TryError<E>>;
    type Attempt = GuardedAttempt<T, E>;

    fn attempt(&mut self, attempt: &Attempt) -> GuardedAttempt<T, E> {
        self.shared.attempts.fetch_add(1, Ordering::Relaxed);
        let admitted = self.guard.breaker.as_ref().map(CircuitBreaker::try_acquire).transpose();
        let (permit, refused) = match admitted {
            Ok(permit) => (permit, None),
            Err(open) => (None, Some(open)),
        };
        let running = match &refused {
            Some(_) => None,
            None => self.shared.start(|work| Some(work.attempt(attempt))),
        };
        let lesser = self.guard.degrades.then(|| (self.shared.clone(), attempt.clone()));
        GuardedAttempt { refused, running, permit, lesser }
    }
}

/// An attempt, or the refusal of one.
pub struct GuardedAttempt<T: 'static, E: 'static> {
    refused: Option<Open>,
    running: Option<RunningAttempt<T, E>>,
    permit: Option<BreakerPermit>,
    /// What starts it once more in the lesser place, if it may go there.
    lesser: Option<(Arc<Shared<T, E>>, Attempt)>,
}

impl<T: 'static, E: 'static> fmt::Debug for GuardedAttempt<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedAttempt").field("running", &self.running).finish_non_exhaustive()
    }
}

impl<T: Send + 'static, E: Send + 'static> Future for GuardedAttempt<T, E> {
    type Output = Result<T, BreakerError<TryError<E>>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(open) = this.refused.take() {
            return Poll::Ready(Err(CallError::Refused(open)));
        }
        loop {
            let Some(running) = &mut this.running else { return Poll::Pending };
            let Poll::Ready(ended) = Pin::new(running).poll(cx) else { return Poll::Pending };
            this.running = None;
            let unstarted = matches!(&ended, Err(TryError::Task(error)) if !has_started(error));
            if unstarted
                && let Some((shared, attempt)) = this.lesser.take()
                && let Some(runtime) = lesser_runtime()
            {
                this.running =
                    shared.start(|work| Some(work.attempt_at(&runtime.into(), &attempt)));
                continue;
            }
            if let Some(permit) = this.permit.take() {
                settle(permit, &ended);
            }
            return Poll::Ready(ended.map_err(CallError::Failed));
        }
    }
}

impl<T: 'static, E: 'static> Drop for GuardedAttempt<T, E> {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else { return };
        let stopped = self.running.as_ref().and_then(RunningAttempt::stopped);
        if stopped == Some(Stop::Timeout) {
            permit.failure();
        }
        // Dropped else: nobody wants to know any more, which says nothing about the work.
    }
}

/// Whether a task may have begun before it ended so.
fn has_started(error: &TaskError) -> bool {
    !matches!(error, TaskError::Refused { .. } | TaskError::Lost { started: false, .. })
}

/// What a breaker makes of the end of an attempt: what never began says nothing about the work, nor does
/// what was called off.
fn settle<T, E>(permit: BreakerPermit, ended: &Result<T, TryError<E>>) {
    match ended {
        Ok(_) => permit.success(),
        Err(TryError::Task(TaskError::Cancelled(_) | TaskError::AlreadyJoined)) => permit.ignore(),
        Err(TryError::Task(error)) if !has_started(error) => permit.ignore(),
        Err(_) => permit.failure(),
    }
}

/// The rules for a guarded task: what the breaker refuses is not tried again, for it says for how long
/// that would be in vain.
#[derive(Clone, Copy, Debug)]
pub struct GuardedRules(pub(super) TaskRules<AnyError>);

impl<E> Rules<BreakerError<TryError<E>>> for GuardedRules {
    fn retries(&self, error: &BreakerError<TryError<E>>) -> bool {
        matches!(error, CallError::Failed(error) if self.0.retries(error))
    }

    fn retry_after(&self, error: &BreakerError<TryError<E>>) -> Option<Duration> {
        let CallError::Failed(error) = error else { return None };
        self.0.retry_after(error)
    }

    fn notify(&self, _: &Retrying<'_, BreakerError<TryError<E>>>) {}
}
