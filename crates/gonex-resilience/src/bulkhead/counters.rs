use std::time::Duration;

use gonex_core::component::Metrics;
use gonex_core::primitive::atomic::{AtomicU64, Ordering};

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
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BulkheadMetrics {
    /// Calls that were let in.
    pub admitted: u64,
    /// Calls that were refused, those that waited too long included.
    pub refused: u64,
    /// Calls that had to wait first, however it ended.
    pub waited: u64,
    /// Calls that waited for as long as one may, in vain.
    pub waited_too_long: u64,
    /// Calls that went away, or were stopped, while they waited.
    pub abandoned: u64,
    /// How long was waited, added up.
    pub total_wait: Duration,
}

/// The counters behind. They are told apart only when read, so none orders another.
#[derive(Debug)]
pub(super) struct Counters {
    pub(super) admitted: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) waited: AtomicU64,
    pub(super) waited_too_long: AtomicU64,
    pub(super) abandoned: AtomicU64,
    pub(super) wait_nanos: AtomicU64,
}

impl Counters {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            admitted: zero(),
            refused: zero(),
            waited: zero(),
            waited_too_long: zero(),
            abandoned: zero(),
            wait_nanos: zero(),
        }
    }

    pub(super) fn read(&self) -> BulkheadMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        BulkheadMetrics {
            admitted: read(&self.admitted),
            refused: read(&self.refused),
            waited: read(&self.waited),
            waited_too_long: read(&self.waited_too_long),
            abandoned: read(&self.abandoned),
            total_wait: Duration::from_nanos(read(&self.wait_nanos)),
        }
    }

    pub(super) fn reset(&self) {
        let Self { admitted, refused, waited, waited_too_long, abandoned, wait_nanos } = self;
        for counter in [admitted, refused, waited, waited_too_long, abandoned, wait_nanos] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

impl BulkheadMetrics {
    pub(super) fn named(&self) -> Metrics {
        Metrics::new()
            .with_count("admitted", self.admitted)
            .with_count("refused", self.refused)
            .with_count("waited", self.waited)
            .with_count("waited_too_long", self.waited_too_long)
            .with_count("abandoned", self.abandoned)
            .with_gauge("total_wait_seconds", self.total_wait.as_secs_f64())
    }
}

/// Counts more.
pub(super) fn count(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}
