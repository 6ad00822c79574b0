use std::sync::Arc;
use std::time::Duration;

use gonex_core::Op;
use gonex_core::primitive::{Mutex, lock};

use super::counters::Counters;
use super::progress::Progress;
use super::settings::Settings;
use super::{
    AnyError, Call, Informed, IntoAttempt, Jitter, On, Plain, RetryBudget, RetryConfig,
    RetryMetrics, Retrying, Rules, Strategy, Work,
};
use crate::InvalidConfig;

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
    shared: Arc<Shared>,
    rules: R,
}

/// What clones share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Replaced as a whole; no user code runs under the lock.
    settings: Mutex<Arc<Settings>>,
    pub(super) counters: Counters,
}

impl Shared {
    fn new(settings: Settings) -> Arc<Self> {
        let settings = Mutex::new(Arc::new(settings));
        Arc::new(Self { settings, counters: Counters::new() })
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        lock(&self.settings).clone()
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
        Self { shared, rules: AnyError }
    }
}

impl TryFrom<RetryConfig> for Retry {
    type Error = InvalidConfig;

    fn try_from(config: RetryConfig) -> Result<Self, InvalidConfig> {
        let settings = Settings { config, ..Settings::default() };
        settings.validate()?;
        Ok(Self { shared: Shared::new(settings), rules: AnyError })
    }
}

/// Settings.
impl<R> Retry<R> {
    fn change(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::clone(&self.shared.settings());
        change(&mut settings);
        Self { shared: Shared::new(settings), rules: self.rules }
    }

    fn configured(self, change: impl FnOnce(&mut RetryConfig)) -> Self {
        self.change(|settings| change(&mut settings.config))
    }

    /// The delay that the strategy begins with; 100 ms by default.
    #[must_use]
    pub fn initial_delay(self, delay: Duration) -> Self {
        self.configured(|config| config.initial_delay = delay)
    }

    /// No delay is longer; 10 s by default.
    #[must_use]
    pub fn max_delay(self, delay: Duration) -> Self {
        self.configured(|config| config.max_delay = delay)
    }

    /// By what the exponential strategy multiplies; 2 by default.
    #[must_use]
    pub fn multiplier(self, multiplier: f64) -> Self {
        self.configured(|config| config.multiplier = multiplier)
    }

    /// What chance adds to the delays; nothing by default.
    #[must_use]
    pub fn jitter(self, jitter: Jitter) -> Self {
        self.configured(|config| config.jitter = jitter)
    }

    /// How many calls are made at most, the first one included; 3 by default.
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        self.configured(|config| config.max_attempts = Some(attempts))
    }

    /// Makes time the only limit: no attempt begins later than this after the first one began.
    #[must_use]
    pub fn unlimited_attempts_for(self, elapsed: Duration) -> Self {
        self.configured(|config| {
            config.max_attempts = None;
            config.max_elapsed = Some(elapsed);
        })
    }

    /// No attempt begins later than this after the first one began; no limit by default. A delay
    /// that would lead past it is not waited for.
    #[must_use]
    pub fn max_elapsed(self, elapsed: Duration) -> Self {
        self.configured(|config| config.max_elapsed = Some(elapsed))
    }

    /// How long one attempt may take; no limit by default.
    ///
    /// Each attempt runs in a [context](gonex_core::Context) with this deadline. A future that has not
    /// ended by then is dropped. A closure cannot be interrupted: what waits in it is stopped, and what
    /// it yields counts whenever it does.
    #[must_use]
    pub fn attempt_timeout(self, limit: Duration) -> Self {
        self.configured(|config| config.attempt_timeout = Some(limit))
    }

    /// Takes a token of this budget for each retry.
    #[must_use]
    pub fn budget(self, budget: &RetryBudget) -> Self {
        self.change(|settings| settings.budget = Some(budget.clone()))
    }

    /// Retries only after errors of which this is true. It is asked once for each attempt that failed,
    /// the last one included.
    ///
    /// ```
    /// use std::io;
    /// use gonex_resilience::{Retry, RetryError};
    ///
    /// let retry = Retry::fixed().retry_if(|error: &io::Error| error.kind() == io::ErrorKind::TimedOut);
    /// let failed = retry.call(|| Err::<(), _>(io::Error::from(io::ErrorKind::NotFound))).block();
    /// assert!(matches!(failed, Err(RetryError::Rejected { attempts: 1, .. })));
    /// ```
    #[must_use]
    pub fn retry_if<E>(self, condition: impl Fn(&E) -> bool + Send + Sync + 'static) -> Retry<On<E>>
    where
        R: Into<On<E>>,
    {
        self.ruled(|rules| rules.condition = Some(Arc::new(condition)))
    }

    /// Reads from errors how long they ask to be left alone, as `Retry-After` of HTTP does. The next
    /// attempt does not begin before; if that is longer than the maximum delay, there is none.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::{Retry, RetryError};
    ///
    /// let retry = Retry::fixed().retry_after(|seconds: &u64| Some(Duration::from_secs(*seconds)));
    /// let deferred = retry.call(|| Err::<(), _>(3600)).block();
    /// let retry_after = Duration::from_secs(3600);
    /// assert_eq!(deferred, Err(RetryError::Deferred { attempts: 1, retry_after, last: 3600 }));
    /// ```
    #[must_use]
    pub fn retry_after<E>(
        self,
        after: impl Fn(&E) -> Option<Duration> + Send + Sync + 'static,
    ) -> Retry<On<E>>
    where
        R: Into<On<E>>,
    {
        self.ruled(|rules| rules.after = Some(Arc::new(after)))
    }

    /// Is told of each retry, before its delay.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    /// use gonex_resilience::retry::Retrying;
    ///
    /// let (sent, told) = mpsc::channel();
    /// let retry = Retry::fixed()
    ///     .initial_delay(Duration::from_millis(1))
    ///     .notify(move |retrying: &Retrying<'_, &str>| {
    ///         sent.send((retrying.attempt.number(), retrying.error.copied())).unwrap();
    ///     });
    /// assert!(retry.call(|| Err::<(), _>("down")).block().is_err());
    /// assert_eq!(told.try_iter().collect::<Vec<_>>(), [(1, Some("down")), (2, Some("down"))]);
    /// ```
    #[must_use]
    pub fn notify<E>(
        self,
        notify: impl Fn(&Retrying<'_, E>) + Send + Sync + 'static,
    ) -> Retry<On<E>>
    where
        R: Into<On<E>>,
    {
        self.ruled(|rules| rules.notify = Some(Arc::new(notify)))
    }

    fn ruled<E>(self, rule: impl FnOnce(&mut On<E>)) -> Retry<On<E>>
    where
        R: Into<On<E>>,
    {
        let mut rules = self.rules.into();
        rule(&mut rules);
        Retry { shared: self.shared, rules }
    }

    /// The same policy, metrics included, with other rules; for wrappers whose errors hold those that
    /// the program knows.
    #[must_use]
    pub fn map_rules<S>(self, map: impl FnOnce(R) -> S) -> Retry<S> {
        Retry { shared: self.shared, rules: map(self.rules) }
    }
}

/// What it says, and what it has counted.
impl<R> Retry<R> {
    /// The settings.
    #[must_use]
    pub fn config(&self) -> RetryConfig {
        self.shared.settings().config.clone()
    }

    /// Changes the settings of this policy and all its clones. Calls that have begun keep to the old
    /// ones. Budget, rules, and a function for the delays stay.
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    ///
    /// ```
    /// use gonex_resilience::{Retry, RetryConfig};
    ///
    /// let retry = Retry::fixed();
    /// let used_elsewhere = retry.clone();
    /// retry.reconfigure(RetryConfig { max_attempts: Some(9), ..retry.config() })?;
    /// assert_eq!(used_elsewhere.config().max_attempts, Some(9));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reconfigure(&self, config: RetryConfig) -> Result<(), InvalidConfig> {
        let before = self.shared.settings();
        let settings =
            Settings { config, custom: before.custom.clone(), budget: before.budget.clone() };
        settings.validate()?;
        let mut settings = Arc::new(settings);
        std::mem::swap(&mut *lock(&self.shared.settings), &mut settings);
        // The old ones hold a function of the program's, and go when the lock is free again.
        drop(settings);
        Ok(())
    }

    /// Says whether the settings can be used, as a call would.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        self.shared.settings().validate()
    }

    /// Whether there would be another attempt after this error of this attempt, counted from 1, as
    /// far as that can be told from these two alone: time and budget do not count here.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::fixed().max_attempts(3).retry_if(|error: &&str| *error != "no such page");
    /// assert!(retry.should_retry(&"timed out", 2));
    /// assert!(!retry.should_retry(&"timed out", 3), "it was the last one");
    /// assert!(!retry.should_retry(&"no such page", 1));
    /// ```
    #[must_use]
    pub fn should_retry<E>(&self, error: &E, attempt: u32) -> bool
    where
        R: Rules<E>,
    {
        self.shared.settings().allows_after(attempt) && self.rules.retries(error)
    }

    /// The delay after this attempt, counted from 1, before chance has its share.
    #[must_use]
    pub fn delay(&self, attempt: u32) -> Duration {
        self.shared.settings().delay(attempt)
    }

    /// The delay after this attempt with its share of chance, as a function of a random number.
    ///
    /// `before` is the delay that was waited before this attempt; only [`Jitter::Decorrelated`] looks
    /// at it.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    /// use gonex_resilience::retry::Jitter;
    ///
    /// let retry = Retry::exponential().jitter(Jitter::Full);
    /// assert!(retry.jittered_delay(3, None, 0).is_zero());
    /// assert_eq!(retry.jittered_delay(3, None, u64::MAX), retry.delay(3));
    /// ```
    #[must_use]
    pub fn jittered_delay(&self, attempt: u32, before: Option<Duration>, random: u64) -> Duration {
        self.shared.settings().drawn(attempt, before, random)
    }

    /// What has been counted.
    #[must_use]
    pub fn metrics(&self) -> RetryMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all clones. A call that is under way counts only what it
    /// does from now on.
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
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
        W: FnMut(super::Attempt) -> O,
        O: IntoAttempt<M>,
        R: Rules<O::Error>,
    {
        self.run(Informed::new(work))
    }

    /// Calls what is no closure; for wrappers.
    #[track_caller]
    pub fn run<K>(&self, work: K) -> Op<Call<K, R>>
    where
        K: Work,
        R: Rules<K::Error>,
    {
        Op::new(Call::new(work, self.rules.clone(), Progress::new(self.shared.clone())))
    }
}
