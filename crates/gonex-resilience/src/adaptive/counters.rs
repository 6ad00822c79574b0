use crate::counted::counted;

counted! {
    /// What an adaptive limit has counted, all its clones together.
    ///
    /// Once no call is under way, `admitted` is the sum of `succeeded`, `dropped` and `ignored`.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// limit.call(|| Ok::<_, ()>(7)).block().unwrap();
    /// assert_eq!((limit.metrics().admitted, limit.metrics().succeeded), (1, 1));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub struct AdaptiveMetrics of Counters {
        /// Calls that were let in.
        admitted,
        /// Calls that were refused, those that waited too long included, and not those that were stopped
        /// while they waited.
        refused,
        /// Calls whose time has counted.
        succeeded,
        /// Calls that were too much for the service.
        dropped,
        /// Calls that did not count.
        ignored,
        /// How often the limit has grown.
        raised,
        /// How often it has shrunk.
        lowered,
    }
    times {
        /// How long the calls took whose time has counted, added up.
        total_time,
    }
    rates {
        /// The limit now.
        limit,
    }
}
