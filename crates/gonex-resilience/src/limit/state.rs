use std::time::Duration;

use super::{Limiter, LimiterMetrics, Meter};
use crate::InvalidConfig;

/// What it says, and what can be changed.
impl<M: Meter> Limiter<M> {
    /// How many tokens could be taken now. To look takes nothing.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(5, std::time::Duration::from_secs(60)))?;
    /// limiter.try_acquire(2).unwrap();
    /// assert_eq!(limiter.available(), 3);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn available(&self) -> u32 {
        self.shared.meter.available(self.shared.time.now())
    }

    /// How long it takes until so many could be taken, those who wait already included; `None` if they
    /// never can be at once. To look takes nothing.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(5, Duration::from_secs(60)))?;
    /// assert_eq!(limiter.time_until(5), Some(Duration::ZERO));
    /// assert_eq!(limiter.time_until(6), None);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn time_until(&self, tokens: u32) -> Option<Duration> {
        let shared = &self.shared;
        let now = shared.time.now();
        let ahead = shared.line().map_or(0, |line| line.wanted());
        let at = shared.meter.ready_at(ahead.saturating_add(tokens.into()), now);
        let possible = tokens <= shared.meter.most();
        possible.then(|| Duration::from_nanos(at.saturating_sub(now)))
    }

    /// Whether so many could be taken now. To look takes nothing, and somebody else may be faster.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(5))?;
    /// assert!(limiter.peek(5) && !limiter.peek(6));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn peek(&self, tokens: u32) -> bool {
        self.time_until(tokens).is_some_and(|time| time.is_zero())
    }

    /// How many wait.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// assert_eq!(TokenBucket::new(TokenBucketConfig::per_second(5))?.waiting(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.line().map_or(0, |line| line.waiting())
    }

    /// Forgets what has been taken, as if it were new. Reservations give nothing back after that.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(5))?;
    /// limiter.try_acquire(5).unwrap();
    /// limiter.reset();
    /// assert_eq!(limiter.available(), 5);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset(&self) {
        self.shared.meter.reset(self.shared.time.now());
        self.shared.nudge();
    }

    /// The settings.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let config = TokenBucketConfig::per_second(5);
    /// assert_eq!(TokenBucket::new(config)?.config(), config);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn config(&self) -> M::Config {
        self.shared.meter.config()
    }

    /// Changes the settings for all clones and for those who wait. What was available stays so, up to what
    /// there can be now, and what was owed stays owed.
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(5, Duration::from_secs(60)))?;
    /// limiter.try_acquire(2).unwrap();
    /// limiter.reconfigure(TokenBucketConfig::per(50, Duration::from_secs(60)))?;
    /// assert_eq!(limiter.available(), 3);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reconfigure(&self, config: M::Config) -> Result<(), InvalidConfig> {
        self.shared.meter.reconfigure(config, self.shared.time.now())?;
        self.shared.nudge();
        Ok(())
    }

    /// What has been counted.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(5))?;
    /// limiter.try_acquire(5).unwrap();
    /// assert_eq!(limiter.metrics().allowed, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> LimiterMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all clones.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(5))?;
    /// limiter.try_acquire(5).unwrap();
    /// limiter.reset_metrics();
    /// assert_eq!(limiter.metrics().allowed, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
