//! One who waits alone, without a line and its lock.
//!
//! Most channels have one receiver, and most waits are those of somebody who finds nobody waiting.
//! Such a one leaves its waker here. All there is to agree upon is one word: whose the waker is just
//! now. It goes round: *free*, *coming* (who comes to wait writes its waker), *waiting*, *going* (who
//! ends the wait takes the waker out), and free again; each round has a number, so who waited can tell
//! that it was called. The word's lower bits are [flags](FLAGS) of the channel, which are not touched.

#![expect(unsafe_code, reason = "the word says whose the waker is; the types cannot say so")]

use std::task::Waker;

use crate::primitive::UnsafeCell;
use crate::primitive::atomic::{AtomicU64, Ordering};

/// The bits of the word that are the channel's.
pub(crate) const FLAGS: u64 = 0xff;

/// One step round. From going to free it carries into the number of the round.
const STEP: u64 = 1 << 8;
const STATE: u64 = 3 * STEP;
const COMING: u64 = STEP;
const WAITING: u64 = 2 * STEP;
const ROUND: u32 = 10;

/// Set while somebody waits, and until its waker has been taken out.
pub(crate) const SOMEBODY: u64 = WAITING;

/// Which wait it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round(pub(crate) u64);

pub(crate) struct Solo {
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: the waker is reached by the one thread that made the word's step to "coming" or to "going",
// until its next step, which the word's order of memory makes visible to whoever makes the one after.
// A waker may be sent, and is not shared.
unsafe impl Sync for Solo {}

impl Solo {
    pub(crate) fn new() -> Self {
        Self { waker: UnsafeCell::new(None) }
    }

    /// Comes to wait, and takes the waker; not if there is somebody, or one of the flags in `barring`.
    ///
    /// After it, whoever does something that ends the wait either sees that somebody waits, or has
    /// done it before what this thread reads next, if both go by sequentially consistent operations.
    pub(crate) fn come(
        &self,
        word: &AtomicU64,
        barring: u64,
        waker: &mut Option<Waker>,
    ) -> Option<Round> {
        let now = word.load(Ordering::Relaxed);
        if now & (STATE | barring) != 0 {
            return None;
        }
        // Acquire: who took the waker of the round before has done so.
        word.compare_exchange(now, now + COMING, Ordering::Acquire, Ordering::Relaxed).ok()?;
        // SAFETY: this thread made the step to "coming", and no other touches the waker until the next.
        self.waker.with_mut(|place| unsafe { *place = waker.take() });
        word.fetch_add(STEP, Ordering::SeqCst);
        Some(Round(now >> ROUND))
    }

    /// The wait that goes on, if there is one.
    pub(crate) fn round(word: &AtomicU64) -> Option<Round> {
        let now = word.load(Ordering::SeqCst);
        (now & STATE == WAITING).then_some(Round(now >> ROUND))
    }

    /// Ends a wait, the given one or whichever there is, and yields its waker. `None` if nobody waits
    /// so, or another thread ends it just now.
    pub(crate) fn end(&self, word: &AtomicU64, which: Option<Round>) -> Option<Waker> {
        let mut now = word.load(Ordering::SeqCst);
        loop {
            if now & STATE != WAITING || which.is_some_and(|round| round.0 != now >> ROUND) {
                return None;
            }
            // Acquire: its waker has been written. Release: whoever waited and finds that it was called
            // sees what the caller did before, such as to count it.
            match word.compare_exchange_weak(now, now + STEP, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => break,
                Err(other) => now = other,
            }
        }
        // SAFETY: this thread made the step to "going", and no other touches the waker until the next.
        let waker = self.waker.with_mut(|place| unsafe { (*place).take() });
        word.fetch_add(STEP, Ordering::Release);
        waker
    }
}

#[cfg(all(test, gonex_loom))]
#[path = "solo_models.rs"]
mod models;
