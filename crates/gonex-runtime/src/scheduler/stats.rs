use std::sync::atomic::{AtomicU64, Ordering};

use super::idle::Census;

/// What a runtime's closures are doing, and have done: see [`Runtime::stats`](crate::Runtime::stats).
///
/// A moment's view, put together without stopping anyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuntimeStats {
    /// The number of closures that run at once when none has to wait.
    pub cores: usize,
    /// The number of threads, whatever they do.
    pub threads: usize,
    /// The threads whose closure waits in an operation.
    pub blocked: usize,
    /// The threads that wait for work.
    pub spare: usize,
    /// The closures that wait to be run.
    pub queued: usize,
    /// The closures that ended with a result.
    pub completed: u64,
    /// The closures that ended without: they panicked or were stopped.
    pub failed: u64,
    /// How often a closure had to wait when as many as are allowed already did.
    pub stalls: u64,
}

/// What has been run at one core.
#[derive(Debug, Default)]
#[repr(align(128))] // Neighbours write at the same time; two lines, since they are fetched in pairs.
pub(super) struct Counts {
    completed: AtomicU64,
    failed: AtomicU64,
}

impl Counts {
    /// Counts a closure. `alone` says that nobody else writes here, as at a core that is held: then
    /// it takes no exchange.
    pub(super) fn count(&self, completed: bool, alone: bool) {
        let counter = if completed { &self.completed } else { &self.failed };
        // Relaxed: each number stands for itself, and a core is handed on under a lock.
        if alone {
            counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        } else {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl RuntimeStats {
    pub(super) fn sum(
        cores: usize,
        counts: &[Counts],
        census: Census,
        queued: usize,
        stalls: u64,
    ) -> Self {
        let sum = |of: fn(&Counts) -> &AtomicU64| {
            counts.iter().map(|counts| of(counts).load(Ordering::Relaxed)).sum()
        };
        Self {
            cores,
            threads: census.threads,
            blocked: census.blocked,
            spare: census.spare,
            queued,
            completed: sum(|counts| &counts.completed),
            failed: sum(|counts| &counts.failed),
            stalls,
        }
    }
}
