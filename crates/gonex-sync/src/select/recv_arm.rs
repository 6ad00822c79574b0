use super::arm::{Arm, Enlisted};
use super::glance;
use super::ticket::{Seat, Ticket};
use crate::channel::shared::Shared;
use crate::channel::through::Spot;
use crate::guarded::Guard;
use crate::primitive::Arc;
use crate::wait::{Calls, Key};
use crate::{Receiver, RecvError, TryRecvError};

/// Receives.
#[derive(Debug)]
pub struct RecvArm<'a, T> {
    /// `None` in an arm that is disabled.
    shared: Option<&'a Shared<T>>,
    /// The place in line.
    key: Option<Key>,
    outcome: Option<Result<T, RecvError>>,
}

impl<T> std::fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl<'a, T> RecvArm<'a, T> {
    /// From a receiver, if the arm takes part.
    pub fn new(receiver: Option<&'a Receiver<T>>) -> Self {
        let shared = receiver.map(|receiver| &**receiver.shared());
        Self { shared, key: None, outcome: None }
    }

    /// What was received, in the arm that happened.
    pub fn take(&mut self) -> Option<Result<T, RecvError>> {
        self.outcome.take()
    }

    fn tried(&mut self, outcome: Result<T, TryRecvError>) -> bool {
        self.outcome = match outcome {
            Ok(value) => Some(Ok(value)),
            Err(TryRecvError::Closed) => Some(Err(RecvError::Closed)),
            Err(TryRecvError::Empty) => None,
        };
        self.outcome.is_some()
    }
}

impl<'a, T> Arm<'a> for RecvArm<'a, T> {
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
            self.outcome = glance::receive_from(shared);
            return self.outcome.is_some();
        }
        self.tried(shared.try_recv())
    }

    fn changes(&self) -> u64 {
        self.shared.map_or(0, Shared::arrivals)
    }

    fn comes_unasked(&self) -> bool {
        self.shared.is_none_or(Shared::is_buffered)
    }

    fn leave(&mut self) {
        if let (Some(shared), Some(key)) = (self.shared, self.key.take()) {
            shared.leave_receivers(Spot::asked(key));
        }
    }

    fn attempt_in_line(&mut self) -> bool {
        // As one that has just come; the place in line is given up with the select's others.
        self.outcome = self.shared.and_then(glance::receive_from);
        self.outcome.is_some()
    }

    fn enlist(&mut self, ticket: &Arc<Ticket>, arm: usize) -> Enlisted {
        let Some(shared) = self.shared else { return Enlisted::Done };
        let seat = || Seat { ticket: ticket.clone(), arm };
        match shared.line_up_receiver(&mut self.key, seat) {
            None => Enlisted::Needs(shared.rank()),
            Some(outcome) => {
                if self.tried(outcome) {
                    Enlisted::Happens
                } else {
                    Enlisted::Done
                }
            }
        }
    }

    fn lock(&self) -> Option<Guard<'a>> {
        self.shared.map(Shared::lock)
    }

    fn looks_possible(&self, guard: &mut Guard<'_>) -> bool {
        self.shared.is_some_and(|shared| shared.looks_ready_held(guard))
    }

    fn attempt_held(&mut self, guard: &mut Guard<'_>, calls: &mut Calls) -> bool {
        let Some(shared) = self.shared else { return false };
        let outcome = shared.recv_held(guard, calls, &mut self.key);
        self.tried(outcome)
    }

    fn line_up(&mut self, guard: &mut Guard<'_>, calls: &mut Calls, seat: Seat) -> bool {
        let Some(shared) = self.shared else { return false };
        shared.line_up_receiver_held(guard, calls, &mut self.key, seat);
        false
    }

    fn collect(&mut self) {
        if let (Some(shared), Some(key)) = (self.shared, self.key.take()) {
            self.outcome = Some(shared.stop_receiving(Spot::asked(key)).ok_or(RecvError::Closed));
        }
    }
}

/// What a receive arm can receive from: a receiver, a reference to one, or an `Option` of either,
/// which disables the arm when it is `None`.
#[diagnostic::on_unimplemented(
    message = "a select cannot receive from `{Self}`",
    label = "not a `Receiver`, a reference to one, or an `Option` of either",
    note = "other things that wait, such as locks and joins, go into an arm `op(…)`"
)]
pub trait AsReceiver {
    /// What is received.
    type Item;

    /// The receiver, if there is one.
    fn as_receiver(&self) -> Option<&Receiver<Self::Item>>;
}

impl<T> AsReceiver for Receiver<T> {
    type Item = T;

    fn as_receiver(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<R: AsReceiver + ?Sized> AsReceiver for &R {
    type Item = R::Item;

    fn as_receiver(&self) -> Option<&Receiver<R::Item>> {
        (**self).as_receiver()
    }
}

impl<R: AsReceiver + ?Sized> AsReceiver for &mut R {
    type Item = R::Item;

    fn as_receiver(&self) -> Option<&Receiver<R::Item>> {
        (**self).as_receiver()
    }
}

impl<R: AsReceiver> AsReceiver for Option<R> {
    type Item = R::Item;

    fn as_receiver(&self) -> Option<&Receiver<R::Item>> {
        self.as_ref()?.as_receiver()
    }
}
