//! An operation that waits in a line of a channel.

use std::task::Waker;

use super::store::Position;
use super::through::Spot;
use crate::select::Seat;
use crate::wait::{Calls, Key};

pub(crate) struct Entry<T> {
    /// Whom to call; in a select its ticket knows.
    pub(crate) waker: Option<Waker>,
    pub(crate) stage: Stage,
    /// Of a sender that waits, or a receiver that was served. A sender without one wants a permit.
    pub(crate) value: Option<T>,
    /// Of that value, once it has one.
    pub(crate) position: Position,
    pub(crate) weight: usize,
    /// Whether the sender waits until its value is received.
    pub(crate) acked: bool,
    /// How often somebody who came later was quicker.
    pub(crate) overtaken: u8,
    /// Whether it answers for a value, as one of those that were called.
    pub(crate) answers: bool,
    /// Whether its owner asks under the lock what has become of it. Else it is gone once it has been
    /// served, and [`Through`](super::through::Through) says so.
    pub(crate) asks: bool,
    /// Its number in the order in which all came.
    pub(crate) came: u64,
    pub(crate) seat: Option<Seat>,
}

/// Who has been overtaken so often goes before everybody. More than once, since on a busy machine the
/// channel would wait for each sleeper to get a core, while others have one; and not often, so that
/// nobody waits for ever.
pub(crate) const PATIENCE: u8 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    InLine,
    /// Woken, to try for itself.
    Called,
    /// Has got what it waits for: a value, or a place for one.
    Served,
    Closed,
}

impl<T> Entry<T> {
    /// Somebody who waits for a value.
    pub(crate) fn receiver(waker: Option<Waker>, seat: Option<Seat>) -> Self {
        Self {
            waker,
            stage: Stage::InLine,
            value: None,
            position: 0,
            weight: 0,
            acked: false,
            overtaken: 0,
            answers: false,
            asks: true,
            came: 0,
            seat,
        }
    }

    /// Somebody with a value to send; without one, somebody who wants a permit.
    pub(crate) fn sender(value: Option<T>, weight: usize, waker: Option<Waker>) -> Self {
        Self { value, weight, ..Self::receiver(waker, None) }
    }

    /// Where it stands, for its owner.
    pub(crate) fn spot(&self, key: Key) -> Spot {
        Spot::in_line(key, if self.asks { 0 } else { self.came })
    }

    /// Whether it may be served: if it belongs to a select, the ticket is claimed for it.
    pub(crate) fn claim(&self) -> bool {
        self.seat.as_ref().is_none_or(Seat::claim)
    }

    /// Whether a [claim](Self::claim) would succeed just now.
    pub(crate) fn is_open(&self) -> bool {
        self.seat.as_ref().is_none_or(Seat::is_open)
    }

    /// Whether it belongs to a select for which another arm has happened.
    pub(crate) fn is_claimed(&self) -> bool {
        self.seat.as_ref().is_some_and(Seat::is_claimed)
    }

    /// Ends the wait, or has it look for itself.
    pub(crate) fn end(&mut self, stage: Stage, calls: &mut Calls) {
        self.stage = stage;
        calls.add(match &self.seat {
            Some(seat) => seat.waker(),
            None => self.waker.take(),
        });
    }

    /// Whether it has been overtaken often enough.
    pub(crate) fn is_its_turn(&self) -> bool {
        self.overtaken >= PATIENCE
    }

    /// Counts that somebody was quicker. Whether that was the last time.
    pub(crate) fn overtake(&mut self) -> bool {
        self.overtaken = self.overtaken.saturating_add(1);
        self.overtaken == PATIENCE
    }

    pub(crate) fn is_in_line(&self) -> bool {
        self.stage == Stage::InLine
    }

    pub(crate) fn is_served(&self) -> bool {
        self.stage == Stage::Served
    }

    /// Sees to it that `waker` is called. It is cloned by the caller, and not under the lock: `false`
    /// asks for a clone in `mine`, in which afterwards lies what is left over.
    pub(crate) fn renew(&mut self, waker: &Waker, mine: &mut Option<Waker>) -> bool {
        if self.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            return true;
        }
        let renewed = mine.is_some();
        if renewed {
            std::mem::swap(&mut self.waker, mine);
        }
        renewed
    }
}
