use std::time::Duration;

use gonex_core::component::Metrics;
use gonex_core::primitive::atomic::{AtomicU64, Ordering};

/// What a limiter has counted, all its clones together.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
///
/// let limiter = TokenBucket::new(TokenBucketConfig::per(1, Duration::from_secs(3600)))?;
/// assert!(limiter.try_acquire(1).is_ok() && limiter.try_acquire(1).is_err());
/// assert_eq!((limiter.metrics().allowed, limiter.metrics().denied), (1, 1));
/// limiter.reset_metrics();
/// assert_eq!(limiter.metrics().allowed, 0);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LimiterMetrics {
    /// Acquires and reservations that were allowed.
    pub allowed: u64,
    /// Those that were denied.
    pub denied: u64,
    /// Those that had to wait first, however it ended.
    pub waited: u64,
    /// Those that went away, or were stopped, while they waited.
    pub abandoned: u64,
    /// How long was waited, added up.
    pub total_wait: Duration,
}

/// The counters behind. They are told apart only when read, so none orders another.
#[derive(Debug)]
pub(super) struct Counters {
    pub(super) allowed: AtomicU64,
    pub(super) denied: AtomicU64,
    pub(super) waited: AtomicU64,
    pub(super) abandoned: AtomicU64,
    pub(super) wait_nanos: AtomicU64,
}

impl Counters {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            allowed: zero(),
            denied: zero(),
            waited: zero(),
            abandoned: zero(),
            wait_nanos: zero(),
        }
    }

    pub(super) fn read(&self) -> LimiterMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LimiterMetrics {
            allowed: read(&self.allowed),
            denied: read(&self.denied),
            waited: read(&self.waited),
            abandoned: read(&self.abandoned),
            total_wait: Duration::from_nanos(read(&self.wait_nanos)),
        }
    }

    pub(super) fn reset(&self) {
        for counter in
            [&self.allowed, &self.denied, &self.waited, &self.abandoned, &self.wait_nanos]
        {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

impl LimiterMetrics {
    pub(super) fn named(&self) -> Metrics {
        Metrics::new()
            .with_count("allowed", self.allowed)
            .with_count("denied", self.denied)
            .with_count("waited", self.waited)
            .with_count("abandoned", self.abandoned)
            .with_gauge("total_wait_seconds", self.total_wait.as_secs_f64())
    }
}

/// Counts more.
#[inline]
pub(super) fn count(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}
