use std::time::Duration;

use super::settings::Settings;
use super::{Retry, RetryConfig, RetryMetrics, Rules};
use crate::InvalidConfig;

/// What it says, and what it has counted.
impl<R> Retry<R> {
    /// The settings.
    ///
    /// ```
    /// use gonex_resilience::{Retry, RetryConfig};
    ///
    /// assert_eq!(Retry::exponential().config(), RetryConfig::default());
    /// ```
    #[must_use]
    pub fn config(&self) -> RetryConfig {
        self.shared.with(|settings| settings.config.clone())
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
        let (custom, budget) =
            self.shared.with(|before| (before.custom.clone(), before.budget.clone()));
        let mut settings = Settings { config, custom, budget, is_valid: false };
        settings.validate()?;
        settings.is_valid = true;
        self.shared.change(settings);
        Ok(())
    }

    /// Says whether the settings can be used, as a call would.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// assert!(Retry::fixed().validate().is_ok());
    /// assert!(Retry::fixed().max_attempts(0).validate().is_err());
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        self.shared.with(Settings::validate)
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
        self.shared.with(|settings| settings.allows_after(attempt)) && self.rules.retries(error)
    }

    /// The delay after this attempt, counted from 1, before chance has its share.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Retry;
    ///
    /// assert_eq!(Retry::fibonacci().delay(6), Duration::from_millis(800));
    /// ```
    #[must_use]
    pub fn delay(&self, attempt: u32) -> Duration {
        self.shared.with(|settings| settings.delay(attempt))
    }

    /// The delay after this attempt with its share of chance, as a function of a random number.
    ///
    /// `before` is the delay that was waited before this attempt; only
    /// [`Jitter::Decorrelated`](super::Jitter) looks at it.
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
        self.shared.with(|settings| settings.drawn(attempt, before, random))
    }

    /// What has been counted.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::fixed();
    /// retry.call(|| Ok::<_, ()>(())).block().unwrap();
    /// assert_eq!(retry.metrics().succeeded, 1);
    /// ```
    #[must_use]
    pub fn metrics(&self) -> RetryMetrics {
        let counted = self.shared.counters.read();
        // Each attempt begins a call or a retry, so they are not counted once more.
        RetryMetrics { attempts: counted.calls.saturating_add(counted.retries), ..counted }
    }

    /// Sets what has been counted to 0, for all clones. A call that is under way counts only what it
    /// does from now on.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::fixed();
    /// retry.call(|| Ok::<_, ()>(())).block().unwrap();
    /// retry.reset_metrics();
    /// assert_eq!(retry.metrics(), Retry::fixed().metrics());
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
