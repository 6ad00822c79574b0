use crate::counted::counted;

counted! {
    /// What a retry policy has counted, all its clones together.
    ///
    /// Once no call is under way, `calls` is the sum of `succeeded`, `gave_up`, `stopped` and `abandoned`,
    /// and `attempts` that of `calls` and `retries`.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::exponential();
    /// assert_eq!(retry.call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// let metrics = retry.metrics();
    /// assert_eq!((metrics.calls, metrics.attempts, metrics.succeeded), (1, 1, 1));
    /// retry.reset_metrics();
    /// assert_eq!(retry.metrics().calls, 0);
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct RetryMetrics of Counters {
        /// Calls that have begun.
        calls,
        /// Attempts that have begun, the first ones included.
        attempts,
        /// Attempts after the first one.
        retries,
        /// Calls that yielded a value.
        succeeded,
        /// Calls that yielded an error because the policy allowed no more attempts.
        gave_up,
        /// Calls that a context or a limit stopped.
        stopped,
        /// Calls that were dropped before their end, or left by a panic.
        abandoned,
    }
    times {
        /// How long calls have waited between attempts, added up.
        total_delay,
    }
}
