use crate::counted::counted;

counted! {
    /// What a hedge has counted, all its clones together.
    ///
    /// ```
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// let hedge = Hedge::new(HedgeConfig::default())?;
    /// hedge.call(|| Ok::<_, ()>(7)).block().unwrap();
    /// assert_eq!((hedge.metrics().calls, hedge.metrics().hedges), (1, 0));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct HedgeMetrics of Counters {
        /// Calls that have begun.
        calls,
        /// Attempts after the first one of a call.
        hedges,
        /// Calls whose value came from such an attempt.
        won_by_hedge,
    }
}
