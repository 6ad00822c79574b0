use std::time::Duration;

use gonex_core::primitive::atomic::{AtomicU64, Ordering};

/// What a retry policy has counted, all its clones together.
///
/// Once no call is under way, `calls` is the sum of `succeeded`, `gave_up`, `stopped` and `abandoned`,
/// and `attempts` that of `calls` and `retries`.
///
/// ```
/// use gonex_resilience::Retry;
///
/// let retry = Retry::exponential();
/// assert_eq!(retry.call(|| Ok::<_, ()>(7)).block(), Ok(7));
/// let metrics = retry.metrics();
/// assert_eq!((metrics.calls, metrics.attempts, metrics.succeeded), (1, 1, 1));
/// retry.reset_metrics();
/// assert_eq!(retry.metrics().calls, 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RetryMetrics {
    /// Calls that have begun.
    pub calls: u64,
    /// Attempts that have begun, the first ones included.
    pub attempts: u64,
    /// Attempts after the first one.
    pub retries: u64,
    /// Calls that yielded a value.
    pub succeeded: u64,
    /// Calls that yielded an error because the policy allowed no more attempts.
    pub gave_up: u64,
    /// Calls that a context or a limit stopped.
    pub stopped: u64,
    /// Calls that were dropped before their end, or left by a panic.
    pub abandoned: u64,
    /// How long calls have waited between attempts, added up.
    pub total_delay: Duration,
}

/// The counters behind. They are told apart only when read, so none orders another.
#[derive(Debug)]
pub(super) struct Counters {
    pub(super) calls: AtomicU64,
    pub(super) attempts: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) succeeded: AtomicU64,
    pub(super) gave_up: AtomicU64,
    pub(super) stopped: AtomicU64,
    pub(super) abandoned: AtomicU64,
    delayed_nanos: AtomicU64,
}

impl Counters {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            calls: zero(),
            attempts: zero(),
            retries: zero(),
            succeeded: zero(),
            gave_up: zero(),
            stopped: zero(),
            abandoned: zero(),
            delayed_nanos: zero(),
        }
    }

    pub(super) fn add_delay(&self, delay: Duration) {
        let nanos = u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX);
        // Wraps after 584 years of waiting, added up.
        self.delayed_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> RetryMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RetryMetrics {
            calls: read(&self.calls),
            attempts: read(&self.attempts),
            retries: read(&self.retries),
            succeeded: read(&self.succeeded),
            gave_up: read(&self.gave_up),
            stopped: read(&self.stopped),
            abandoned: read(&self.abandoned),
            total_delay: Duration::from_nanos(read(&self.delayed_nanos)),
        }
    }

    pub(super) fn reset(&self) {
        let Self {
            calls,
            attempts,
            retries,
            succeeded,
            gave_up,
            stopped,
            abandoned,
            delayed_nanos,
        } = self;
        for counter in
            [calls, attempts, retries, succeeded, gave_up, stopped, abandoned, delayed_nanos]
        {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

/// Counts one more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
