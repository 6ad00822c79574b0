//! Who may decide what a select that waits does.

use crate::primitive::Arc;
use crate::primitive::atomic::{AtomicUsize, Ordering};

/// Nobody may claim: its owner is at work, or it has gone.
const SHUT: usize = usize::MAX;
/// Waits, and whoever comes first may claim.
const OPEN: usize = usize::MAX - 1;

/// One decision that is made once: which arm of a waiting select happens.
///
/// Any other value of the state is the arm that was claimed. The owner never claims another ticket
/// while its own is open; so two selects that could serve one another cannot both be taken.
#[derive(Debug)]
pub(crate) struct Ticket {
    state: AtomicUsize,
}

/// A ticket, and the arm that a waiter stands for.
#[derive(Clone, Debug)]
pub struct Seat {
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) arm: usize,
}

impl Ticket {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { state: AtomicUsize::new(SHUT) })
    }

    /// Lets others claim.
    pub(crate) fn open(&self) {
        self.state.store(OPEN, Ordering::Release);
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
    /// Has this arm happen, if nothing has yet.
    pub(crate) fn claim(&self) -> bool {
        let state = &self.ticket.state;
        state.compare_exchange(OPEN, self.arm, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}
