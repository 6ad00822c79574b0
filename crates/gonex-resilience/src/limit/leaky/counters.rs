use crate::counted::counted;

counted! {
    /// What a leaky bucket has counted, all its clones together.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig { capacity: 1, ..Default::default() })?;
    /// assert!(bucket.try_enqueue(7).is_ok() && bucket.try_enqueue(8).is_err());
    /// assert_eq!((bucket.metrics().enqueued, bucket.metrics().refused), (1, 1));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct LeakyMetrics of Counters {
        /// Things that were put in.
        enqueued,
        /// Things that came out.
        dequeued,
        /// Things that had no room, and did not wait for it.
        refused,
        /// Things whose wait for room was stopped or given up.
        abandoned,
    }
}
