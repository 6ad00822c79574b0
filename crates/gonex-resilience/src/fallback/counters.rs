use crate::counted::counted;

counted! {
    /// What a fallback has counted, all its clones together.
    ///
    /// ```
    /// use gonex_resilience::Fallback;
    ///
    /// let fallback = Fallback::value(7);
    /// assert_eq!(fallback.call(|| Err::<u8, _>("down")).block(), Ok(7));
    /// assert_eq!((fallback.metrics().calls, fallback.metrics().recovered), (1, 1));
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct FallbackMetrics of Counters {
        /// Calls that have begun.
        calls,
        /// Calls that failed and yielded a value the other way.
        recovered,
        /// Calls that failed both ways.
        failed,
    }
}
