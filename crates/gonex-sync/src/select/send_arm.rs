use std::fmt;
use std::task::{Poll, Waker};

use super::arm::{Arm, Enlisted};
use super::glance;
use super::ticket::{Seat, Ticket};
use crate::channel::shared::Shared;
use crate::channel::through::Spot;
use crate::guarded::Guard;
use crate::primitive::Arc;
use crate::wait::{Calls, Key};
use crate::{SendError, Sender, TrySendError};

/// Sends what is in a slot.
pub struct SendArm<'a, 's, T> {
    /// `None` in an arm that is disabled.
    shared: Option<&'a Shared<T>>,
    lane: usize,
    slot: &'s mut Option<T>,
    /// The place in line, where the value is as well.
    key: Option<Key>,
    /// Of the value, where that counts.
    weight: usize,
    outcome: Option<Result<(), SendError<()>>>,
}

impl<'a, 's, T> SendArm<'a, 's, T> {
    /// From a sender and a slot; without the one or a value in the other it takes no part.
    pub fn new(sender: Option<&'a Sender<T>>, slot: &'s mut Option<T>) -> Self {
        let sender = sender.filter(|_| slot.is_some());
        let shared = sender.map(|sender| &**sender.shared());
        let lane = sender.map_or(0, Sender::lane_index);
        Self { shared, lane, slot, key: None, weight: 1, outcome: None }
    }

    /// How it went, in the arm that happened. The value is still in its slot if the channel is
    /// closed.
    pub fn take(&mut self) -> Option<Result<(), SendError<()>>> {
        self.outcome.take()
    }

    fn ended(&mut self, closed: bool) -> bool {
        self.outcome = Some(if closed { Err(SendError::Closed(())) } else { Ok(()) });
        true
    }
}

impl<T> fmt::Debug for SendArm<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendArm").field("enabled", &self.shared.is_some()).finish_non_exhaustive()
    }
}

impl<'a, T> Arm<'a> for SendArm<'a, '_, T> {
    fn is_enabled(&self) -> bool {
        self.shared.is_some()
    }

    #[inline(always)]
    fn is_channel(&self) -> bool {
        true
    }

    #[inline(always)]
    fn attempt(&mut self, glance: bool) -> bool {
        debug_assert!(self.key.is_none(), "who waits is claimed");
        let Some(shared) = self.shared else { return false };
        if glance {
            self.outcome = glance::send_to(shared, self.lane, self.slot);
            return self.outcome.is_some();
        }
        let Some(value) = self.slot.take() else { return false };
        match shared.try_send(value, self.lane) {
            Ok(()) => self.ended(false),
            Err(error) => {
                let closed = matches!(error, TrySendError::Closed(_));
                *self.slot = Some(error.into_inner());
                closed && self.ended(true)
            }
        }
    }

    fn changes(&self) -> u64 {
        self.shared.map_or(0, |shared| shared.departures(self.lane))
    }

    fn comes_unasked(&self) -> bool {
        self.shared.is_none_or(Shared::is_buffered)
    }

    fn leave(&mut self) {
        if let (Some(shared), Some(key)) = (self.shared, self.key.take())
            && let Some(value) = shared.leave_senders(Spot::asked(key), self.lane)
        {
            *self.slot = Some(value);
        }
    }

    fn attempt_in_line(&mut self) -> bool {
        // The value is in the line, where only the lock leads.
        let Some(mut guard) = self.lock() else { return false };
        let mut calls = Calls::default();
        let happens = self.attempt_held(&mut guard, &mut calls);
        drop(guard);
        calls.wake();
        happens
    }

    fn enlist(&mut self, _: &Arc<Ticket>, _: usize) -> Enlisted {
        let Some(shared) = self.shared else { return Enlisted::Done };
        if let Some(value) = &*self.slot {
            self.weight = shared.weigh(value);
        }
        Enlisted::Needs(shared.rank())
    }

    fn lock(&self) -> Option<Guard<'a>> {
        self.shared.map(Shared::lock)
    }

    fn looks_possible(&self, guard: &mut Guard<'_>) -> bool {
        self.shared.is_some_and(|shared| shared.looks_roomy_held(guard, self.lane))
    }

    fn attempt_held(&mut self, guard: &mut Guard<'_>, calls: &mut Calls) -> bool {
        let Some(shared) = self.shared else { return false };
        let (slot, key) = (&mut *self.slot, &mut self.key);
        match shared.send_held(guard, calls, slot, self.lane, self.weight, key) {
            Some(outcome) => self.ended(outcome.is_err()),
            None => false,
        }
    }

    fn line_up(&mut self, guard: &mut Guard<'_>, calls: &mut Calls, seat: Seat) -> bool {
        let Some(shared) = self.shared else { return false };
        let cargo = (&mut *self.slot, self.weight);
        match shared.line_up_sender_held(guard, calls, cargo, self.lane, &mut self.key, seat) {
            Some(outcome) => self.ended(outcome.is_err()),
            None => false,
        }
    }

    fn collect(&mut self) {
        let Some(shared) = self.shared else { return };
        let (slot, mut spot) = (&mut *self.slot, self.key.map(Spot::asked));
        if let Poll::Ready(outcome) = shared.poll_send(slot, self.lane, &mut spot, Waker::noop()) {
            self.key = None;
            self.ended(outcome.is_err());
        }
    }
}

/// What a send arm can send to: a sender, a reference to one, or an `Option` of either, which
/// disables the arm when it is `None`.
#[diagnostic::on_unimplemented(
    message = "a select cannot send to `{Self}`",
    label = "not a `Sender`, a reference to one, or an `Option` of either"
)]
pub trait AsSender {
    /// What is sent.
    type Item;

    /// The sender, if there is one.
    fn as_sender(&self) -> Option<&Sender<Self::Item>>;
}

impl<T> AsSender for Sender<T> {
    type Item = T;

    fn as_sender(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<S: AsSender + ?Sized> AsSender for &S {
    type Item = S::Item;

    fn as_sender(&self) -> Option<&Sender<S::Item>> {
        (**self).as_sender()
    }
}

impl<S: AsSender + ?Sized> AsSender for &mut S {
    type Item = S::Item;

    fn as_sender(&self) -> Option<&Sender<S::Item>> {
        (**self).as_sender()
    }
}

impl<S: AsSender> AsSender for Option<S> {
    type Item = S::Item;

    fn as_sender(&self) -> Option<&Sender<S::Item>> {
        self.as_ref()?.as_sender()
    }
}
