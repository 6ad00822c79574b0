use crate::counted::counted;

counted! {
    /// What a time-out has counted, all its clones together.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Timeout;
    ///
    /// let timeout = Timeout::new(Duration::from_secs(5))?;
    /// timeout.call(|| Ok::<_, ()>(7)).block().unwrap();
    /// assert_eq!((timeout.metrics().calls, timeout.metrics().timed_out), (1, 0));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct TimeoutMetrics of Counters {
        /// Calls that have begun.
        calls,
        /// Calls that were cut off, or failed when their time was over.
        timed_out,
    }
    times {
        /// How long calls took that ended by themselves or were cut off, added up.
        total_time,
    }
}
