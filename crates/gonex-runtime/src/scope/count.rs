//! Counts the tasks of a scope that have not ended.
//!
//! The thread that has opened the scope starts most of them, and ends most of those that are short. To
//! write to a place that others write to would be its greatest cost, so it counts *here*, for itself alone,
//! and others count *away*. Only the sum says something, and it is first made when that thread has nothing left
//! to do but wait: until then a great number in *away* keeps it from becoming zero.

use gonex_core::primitive::atomic::{AtomicUsize, Ordering};

/// What is counted away.
#[derive(Debug)]
pub(super) struct Count(AtomicUsize);

/// More than any number of tasks.
const OPEN: usize = 1 << (usize::BITS - 1);

impl Count {
    /// Of no tasks, of a scope that is open.
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(OPEN))
    }

    /// A task is started that is not counted here: by a task that has not ended, or by the thread that has
    /// opened the scope before it closes it.
    #[inline]
    pub(super) fn start(&self) {
        // Relaxed: whoever starts it has not ended, so nobody is told meanwhile.
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// A task ends that is not counted here. Whether it was the last, and the thread that has opened the
    /// scope waits to be told.
    #[inline]
    #[must_use]
    pub(super) fn end(&self) -> bool {
        // What the task has done is seen by whoever learns that it has ended.
        self.0.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// The thread that has opened the scope will start and end no more tasks; so many more it has started
    /// than ended, which may be less than none. Whether all have ended; else the last that does is told so.
    #[must_use]
    pub(super) fn close(&self, here: usize) -> bool {
        let away = self.0.fetch_add(here.wrapping_sub(OPEN), Ordering::Acquire);
        away.wrapping_add(here) == OPEN
    }
}
