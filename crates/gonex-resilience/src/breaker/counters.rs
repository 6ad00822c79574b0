use std::time::Duration;

use gonex_core::component::Metrics;
use gonex_core::primitive::atomic::{AtomicU64, Ordering};

/// What a breaker has counted, all its clones together.
///
/// Once no call is under way, `permitted` is the sum of `succeeded`, `failed`, `ignored` and `dropped`.
///
/// ```
/// use gonex_resilience::CircuitBreaker;
/// use gonex_resilience::breaker::BreakerConfig;
///
/// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
/// assert_eq!(breaker.call(|| Ok::<_, ()>(7)).block(), Ok(7));
/// assert_eq!((breaker.metrics().permitted, breaker.metrics().succeeded), (1, 1));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BreakerMetrics {
    /// Calls that were let in.
    pub permitted: u64,
    /// Calls that were not.
    pub refused: u64,
    /// Calls that succeeded.
    pub succeeded: u64,
    /// Calls that failed, those that a time-out ended included.
    pub failed: u64,
    /// Calls that were slow, whether they failed or not.
    pub slow: u64,
    /// Calls whose result did not count.
    pub ignored: u64,
    /// Calls that ended without a result.
    pub dropped: u64,
    /// Calls that ended in a later generation than they were let in.
    pub stale: u64,
    /// How often it went from closed or half open to open.
    pub opened: u64,
    /// How long calls took that ended with a result, added up.
    pub total_time: Duration,
    /// The share of calls in the window that failed; `None` before the minimum of calls.
    pub failure_rate: Option<f64>,
    /// The share of calls in the window that were slow; `None` before the minimum of calls.
    pub slow_rate: Option<f64>,
}

impl BreakerMetrics {
    pub(super) fn named(&self) -> Metrics {
        let metrics = Metrics::new()
            .with_count("permitted", self.permitted)
            .with_count("refused", self.refused)
            .with_count("succeeded", self.succeeded)
            .with_count("failed", self.failed)
            .with_count("slow", self.slow)
            .with_count("ignored", self.ignored)
            .with_count("dropped", self.dropped)
            .with_count("stale", self.stale)
            .with_count("opened", self.opened)
            .with_gauge("total_time_seconds", self.total_time.as_secs_f64());
        match (self.failure_rate, self.slow_rate) {
            (Some(failed), Some(slow)) => {
                metrics.with_gauge("failure_rate", failed).with_gauge("slow_rate", slow)
            }
            _ => metrics,
        }
    }
}

/// The counters behind. They are told apart only when read, so none orders another.
#[derive(Debug)]
pub(super) struct Counters {
    pub(super) permitted: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) succeeded: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) slow: AtomicU64,
    pub(super) ignored: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) stale: AtomicU64,
    pub(super) opened: AtomicU64,
    pub(super) nanos: AtomicU64,
}

impl Counters {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            permitted: zero(),
            refused: zero(),
            succeeded: zero(),
            failed: zero(),
            slow: zero(),
            ignored: zero(),
            dropped: zero(),
            stale: zero(),
            opened: zero(),
            nanos: zero(),
        }
    }

    pub(super) fn read(&self) -> BreakerMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        BreakerMetrics {
            permitted: read(&self.permitted),
            refused: read(&self.refused),
            succeeded: read(&self.succeeded),
            failed: read(&self.failed),
            slow: read(&self.slow),
            ignored: read(&self.ignored),
            dropped: read(&self.dropped),
            stale: read(&self.stale),
            opened: read(&self.opened),
            total_time: Duration::from_nanos(read(&self.nanos)),
            failure_rate: None,
            slow_rate: None,
        }
    }

    pub(super) fn reset(&self) {
        let Self {
            permitted,
            refused,
            succeeded,
            failed,
            slow,
            ignored,
            dropped,
            stale,
            opened,
            nanos,
        } = self;
        for counter in
            [permitted, refused, succeeded, failed, slow, ignored, dropped, stale, opened, nanos]
        {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

/// Counts more.
pub(super) fn count(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}
