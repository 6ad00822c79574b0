//! Whose wait is over, without a question under the lock.

use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::wait::Key;

/// Where an operation waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) key: Key,
    /// In the order of coming, from 1; 0 if what has become of it is only known under the lock.
    pub(crate) number: u64,
}

/// Up to which number all who stood in a line have been served. Those have left it and are forgotten.
///
/// It holds for a line whose entries with a number are served in the order of their numbers.
pub(crate) struct Through(AtomicU64);

impl Spot {
    /// One that is asked about under the lock.
    pub(crate) fn asked(key: Key) -> Self {
        Self { key, number: 0 }
    }
}

impl Through {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Whether one that waited there has been served. What the server did before is seen after.
    #[inline]
    pub(crate) fn has(&self, spot: Spot) -> bool {
        // Acquire: as if it had been learnt under the lock.
        spot.number != 0 && spot.number <= self.0.load(Ordering::Acquire)
    }

    /// The next has been served. Only under the lock.
    #[inline]
    pub(crate) fn advance(&self, number: u64) {
        self.0.store(number, Ordering::Release);
    }
}
