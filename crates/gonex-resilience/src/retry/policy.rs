use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::Op;
use gonex_core::primitive::atomic::{AtomicBool, Ordering};
use gonex_core::primitive::{Mutex, lock};

use super::counters::Counters;
use super::progress::Progress;
use super::settings::Settings;
use super::{
    AnyError, Attempt, Call, Informed, IntoAttempt, Plain, RetryConfig, Rules, Strategy, Work,
};
use crate::InvalidConfig;
use crate::part::Ended;

/// Calls again what failed for a reason that may pass.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::Retry;
///
/// let retry = Retry::exponential().initial_delay(Duration::from_millis(1)).max_attempts(5);
/// let mut calls = 0;
/// let answer = retry.call(|| {
///     calls += 1;
///     if calls < 3 { Err("not yet") } else { Ok(calls) }
/// });
/// assert_eq!(answer.block(), Ok(3));
/// assert_eq!(retry.metrics().retries, 2);
/// ```
///
/// # What is retried
/// Any error, unless [`retry_if`](Self::retry_if) says otherwise, and any attempt that its own time-out
/// cut off. A panic goes through.
///
/// # What ends it
/// The first limit reached: attempts, time, budget, a context. What is wrong with the settings is said
/// by the call, all at once and before anything is called: [`RetryError::Invalid`](super::RetryError).
///
/// # Clones and settings
/// Clones share metrics and settings, which [`reconfigure`](Self::reconfigure) changes for all of them.
/// The methods that set something, and take the policy, make another one whose metrics begin at 0.
/// `R` is what it makes of errors: nothing, or what the program says about those of one type.
#[derive(Clone, Debug)]
pub struct Retry<R = AnyError> {
    pub(super) shared: Arc<Shared>,
    pub(super) rules: R,
    pub(super) name: Arc<str>,
}

/// What clones share.
#[derive(Debug)]
pub(super) struct Shared {
    /// What it was made with, which mostly holds for good. It never changes, so a panic leaves it whole.
    pub(super) made_with: AssertUnwindSafe<Settings>,
    /// What holds instead. Replaced as a whole; no user code runs under the lock.
    changed: Mutex<Option<Arc<Settings>>>,
    /// Whether there is anything in `changed`, so that calls need not take the lock to see.
    is_changed: AtomicBool,
    pub(super) counters: Counters,
    pub(super) ended: Ended,
}

/// Its name, unless the program gives it another one.
const NAME: &str = "retry";

impl Shared {
    pub(super) fn new(mut settings: Settings) -> Arc<Self> {
        settings.is_valid = settings.validate().is_ok();
        Arc::new(Self {
            made_with: AssertUnwindSafe(settings),
            changed: Mutex::new(None),
            is_changed: AtomicBool::new(false),
            counters: Counters::default(),
            ended: Ended::default(),
        })
    }

    /// The settings that hold now, if they are not those it was made with.
    #[inline]
    pub(super) fn changed(&self) -> Option<Arc<Settings>> {
        // Acquire: who has seen a change from elsewhere finds it here. What it says stands behind the lock.
        if self.is_changed.load(Ordering::Acquire) { lock(&self.changed).clone() } else { None }
    }

    /// Does something with the settings that hold now.
    pub(super) fn with<T>(&self, look: impl FnOnce(&Settings) -> T) -> T {
        look(self.changed().as_deref().unwrap_or(&self.made_with))
    }

    /// Has other settings hold from now on.
    pub(super) fn change(&self, settings: Settings) {
        let before = lock(&self.changed).replace(Arc::new(settings));
        self.is_changed.store(true, Ordering::Release);
        // The old ones hold a function of the program's, and go when the lock is free again.
        drop(before);
    }
}

impl Retry {
    /// Waits as long before each retry: 100 ms, unless [`initial_delay`](Self::initial_delay) says
    /// otherwise.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::fixed().initial_delay(Duration::from_secs(1));
    /// assert_eq!(retry.delay(1), retry.delay(9));
    /// ```
    #[must_use]
    pub fn fixed() -> Self {
        Self::with_strategy(Strategy::Fixed)
    }

    /// Waits 1, 2, 3, 4 times the initial delay.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// assert_eq!(Retry::linear().delay(4), Duration::from_millis(400));
    /// ```
    #[must_use]
    pub fn linear() -> Self {
        Self::with_strategy(Strategy::Linear)
    }

    /// Waits 1, 2, 4, 8 times the initial delay, or as the [`multiplier`](Self::multiplier) says.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// assert_eq!(Retry::exponential().delay(4), Duration::from_millis(800));
    /// assert_eq!(Retry::exponential().delay(u32::MAX), Duration::from_secs(10), "the maximum");
    /// ```
    #[must_use]
    pub fn exponential() -> Self {
        Self::with_strategy(Strategy::Exponential)
    }

    /// Waits 1, 1, 2, 3, 5, 8 times the initial delay.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// assert_eq!(Retry::fibonacci().delay(5), Duration::from_millis(500));
    /// ```
    #[must_use]
    pub fn fibonacci() -> Self {
        Self::with_strategy(Strategy::Fibonacci)
    }

    /// Waits as a function says, which is told the number of the attempt that failed, from 1. The
    /// maximum delay and the jitter hold as for all.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::custom(|attempt| Duration::from_secs(if attempt == 1 { 0 } else { 5 }));
    /// assert_eq!((retry.delay(1), retry.delay(2)), (Duration::ZERO, Duration::from_secs(5)));
    /// ```
    #[must_use]
    pub fn custom(delay: impl Fn(u32) -> Duration + Send + Sync + 'static) -> Self {
        let retry = Self::with_strategy(Strategy::Custom);
        retry.change(|settings| settings.custom = Some(Arc::new(delay)))
    }

    fn with_strategy(strategy: Strategy) -> Self {
        let config = RetryConfig { strategy, ..RetryConfig::default() };
        let shared = Shared::new(Settings { config, ..Settings::default() });
        Self { shared, rules: AnyError, name: NAME.into() }
    }
}

impl TryFrom<RetryConfig> for Retry {
    type Error = InvalidConfig;

    fn try_from(config: RetryConfig) -> Result<Self, InvalidConfig> {
        let settings = Settings { config, ..Settings::default() };
        settings.validate()?;
        Ok(Self { shared: Shared::new(settings), rules: AnyError, name: NAME.into() })
    }
}

/// Calls.
impl<R: Clone> Retry<R> {
    /// Calls a closure until it succeeds or a limit is reached. It returns a `Result`, or a future of
    /// one.
    ///
    /// Nothing is called before the operation is awaited or blocked on. A closure that returns a
    /// `Result` runs where that happens: in async code it should be short, and
    /// `go_with_retry` of the runtime runs it on a thread.
    ///
    /// # Cancel safety
    /// Dropping it drops the attempt that runs, ends the delay, and gives an unused token back.
    ///
    /// # Errors
    /// The operation yields why there was no further attempt, how many there were, and what the last
    /// one failed with: see [`RetryError`](super::RetryError).
    ///
    /// # Panics
    /// A panic of the closure, or of its future, goes through the operation.
    ///
    /// ```
    /// use gonex_resilience::{Retry, RetryError};
    /// use std::time::Duration;
    ///
    /// let retry = Retry::fixed().initial_delay(Duration::from_millis(1)).max_attempts(2);
    /// let failed = retry.call(|| "seven".parse::<u32>()).block();
    /// assert!(matches!(failed, Err(RetryError::Exhausted { attempts: 2, .. })));
    ///
    /// let future = retry.call(|| async { "7".parse::<u32>() });
    /// assert_eq!(future.block(), Ok(7));
    /// ```
    #[track_caller]
    pub fn call<W, O, M>(&self, work: W) -> Op<Call<Plain<W, M>, R>>
    where
        W: FnMut() -> O,
        O: IntoAttempt<M>,
        R: Rules<O::Error>,
    {
        self.run(Plain::new(work))
    }

    /// Calls a closure as [`call`](Self::call) does, and tells it of the attempt.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let number = Retry::fixed().call_with(|attempt| async move { Ok::<_, ()>(attempt.number()) });
    /// assert_eq!(number.block(), Ok(1));
    /// ```
    #[track_caller]
    pub fn call_with<W, O, M>(&self, work: W) -> Op<Call<Informed<W, M>, R>>
    where
        W: FnMut(Attempt) -> O,
        O: IntoAttempt<M>,
        R: Rules<O::Error>,
    {
        self.run(Informed::new(work))
    }

    /// Calls what is no closure; for wrappers.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    /// use gonex_resilience::retry::{Attempt, Work};
    /// use std::future::{Ready, ready};
    ///
    /// struct Seven;
    ///
    /// impl Work for Seven {
    ///     type Value = u32;
    ///     type Error = ();
    ///     type Attempt = Ready<Result<u32, ()>>;
    ///
    ///     fn attempt(&mut self, _: &Attempt) -> Self::Attempt {
    ///         ready(Ok(7))
    ///     }
    /// }
    ///
    /// assert_eq!(Retry::fixed().run(Seven).block(), Ok(7));
    /// ```
    #[track_caller]
    pub fn run<K>(&self, work: K) -> Op<Call<K, R>>
    where
        K: Work,
        R: Rules<K::Error>,
    {
        Op::new(Call::new(work, self.rules.clone(), Progress::new(self.shared.clone())))
    }
}
