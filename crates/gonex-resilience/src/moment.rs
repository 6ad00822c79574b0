//! Time as the policies count it: nanoseconds since a policy was made, which never go back.

use std::sync::Arc;

use gonex_core::primitive::atomic::{AtomicU64, Ordering};
use gonex_core::{Clock, Instant, rt};

/// Where a policy has its time from.
#[derive(Debug)]
pub(crate) struct Time {
    /// Moment 0.
    epoch: Instant,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// The seam, whose time does not go back.
    Seam,
    /// A clock of the program's own, of which that is not known: the latest it told counts.
    Given { clock: Arc<dyn Clock>, latest: AtomicU64 },
}

impl Time {
    pub(crate) fn seam() -> Self {
        Self { epoch: rt::now(), source: Source::Seam }
    }

    pub(crate) fn of(clock: Arc<dyn Clock>) -> Self {
        let epoch = clock.now();
        Self { epoch, source: Source::Given { clock, latest: AtomicU64::new(0) } }
    }

    /// Nanoseconds since the policy was made: 584 years at most.
    pub(crate) fn now(&self) -> u64 {
        match &self.source {
            Source::Seam => self.since(rt::now()),
            Source::Given { clock, latest } => {
                let now = self.since(clock.now());
                // It orders nothing but itself.
                latest.fetch_max(now, Ordering::Relaxed).max(now)
            }
        }
    }

    /// The same, and the time of the seam at that moment.
    pub(crate) fn now_and_seam(&self) -> (u64, Instant) {
        let seam = rt::now();
        match &self.source {
            Source::Seam => (self.since(seam), seam),
            Source::Given { .. } => (self.now(), seam),
        }
    }

    fn since(&self, instant: Instant) -> u64 {
        nanos(instant.saturating_duration_since(self.epoch))
    }
}

/// A length of time as nanoseconds, 584 years at most.
pub(crate) fn nanos(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
