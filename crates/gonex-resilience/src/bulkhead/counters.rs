use crate::counted::counted;

counted! {
    /// What a bulkhead has counted, all its clones together.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(1))?;
    /// let inside = bulkhead.try_acquire(1).unwrap();
    /// assert!(bulkhead.try_acquire(1).is_err());
    /// assert_eq!((bulkhead.metrics().admitted, bulkhead.metrics().refused), (1, 1));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct BulkheadMetrics of Counters {
        /// Calls that were let in.
        admitted,
        /// Calls that were refused, those that waited too long included.
        refused,
        /// Calls that had to wait first, however it ended.
        waited,
        /// Calls that waited for as long as one may, in vain.
        waited_too_long,
        /// Calls that went away, or were stopped, while they waited.
        abandoned,
    }
    times {
        /// How long was waited, added up.
        total_wait,
    }
}
