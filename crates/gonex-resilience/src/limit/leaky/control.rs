use std::time::Duration;

use gonex_core::primitive::lock;

use super::{LeakyBucket, LeakyMetrics};
use crate::limit::Meter;

/// What it says.
impl<T> LeakyBucket<T> {
    /// How long it takes until the next one may come out; `None` if there is none.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig::default())?;
    /// assert_eq!(bucket.time_until_next(), None);
    /// bucket.try_enqueue(7).unwrap();
    /// assert_eq!(bucket.time_until_next(), Some(Duration::ZERO));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn time_until_next(&self) -> Option<Duration> {
        let now = self.shared.time.now();
        let at = self.shared.pace.ready_at(1, now);
        (!self.is_empty()).then(|| Duration::from_nanos(at.saturating_sub(now)))
    }

    /// How many things are in it.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig::default())?;
    /// bucket.try_enqueue(7).unwrap();
    /// assert_eq!(bucket.len(), 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.shared.queue).len()
    }

    /// Whether nothing is in it.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// assert!(LeakyBucket::<u8>::new(LeakyBucketConfig::default())?.is_empty());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no room.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig { capacity: 1, ..Default::default() })?;
    /// bucket.try_enqueue(7).unwrap();
    /// assert!(bucket.is_full());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.shared.room.available() == 0
    }

    /// How many things it holds at most.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// assert_eq!(LeakyBucket::<u8>::new(LeakyBucketConfig::default())?.capacity(), 100);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.config.capacity as usize
    }

    /// What has been counted.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::<u8>::new(LeakyBucketConfig::default())?;
    /// assert_eq!(bucket.metrics().enqueued, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> LeakyMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all clones.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig::default())?;
    /// bucket.try_enqueue(7).unwrap();
    /// bucket.reset_metrics();
    /// assert_eq!(bucket.metrics().enqueued, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
