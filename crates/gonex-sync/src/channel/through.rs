//! Whose wait is over, without a question under the lock.

use super::solo::Round;
use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::wait::Key;

/// Where an operation waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// In line; [`ALONE`] for who waits alone.
    pub(crate) key: Key,
    /// Its number in the order of coming, or 0 if what has become of it is only known under the lock;
    /// for who waits alone the number of the round.
    number: u64,
}

const ALONE: Key = Key::MAX;

/// Up to which number all who stood in a line have been served. Those have left it and are forgotten.
///
/// It holds for a line whose entries with a number are served in the order of their numbers.
pub(crate) struct Through(AtomicU64);

impl Spot {
    /// One that is asked about under the lock.
    pub(crate) fn asked(key: Key) -> Self {
        Self::in_line(key, 0)
    }

    pub(crate) fn in_line(key: Key, number: u64) -> Self {
        Self { key, number }
    }

    pub(crate) fn alone(round: Round) -> Self {
        Self { key: ALONE, number: round.0 }
    }

    /// Which wait it is of one who waits alone.
    pub(crate) fn round(self) -> Option<Round> {
        (self.key == ALONE).then_some(Round(self.number))
    }

    /// The number by which its owner learns that it has been served; else 0.
    pub(crate) fn number(self) -> u64 {
        if self.key == ALONE { 0 } else { self.number }
    }
}

impl Through {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Whether one in line has been served. What the server did before is seen after.
    #[inline]
    pub(crate) fn has(&self, spot: Spot) -> bool {
        // Acquire: as if it had been learnt under the lock.
        spot.number() != 0 && spot.number() <= self.0.load(Ordering::Acquire)
    }

    /// Those up to this number have been served; perhaps they had been before. Only under the lock.
    #[inline]
    pub(crate) fn keep_up(&self, number: u64) {
        if self.0.load(Ordering::Relaxed) != number {
            self.advance(number);
        }
    }

    /// The next has been served. Only under the lock.
    #[inline]
    pub(crate) fn advance(&self, number: u64) {
        self.0.store(number, Ordering::Release);
    }
}
