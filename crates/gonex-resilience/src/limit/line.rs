//! The line of those who wait at a limiter.
//!
//! Whose turn it is holds the only permit of a fair semaphore, and alone tries to take. Who goes away
//! gives the permit on. Nothing is taken in advance, so nothing has to be given back.
//!
//! # No change is missed
//! Who waits says so, leaves its waker, and then looks at the meter. Who changes the meter does that, and
//! then looks whether somebody waits. Between the two steps each has a fence, so at least one of them sees
//! what the other did.

use std::sync::Arc;
use std::task::Waker;

use gonex_core::primitive::atomic::{AtomicU64, AtomicUsize, Ordering, fence};
use gonex_core::primitive::{Mutex, lock, wake};
use gonex_sync::Semaphore;

#[derive(Debug)]
pub(super) struct Line {
    /// One permit: the turn.
    pub(super) turn: Arc<Semaphore>,
    /// How the first in line is told that more may be there than it thinks. Wakers are cloned, woken and
    /// dropped outside the lock.
    first: Mutex<Option<Waker>>,
    /// How many wait, and for how many tokens together. They order nothing.
    waiting: AtomicUsize,
    wanted: AtomicU64,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
            first: Mutex::new(None),
            waiting: AtomicUsize::new(0),
            wanted: AtomicU64::new(0),
        }
    }

    /// Whether nobody waits.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.load(Ordering::Acquire) == 0
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many tokens those who wait want together.
    pub(super) fn wanted(&self) -> u64 {
        self.wanted.load(Ordering::Relaxed)
    }

    /// Counts one more who waits; unless that would be more than `most`, of whom it then says how many.
    pub(super) fn enter(self: &Arc<Self>, tokens: u32, most: usize) -> Result<Waiting, usize> {
        let mut waiting = self.waiting.load(Ordering::Relaxed);
        loop {
            if waiting >= most {
                return Err(waiting);
            }
            match self.waiting.compare_exchange_weak(
                waiting,
                waiting + 1,
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => break,
                Err(now) => waiting = now,
            }
        }
        self.wanted.fetch_add(tokens.into(), Ordering::Relaxed);
        Ok(Waiting { line: self.clone(), tokens })
    }

    /// Has the first in line look again when something has been given back or changed.
    pub(super) fn nudge(&self) {
        if !self.is_empty() {
            // Taken under the lock: who leaves its waker later also looks later.
            let first = lock(&self.first).take();
            if let Some(waker) = first {
                wake(waker);
            }
        }
    }

    /// Leaves the waker of who has the turn, before it looks.
    pub(super) fn listen(&self, waker: &Waker) {
        let mine = Some(waker.clone());
        let before = std::mem::replace(&mut *lock(&self.first), mine);
        drop(before);
        fence(Ordering::SeqCst);
    }

    fn forget(&self) {
        let before = lock(&self.first).take();
        drop(before);
    }
}

/// One that waits; dropped when it no longer does.
#[derive(Debug)]
pub(super) struct Waiting {
    line: Arc<Line>,
    tokens: u32,
}

impl Waiting {
    /// Takes the waker out again, while it is still its turn.
    pub(super) fn end_turn(&self) {
        self.line.forget();
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.line.wanted.fetch_sub(self.tokens.into(), Ordering::Relaxed);
        self.line.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}
