use std::sync::Arc;
use std::time::Duration;

use super::policy::Shared;
use super::settings::Settings;
use super::{Jitter, On, Retry, RetryBudget, RetryConfig, Retrying};

/// Settings.
impl<R> Retry<R> {
    pub(super) fn change(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.shared.with(Settings::clone);
        change(&mut settings);
        Self { shared: Shared::new(settings), ..self }
    }

    fn configured(self, change: impl FnOnce(&mut RetryConfig)) -> Self {
        self.change(|settings| change(&mut settings.config))
    }

    /// The delay that the strategy begins with; 100 ms by default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::linear().initial_delay(Duration::from_secs(1));
    /// assert_eq!(retry.delay(2), Duration::from_secs(2));
    /// ```
    #[must_use]
    pub fn initial_delay(self, delay: Duration) -> Self {
        self.configured(|config| config.initial_delay = delay)
    }

    /// No delay is longer; 10 s by default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::linear().max_delay(Duration::from_millis(250));
    /// assert_eq!(retry.delay(9), Duration::from_millis(250));
    /// ```
    #[must_use]
    pub fn max_delay(self, delay: Duration) -> Self {
        self.configured(|config| config.max_delay = delay)
    }

    /// By what the exponential strategy multiplies; 2 by default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::exponential().multiplier(3.0);
    /// assert_eq!(retry.delay(3), Duration::from_millis(900));
    /// ```
    #[must_use]
    pub fn multiplier(self, multiplier: f64) -> Self {
        self.configured(|config| config.multiplier = multiplier)
    }

    /// What chance adds to the delays; nothing by default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    /// use gonex_resilience::retry::Jitter;
    ///
    /// let retry = Retry::fixed().jitter(Jitter::Equal);
    /// assert_eq!(retry.jittered_delay(1, None, 0), Duration::from_millis(50), "half of it, at least");
    /// ```
    #[must_use]
    pub fn jitter(self, jitter: Jitter) -> Self {
        self.configured(|config| config.jitter = jitter)
    }

    /// How many calls are made at most, the first one included; 3 by default.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::custom(|_| std::time::Duration::ZERO).max_attempts(4);
    /// assert_eq!(retry.call(|| Err::<(), _>("down")).block().unwrap_err().attempts(), 4);
    /// ```
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        self.configured(|config| config.max_attempts = Some(attempts))
    }

    /// Makes time the only limit: no attempt begins later than this after the first one began.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::fixed().unlimited_attempts_for(Duration::from_millis(50));
    /// let failed = retry.call(|| Err::<(), _>("down")).block().unwrap_err();
    /// assert_eq!(failed.attempts(), 1, "the next one would begin after 100 ms");
    /// ```
    #[must_use]
    pub fn unlimited_attempts_for(self, elapsed: Duration) -> Self {
        self.configured(|config| {
            config.max_attempts = None;
            config.max_elapsed = Some(elapsed);
        })
    }

    /// No attempt begins later than this after the first one began; no limit by default. A delay
    /// that would lead past it is not waited for.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::{Retry, RetryError};
    ///
    /// let retry = Retry::fixed().max_elapsed(Duration::from_millis(50));
    /// let failed = retry.call(|| Err::<(), _>("down")).block();
    /// assert!(matches!(failed, Err(RetryError::Elapsed { attempts: 1, .. })));
    /// ```
    #[must_use]
    pub fn max_elapsed(self, elapsed: Duration) -> Self {
        self.configured(|config| config.max_elapsed = Some(elapsed))
    }

    /// How long one attempt may take; no limit by default.
    ///
    /// Each attempt runs in a [context](gonex_core::Context) with this deadline. A future that has not
    /// ended by then is dropped. A closure cannot be interrupted: what waits in it is stopped, and what
    /// it yields counts whenever it does.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::fixed().max_attempts(1).attempt_timeout(Duration::from_millis(1));
    /// let failed = retry.call(std::future::pending::<Result<(), ()>>).block().unwrap_err();
    /// assert_eq!((failed.attempts(), failed.last()), (1, None));
    /// ```
    #[must_use]
    pub fn attempt_timeout(self, limit: Duration) -> Self {
        self.configured(|config| config.attempt_timeout = Some(limit))
    }

    /// Takes a token of this budget for each retry.
    ///
    /// ```
    /// use gonex_resilience::{BudgetConfig, Retry, RetryBudget};
    ///
    /// let budget = RetryBudget::new(BudgetConfig::default())?;
    /// let (reads, writes) = (Retry::fixed().budget(&budget), Retry::linear().budget(&budget));
    /// assert_eq!(reads.call(|| Ok::<_, ()>(1)).block(), Ok(1));
    /// assert_eq!(writes.call(|| Ok::<_, ()>(2)).block(), Ok(2));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
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
        Retry { shared: self.shared, rules, name: self.name }
    }

    /// Names it, for the registry of components; `retry` by default. State and metrics stay.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::Retry;
    ///
    /// assert_eq!(Retry::fixed().named("search").name(), "search");
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The same policy, metrics included, with other rules; for wrappers whose errors hold those that
    /// the program knows.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    /// use gonex_resilience::retry::AnyError;
    ///
    /// let retry = Retry::fixed().retry_if(|error: &u8| *error > 3);
    /// let forgiving = retry.map_rules(|_| AnyError);
    /// assert!(forgiving.should_retry(&1_u8, 1));
    /// ```
    #[must_use]
    pub fn map_rules<S>(self, map: impl FnOnce(R) -> S) -> Retry<S> {
        Retry { shared: self.shared, rules: map(self.rules), name: self.name }
    }
}
