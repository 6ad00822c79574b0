//! Counts the tasks of a scope that have not ended.
//!
//! The thread that has opened the scope starts most of them, and ends most of those that are short. To
//! write to a place that others write to would be its greatest cost, so there are two: *here* is written by that
//! thread alone, *away* by the others. Only the sum says something, and it is first made when that thread
//! has nothing left to do but wait: until then a great number in *away* keeps it from becoming zero.

use gonex_core::primitive::atomic::{AtomicUsize, Ordering};

/// What is in the module's description.
#[derive(Debug)]
pub(super) struct Count {
    here: Side,
    away: Side,
}

#[derive(Debug)]
#[repr(align(128))] // Each is written by others; two lines, since they are fetched in pairs.
struct Side(AtomicUsize);

/// More than any number of tasks.
const OPEN: usize = 1 << (usize::BITS - 1);

impl Count {
    /// Of no tasks, of a scope that is open.
    pub(super) fn new() -> Self {
        Self { here: Side(AtomicUsize::new(0)), away: Side(AtomicUsize::new(OPEN)) }
    }

    /// A task is started on the thread that has opened the scope.
    #[inline]
    pub(super) fn start_here(&self) {
        // Relaxed, here and below: one thread writes and reads it.
        self.here.0.store(self.here.0.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// A task ends on the thread that has opened the scope, wherever it was started.
    #[inline]
    pub(super) fn end_here(&self) {
        self.here.0.store(self.here.0.load(Ordering::Relaxed).wrapping_sub(1), Ordering::Relaxed);
    }

    /// A task is started on another thread, by a task that has not ended; or it will end on one for sure.
    #[inline]
    pub(super) fn start_away(&self) {
        // Relaxed: whoever starts it has not ended, so nobody is told meanwhile.
        self.away.0.fetch_add(1, Ordering::Relaxed);
    }

    /// A task ends on another thread. Whether it was the last, and the thread that has opened the scope
    /// waits to be told.
    #[inline]
    #[must_use]
    pub(super) fn end_away(&self) -> bool {
        // What the task has done is seen by whoever learns that it has ended.
        self.away.0.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// The thread that has opened the scope will start and end no more tasks. Whether all have ended; else
    /// the last that does is told so.
    #[must_use]
    pub(super) fn close(&self) -> bool {
        let here = self.here.0.load(Ordering::Relaxed);
        let away = self.away.0.fetch_add(here.wrapping_sub(OPEN), Ordering::AcqRel);
        away.wrapping_add(here) == OPEN
    }
}
