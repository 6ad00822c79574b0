use std::convert::Infallible;
use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop, rt};
use gonex_resilience::fallback::Recover;
use gonex_resilience::retry::{AnyError, Call, Jitter};
use gonex_resilience::{Fallback, Retry};
use gonex_task::Priority;
use pin_project_lite::pin_project;

use super::attempts::Attempts;
use super::guarded::{Attempted, Guard, GuardedRules, GuardedWork, breaker_of};
use super::ways::{Ending, Ways};
use super::with_retry::{TaskRules, TaskWork};
use super::{IntoAttempts, ParallelError};
use crate::{ParallelismConfig, ParallelismError};

/// Runs a closure on a worker thread, by the options of a [`ParallelismConfig`].
///
/// It can be called more than once, for `retry_attempts`: what is retried is a task that panicked or was
/// lost. A closure whose errors are to be retried goes to [`try_go_parallel`]; here a `Result` is a value
/// as any other. Retries wait as [`Retry::exponential`] does, with full jitter.
///
/// Options that a runtime does not do have the call run on a [managed pool](crate::Pool), which all calls with
/// the same such options share. A pool does not make up for workers that wait: so a call that is made
/// within one on any such pool runs on the current runtime, and so does work that is a future.
///
/// # Failures
/// What the options say of failures is a stack of policies around the work, from outside: the fallback
/// that `fallback_strategy` names among those that the call [has](Parallel::fallback); the retries; with
/// `circuit_breaker`, or `fault_tolerance`, a breaker, which all calls of the same `name` share, or, without
/// one, all from the same place in the program; with `graceful_degradation`, a runtime of one thread for
/// what is not started because the call's own runtime is full, or has been shut down. The breaker opens at
/// five failures in a row, for 30 s, and closes when the next call succeeds; what was cancelled or never
/// started is none, and what it refuses is not retried.
///
/// # Cancel safety
/// Dropping the operation, or reaching a limit, cancels the task; a closure that meets no gonex
/// operation goes on, and its value is dropped.
///
/// # Errors
/// The operation yields [`ParallelError`]: which options cannot be used, all of them at once, or how
/// the last attempt failed.
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::config::Balancing;
/// use gonex_runtime::{ParallelError, ParallelismConfig, go_parallel};
///
/// # fn main() -> Result<(), ParallelError> {
/// assert_eq!(go_parallel(|| 6 * 7).block()?, 42);
///
/// let config = ParallelismConfig::new().retry_attempts(2).timeout(Duration::from_secs(60));
/// assert_eq!(go_parallel(|| 6 * 7).options(config).block()?, 42);
///
/// // It has a managed pool, whose workers stay on a core each.
/// let config = ParallelismConfig::new().cpu_affinity(true).load_balancing(Balancing::Predictive);
/// assert_eq!(go_parallel(|| 6 * 7).options(config).block()?, 42);
///
/// let config = ParallelismConfig::new().worker_processes(4_usize).shared_memory_size(1 << 20);
/// let Err(ParallelError::Config(refused)) = go_parallel(|| 42).options(config).block() else {
///     panic!("there is no machinery for them yet")
/// };
/// assert_eq!(refused.refused().len(), 2);
/// # Ok(())
/// # }
/// ```
pub fn go_parallel<T, W>(work: W) -> Parallel<T>
where
    W: Fn() -> T + Send + Sync + 'static,
    T: Send + 'static,
{
    Parallel { attempts: Attempts::of_values(work), ways: Ways::new() }
}

/// Runs work that may fail by itself on a worker thread, by the options of a [`ParallelismConfig`].
///
/// The work is what [`go_with_retry`](super::go_with_retry) takes, and retried as it is there, as often
/// as `retry_attempts` says. Else it is as [`go_parallel`], and keeps the type of the error.
///
/// # Errors
/// The operation yields [`ParallelError`], whose `Failed` holds the work's own error.
///
/// ```
/// use gonex_runtime::{ParallelError, try_go_parallel};
///
/// let failed = try_go_parallel(|| "seven".parse::<u32>()).block();
/// assert!(matches!(failed, Err(ParallelError::Failed { attempts: 1, .. })));
/// ```
pub fn try_go_parallel<M, W: IntoAttempts<M>>(work: W) -> Parallel<W::Value, W::Error> {
    Parallel { attempts: work.into_attempts(), ways: Ways::new() }
}

/// Work that waits for its options, or goes without; made by [`go_parallel`] and [`try_go_parallel`].
#[must_use = "work runs when it is awaited or blocked on"]
pub struct Parallel<T, E = Infallible> {
    attempts: Attempts<T, E>,
    ways: Ways<T, E>,
}

impl<T, E> fmt::Debug for Parallel<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parallel").finish_non_exhaustive()
    }
}

impl<T: Send + 'static, E: Send + 'static> Parallel<T, E> {
    /// Gives it a fallback for the options to choose by its name, as `fallback_strategy` does: else nothing
    /// becomes of it. Several have a name each; of the same name the last one counts.
    ///
    /// It answers where the call has failed, whatever the reason, its time-out included; only options that
    /// cannot be used remain an error. Calls that share a [`Fallback::latest`] share what it keeps.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Fallback;
    /// use gonex_runtime::{ParallelismConfig, try_go_parallel};
    ///
    /// let cache = Fallback::latest(Duration::from_secs(60));
    /// let config = || ParallelismConfig::new().fallback_strategy("cached-result");
    /// let price = |answer: Result<u32, &'static str>| {
    ///     try_go_parallel(move || answer).fallback("cached-result", &cache).options(config()).block()
    /// };
    /// assert!(price(Err("down")).is_err(), "nothing is kept yet");
    /// assert_eq!(price(Ok(42)), Ok(42));
    /// assert_eq!(price(Err("down")), Ok(42));
    /// ```
    pub fn fallback<R>(mut self, name: impl Into<String>, fallback: &Fallback<R>) -> Self
    where
        R: Recover<T, ParallelError<E>, Error = ParallelError<E>> + Clone + Send + 'static,
        R::Running: Send,
    {
        self.ways.add(name.into(), fallback.clone());
        self
    }

    /// Gives it options, and makes it an operation. The `timeout` of the options counts from here.
    ///
    /// ```
    /// use gonex_runtime::{ParallelismConfig, go_parallel};
    ///
    /// let config = ParallelismConfig::new().name("answer").retry_attempts(2);
    /// assert_eq!(go_parallel(|| 42).options(config).block(), Ok(42));
    /// ```
    #[track_caller]
    pub fn options(self, config: ParallelismConfig) -> Op<RunParallel<T, E>> {
        let Self { attempts, ways } = self;
        let checked = config.check_for_calls(ways.names());
        let station = match checked.and_then(|()| config.station()) {
            Ok(station) => station,
            Err(refused) => return Op::new(RunParallel::refused(refused)),
        };
        let place = Location::caller();
        let breaker = config.asks_for_breaker().then(|| match &config.name {
            Some(name) => breaker_of(name),
            None => breaker_of(&place.to_string()),
        });
        let guard = Guard { breaker, degrades: config.graceful_degradation == Some(true) };
        let deadline = config.timeout.and_then(|limit| rt::now().checked_add(limit));
        let work = TaskWork::new(attempts, station);
        let priority = config.priority.map(Priority::new).unwrap_or_default();
        let work = work.with(config.name.map(Arc::from), priority, deadline);
        let work = GuardedWork::new(work, guard);
        let attempted = work.attempted();
        let attempts = config.retry_attempts.unwrap_or(0).saturating_add(1);
        let retry = Retry::exponential().jitter(Jitter::Full).max_attempts(attempts);
        let rules = GuardedRules(TaskRules(AnyError));
        let call = retry.map_rules(|_| rules).run(work).into_kind();
        let op = Op::new(RunParallel { call: Some(call), ..RunParallel::new() });
        let op = match deadline {
            Some(at) => op.deadline(at),
            None => op,
        };
        match config.fallback_strategy.and_then(|name| ways.take(&name)) {
            Some(around) => {
                let ending = Some((around(Box::pin(op)), attempted));
                Op::new(RunParallel { ending, ..RunParallel::new() })
            }
            None => op,
        }
    }

    /// Makes it an operation with the default options.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_runtime::go_parallel;
    ///
    /// assert_eq!(go_parallel(|| 42).into_op().timeout(Duration::from_secs(60)).block(), Ok(42));
    /// ```
    #[track_caller]
    pub fn into_op(self) -> Op<RunParallel<T, E>> {
        self.options(ParallelismConfig::default())
    }

    /// Runs it with the default options and waits on this thread: see [`Op::block`].
    ///
    /// # Errors
    /// As the operation.
    ///
    /// ```
    /// use gonex_runtime::go_parallel;
    ///
    /// assert_eq!(go_parallel(|| 42).block(), Ok(42));
    /// ```
    #[track_caller]
    pub fn block(self) -> Result<T, ParallelError<E>> {
        self.into_op().block()
    }
}

impl<T: Send + 'static, E: Send + 'static> IntoFuture for Parallel<T, E> {
    type Output = Result<T, ParallelError<E>>;
    type IntoFuture = Op<RunParallel<T, E>>;

    #[track_caller]
    fn into_future(self) -> Self::IntoFuture {
        self.into_op()
    }
}

pin_project! {
    /// The kind of [`Parallel::options`].
    #[must_use = "work runs when it is awaited or blocked on"]
    pub struct RunParallel<T, E>
    where
        T: Send,
        T: 'static,
        E: Send,
        E: 'static,
    {
        refused: Option<ParallelismError>,
        #[pin]
        call: Option<Call<GuardedWork<T, E>, GuardedRules>>,
        // A call with a fallback around it.
        ending: Option<(Ending<T, E>, Attempted)>,
    }
}

impl<T: Send + 'static, E: Send + 'static> RunParallel<T, E> {
    fn new() -> Self {
        Self { refused: None, call: None, ending: None }
    }

    fn refused(refused: ParallelismError) -> Self {
        Self { refused: Some(refused), ..Self::new() }
    }
}

impl<T: Send + 'static, E: Send + 'static> fmt::Debug for RunParallel<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunParallel").field("refused", &self.refused).finish_non_exhaustive()
    }
}

impl<T: Send + 'static, E: Send + 'static> Kind for RunParallel<T, E> {
    type Output = Result<T, ParallelError<E>>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some((ending, _)) = this.ending {
            return ending.as_mut().poll(cx);
        }
        match this.call.as_pin_mut() {
            Some(call) => call.poll(cx).map_err(ParallelError::from),
            None => {
                let refused = this.refused.take();
                Poll::Ready(Err(ParallelError::Config(refused.unwrap_or_default())))
            }
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let this = self.project();
        if let Some((ending, attempted)) = this.ending.take() {
            drop(ending);
            return Err(ParallelError::Stopped { stop, attempts: attempted() });
        }
        match this.call.as_pin_mut() {
            Some(call) => call.stop(stop).map_err(ParallelError::from),
            None => Err(ParallelError::Stopped { stop, attempts: 0 }),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for").of("parallel work")
    }
}
