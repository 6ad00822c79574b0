use crate::counted::counted;

counted! {
    /// What a breaker has counted, all its clones together.
    ///
    /// Once no call is under way, `permitted` is the sum of `succeeded`, `failed`, `ignored` and `dropped`.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// assert_eq!(breaker.call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// assert_eq!((breaker.metrics().permitted, breaker.metrics().succeeded), (1, 1));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub struct BreakerMetrics of Counters {
        /// Calls that were let in.
        permitted,
        /// Calls that were not.
        refused,
        /// Calls that succeeded.
        succeeded,
        /// Calls that failed, those that a time-out ended included.
        failed,
        /// Calls that were slow, whether they failed or not.
        slow,
        /// Calls whose result did not count.
        ignored,
        /// Calls that ended without a result.
        dropped,
        /// Calls that ended in a later generation than they were let in.
        stale,
        /// How often it went from closed or half open to open.
        opened,
    }
    times {
        /// How long calls took that ended with a result, added up; only where there is a
        /// [`slow_call`](super::BreakerConfig::slow_call), since no time is measured otherwise.
        total_time,
    }
    rates {
        /// The share of calls in the window that failed; `None` before the minimum of calls.
        failure_rate,
        /// The share of calls in the window that were slow; `None` before the minimum of calls.
        slow_rate,
    }
}
