//! Senders that wait until their value has been received.

use std::collections::BTreeMap;
use std::task::Waker;

use super::store::Position;
use crate::wait::{Calls, renew};

/// How it stands with a value whose sender waits.
#[derive(Debug)]
enum Ack {
    Waiting(Option<Waker>),
    Received,
    Discarded,
}

/// What a sender learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Learned {
    NotYet,
    Received,
    Discarded,
}

/// By the positions of their values.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    pending: BTreeMap<Position, Ack>,
}

impl Acks {
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    pub(crate) fn expect(&mut self, position: Position) {
        self.pending.insert(position, Ack::Waiting(None));
    }

    pub(crate) fn received(&mut self, position: Position, calls: &mut Calls) {
        self.end(position, Ack::Received, calls);
    }

    pub(crate) fn discarded(&mut self, position: Position, calls: &mut Calls) {
        self.end(position, Ack::Discarded, calls);
    }

    fn end(&mut self, position: Position, end: Ack, calls: &mut Calls) {
        if let Some(ack) = self.pending.get_mut(&position)
            && let Ack::Waiting(waker) = std::mem::replace(ack, end)
        {
            calls.add(waker);
        }
    }

    /// How it stands, and whom to wake when that changes.
    pub(crate) fn look(&mut self, position: Position, mine: &mut Option<Waker>) -> Learned {
        match self.pending.get_mut(&position) {
            Some(Ack::Waiting(waker)) => {
                renew(waker, mine);
                Learned::NotYet
            }
            Some(Ack::Received) => Learned::Received,
            Some(Ack::Discarded) | None => Learned::Discarded,
        }
    }

    /// Waits no longer. The waker is for the caller to drop.
    pub(crate) fn forget(&mut self, position: Position) -> Option<Waker> {
        match self.pending.remove(&position) {
            Some(Ack::Waiting(waker)) => waker,
            _ => None,
        }
    }
}
