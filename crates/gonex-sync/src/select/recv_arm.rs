use std::task::{Poll, Waker};

use super::arm::Arm;
use super::glance;
use super::ticket::Seat;
use crate::channel::shared::Shared;
use crate::guarded::Guard;
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
            shared.leave_receivers(key);
        }
    }

    fn rank(&self) -> Option<usize> {
        self.shared.map(Shared::rank)
    }

    fn lock(&self) -> Option<Guard<'a>> {
        self.shared.map(Shared::lock)
    }

    fn attempt_held(&mut self, guard: &mut Guard<'_>, calls: &mut Calls) -> bool {
        let Some(shared) = self.shared else { return false };
        let outcome = shared.recv_held(guard, calls, &mut self.key);
        self.tried(outcome)
    }

    fn line_up(&mut self, guard: &mut Guard<'_>, calls: &mut Calls, seat: Seat) {
        if let Some(shared) = self.shared {
            shared.line_up_receiver_held(guard, calls, &mut self.key, seat);
        }
    }

    fn serve(&mut self, guard: &mut Guard<'_>, calls: &mut Calls) {
        if let Some(shared) = self.shared {
            shared.serve_held(guard, calls);
        }
    }

    fn collect(&mut self) {
        let Some(shared) = self.shared else { return };
        if let Poll::Ready(outcome) = shared.poll_recv(&mut self.key, Waker::noop()) {
            self.outcome = Some(outcome.map_err(|_| RecvError::Closed));
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
