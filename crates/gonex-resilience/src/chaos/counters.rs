use crate::counted::counted;

counted! {
    /// What a chaos has counted, all its clones together.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let chaos = Chaos::new(ChaosConfig { errors: 1.0, ..ChaosConfig::default() })?;
    /// assert!(chaos.call(|| Ok::<_, ()>(7)).block().is_err());
    /// assert_eq!((chaos.metrics().calls, chaos.metrics().errors), (1, 1));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct ChaosMetrics of Counters {
        /// Calls that were decided on, those to which nothing happened included.
        calls,
        /// Calls that had to wait, those that were stopped meanwhile included.
        delays,
        /// Calls that failed on purpose; not those that were stopped, or went away, before it came to that.
        errors,
        /// Calls that panicked on purpose; as for those that failed.
        panics,
    }
    times {
        /// How long calls had to wait by decision, added up.
        total_delay,
    }
}
