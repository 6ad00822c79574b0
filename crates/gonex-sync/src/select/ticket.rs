//! Who may decide what a select that waits does.

#[cfg(not(any(gonex_loom, gonex_shuttle)))]
use std::cell::Cell;
use std::task::Waker;

use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{Arc, Mutex, lock};

/// Nobody may claim: its owner is at work, or it has gone.
const SHUT: usize = usize::MAX;
/// Waits, and whoever comes first may claim.
const OPEN: usize = usize::MAX - 1;

/// One decision that is made once: which arm of a waiting select happens.
///
/// Any other value of the state is the arm that was claimed. The owner never claims another ticket
/// while its own is open; so two selects that could serve one another cannot both be taken.
#[derive(Debug)]
pub struct Ticket {
    state: AtomicUsize,
    /// Whom to wake; one for all arms.
    waker: Mutex<Option<Waker>>,
}

/// A ticket, and the arm that a waiter stands for.
#[derive(Clone, Debug)]
pub struct Seat {
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) arm: usize,
}

#[cfg(not(any(gonex_loom, gonex_shuttle)))]
thread_local! {
    /// A ticket that nobody has any more, for the next select that waits.
    static KEPT: Cell<Option<Arc<Ticket>>> = const { Cell::new(None) };
}

/// Keeps a ticket for the next select of this thread, if nobody else has it any more.
#[cfg(not(any(gonex_loom, gonex_shuttle)))]
pub(super) fn keep(mut ticket: Arc<Ticket>) {
    if let Some(unique) = Arc::get_mut(&mut ticket) {
        *unique.state.get_mut() = SHUT;
        // Users write what happens when a waker ends, and that may be another select.
        drop(unique.waker.get_mut().take());
        // A thread that ends may have no such variable any more.
        let _ = KEPT.try_with(|kept| kept.set(Some(ticket)));
    }
}

/// A model begins anew each time, and nothing is kept for the next.
#[cfg(any(gonex_loom, gonex_shuttle))]
pub(super) fn keep(_ticket: Arc<Ticket>) {}

impl Ticket {
    /// One that is shut, and has `waker` called when it is claimed.
    pub(super) fn take(waker: &Waker) -> Arc<Self> {
        let waker = Some(waker.clone());
        #[cfg(not(any(gonex_loom, gonex_shuttle)))]
        if let Some(mut kept) = KEPT.try_with(Cell::take).ok().flatten()
            && let Some(unique) = Arc::get_mut(&mut kept)
        {
            *unique.waker.get_mut() = waker;
            return kept;
        }
        Arc::new(Self { state: AtomicUsize::new(SHUT), waker: Mutex::new(waker) })
    }

    /// Has `waker` called when it is claimed. Not under the lock of a channel, since it is cloned.
    pub(crate) fn tell(&self, waker: &Waker) {
        let known = lock(&self.waker).as_ref().is_some_and(|known| known.will_wake(waker));
        if !known {
            let mine = waker.clone();
            let before = lock(&self.waker).replace(mine);
            drop(before);
        }
    }

    /// Lets others claim.
    pub(crate) fn open(&self) {
        self.state.store(OPEN, Ordering::SeqCst);
    }

    /// The arm that was claimed, if one was.
    pub(crate) fn claimed(&self) -> Option<usize> {
        let state = self.state.load(Ordering::Acquire);
        (state != OPEN && state != SHUT).then_some(state)
    }

    /// Lets nobody claim any more. If somebody has, says which arm.
    pub(crate) fn shut(&self) -> Result<(), usize> {
        // Release as well: what the owner did before is seen by whoever finds it shut.
        match self.state.compare_exchange(OPEN, SHUT, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) | Err(SHUT) => Ok(()),
            Err(arm) => Err(arm),
        }
    }
}

impl Seat {
    /// Whether a claim would succeed just now.
    pub(crate) fn is_open(&self) -> bool {
        self.ticket.state.load(Ordering::Relaxed) == OPEN
    }

    /// Whether an arm of the select has happened.
    pub(crate) fn is_claimed(&self) -> bool {
        self.ticket.claimed().is_some()
    }

    /// Has this arm happen, if nothing has yet.
    pub(crate) fn claim(&self) -> bool {
        let state = &self.ticket.state;
        state.compare_exchange(OPEN, self.arm, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Whom to wake. Nobody is left to wake then until the select has looked again.
    pub(crate) fn waker(&self) -> Option<Waker> {
        lock(&self.ticket.waker).take()
    }
}
