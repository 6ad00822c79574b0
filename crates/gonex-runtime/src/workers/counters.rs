use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What one worker has done so far. Only the worker writes, anyone reads; each number stands for
/// itself, so Relaxed is enough.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    completed: AtomicU64,
    failed: AtomicU64,
    busy_nanos: AtomicU64,
    waited_nanos: AtomicU64,
    /// The longest wait since it was last taken.
    longest_wait_nanos: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) busy: Duration,
    pub(crate) waited: Duration,
}

impl Counters {
    pub(crate) fn record(&self, completed: bool, waited: Duration, busy: Duration) {
        let outcome = if completed { &self.completed } else { &self.failed };
        outcome.fetch_add(1, Ordering::Relaxed);
        self.busy_nanos.fetch_add(nanos(busy), Ordering::Relaxed);
        self.waited_nanos.fetch_add(nanos(waited), Ordering::Relaxed);
        self.longest_wait_nanos.fetch_max(nanos(waited), Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> Count {
        Count {
            completed: self.completed.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            busy: Duration::from_nanos(self.busy_nanos.load(Ordering::Relaxed)),
            waited: Duration::from_nanos(self.waited_nanos.load(Ordering::Relaxed)),
        }
    }

    /// The longest wait since this was last called.
    pub(crate) fn take_longest_wait(&self) -> Duration {
        Duration::from_nanos(self.longest_wait_nanos.swap(0, Ordering::Relaxed))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl std::ops::Sub for Count {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            completed: self.completed - earlier.completed,
            failed: self.failed - earlier.failed,
            busy: self.busy.saturating_sub(earlier.busy),
            waited: self.waited.saturating_sub(earlier.waited),
        }
    }
}
