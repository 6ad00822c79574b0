use std::sync::atomic::{AtomicU64, Ordering};

/// What became of the buffers of a pool so far.
///
/// Threads count for themselves, so while they are at it the numbers are those of slightly different
/// moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BufferStats {
    /// How many were taken that had been used before.
    pub reused: u64,
    /// How many were made because none was there: the misses.
    pub made: u64,
    /// How many were made because they were larger than the largest class.
    pub oversized: u64,
    /// How many were given back and kept.
    pub kept: u64,
    /// How many were given back and not kept: there was no room, or they were of no class any more.
    pub let_go: u64,
    /// How many bytes the pool keeps, those included that threads may keep for themselves.
    pub bytes: usize,
}

/// What one thread counts. Nobody else writes, so a load and a store are enough.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Counts {
    pub(super) reused: Count,
    pub(super) made: Count,
    pub(super) oversized: Count,
    pub(super) kept: Count,
    pub(super) let_go: Count,
}

#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    #[inline]
    pub(super) fn add(&self) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl BufferStats {
    pub(super) fn add(&mut self, counts: &Counts) {
        self.reused += counts.reused.get();
        self.made += counts.made.get();
        self.oversized += counts.oversized.get();
        self.kept += counts.kept.get();
        self.let_go += counts.let_go.get();
    }
}
