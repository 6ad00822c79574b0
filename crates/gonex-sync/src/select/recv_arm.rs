use std::task::{Context, Poll, Waker};

use super::arm::{Arm, Locked};
use super::ticket::Seat;
use crate::channel::shared::{Make, Shared};
use crate::wait::{Calls, Key};
use crate::{Receiver, RecvError, TryRecvError};

/// Receives.
#[derive(Debug)]
pub struct RecvArm<'a, T> {
    /// `None` in an arm that is disabled.
    shared: Option<&'a Shared<T>>,
    key: Option<Key>,
    /// On its way under the lock, or out of it.
    waker: Option<Waker>,
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
        Self { shared, key: None, waker: None, outcome: None }
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

    #[inline]
    fn attempt(&mut self, again: bool) -> bool {
        let Some(shared) = self.shared else { return false };
        if again && !shared.looks_ready() {
            return false;
        }
        debug_assert!(self.key.is_none(), "who waits is polled");
        self.tried(shared.try_recv())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(shared) = self.shared else { return false };
        let Make::Ringed(channel) = &shared.make else {
            return self.key.is_none() && self.attempt(false);
        };
        match channel.poll_recv(&mut self.key, cx.waker()) {
            Poll::Pending => false,
            Poll::Ready(outcome) => {
                self.outcome = Some(outcome.map_err(|_| RecvError::Closed));
                true
            }
        }
    }

    fn changes(&self) -> u64 {
        self.shared.map_or(0, Shared::arrivals)
    }

    fn leave(&mut self) {
        if let (Some(shared), Some(key)) = (self.shared, self.key.take()) {
            shared.leave_receivers(key);
        }
    }

    fn rank(&self) -> Option<usize> {
        match &self.shared?.make {
            Make::Ringed(_) => None,
            Make::Locked(channel) => Some(channel.state.rank()),
        }
    }

    fn lock(&self) -> Option<Locked<'a>> {
        match &self.shared?.make {
            Make::Ringed(_) => None,
            Make::Locked(channel) => {
                Some(Locked { guard: channel.state.lock(), calls: Calls::default() })
            }
        }
    }

    fn attempt_locked(&mut self, locked: &mut Locked<'_>) -> bool {
        let Some(Shared { make: Make::Locked(channel), .. }) = self.shared else { return false };
        let state = channel.state.get(&mut locked.guard);
        let outcome = state.recv(&mut locked.calls);
        if !self.tried(outcome) {
            return false;
        }
        if let Some(key) = self.key.take() {
            self.waker = state.leave_receivers(key, &mut locked.calls).into_waker();
        }
        true
    }

    fn prepare(&mut self, waker: &Waker) {
        self.waker = Some(waker.clone());
    }

    fn line_up(&mut self, locked: &mut Locked<'_>, seat: Seat) {
        let Some(Shared { make: Make::Locked(channel), .. }) = self.shared else { return };
        let state = channel.state.get(&mut locked.guard);
        match self.key {
            Some(key) => state.renew(key, &mut self.waker),
            None => {
                let waker = self.waker.take();
                self.key = Some(state.line_up_receiver(waker, Some(seat), &mut locked.calls));
            }
        }
    }

    fn collect(&mut self) {
        let Some(Shared { make: Make::Locked(channel), .. }) = self.shared else { return };
        if let Poll::Ready(outcome) = channel.poll_recv(&mut self.key, Waker::noop()) {
            self.outcome = Some(outcome.map_err(|_| RecvError::Closed));
        }
    }
}

impl<T> Drop for RecvArm<'_, T> {
    fn drop(&mut self) {
        Arm::leave(self);
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

impl<R: AsReceiver> AsReceiver for Option<R> {
    type Item = R::Item;

    fn as_receiver(&self) -> Option<&Receiver<R::Item>> {
        self.as_ref()?.as_receiver()
    }
}
