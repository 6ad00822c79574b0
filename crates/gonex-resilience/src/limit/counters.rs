use crate::counted::counted;

counted! {
    /// What a limiter has counted, all its clones together.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(1, Duration::from_secs(3600)))?;
    /// assert!(limiter.try_acquire(1).is_ok() && limiter.try_acquire(1).is_err());
    /// assert_eq!((limiter.metrics().allowed, limiter.metrics().denied), (1, 1));
    /// limiter.reset_metrics();
    /// assert_eq!(limiter.metrics().allowed, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct LimiterMetrics of Counters {
        /// Acquires and reservations that were allowed.
        allowed,
        /// Those that were denied.
        denied,
        /// Those that had to wait first, however it ended.
        waited,
        /// Those that went away, or were stopped, while they waited.
        abandoned,
    }
    times {
        /// How long was waited, added up.
        total_wait,
    }
}
