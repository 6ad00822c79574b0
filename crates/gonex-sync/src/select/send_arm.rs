use std::fmt;
use std::task::{Context, Poll, Waker};

use super::arm::{Arm, Locked};
use super::ticket::Seat;
use crate::channel::shared::{Make, Shared};
use crate::channel::state::Cargo;
use crate::wait::{Calls, Key};
use crate::{SendError, Sender, TrySendError};

/// Sends what is in a slot.
pub struct SendArm<'a, 's, T> {
    /// `None` in an arm that is disabled.
    shared: Option<&'a Shared<T>>,
    lane: usize,
    slot: &'s mut Option<T>,
    /// The place in line. At a rendezvous the value is there as well.
    key: Option<Key>,
    /// On its way under the lock, or out of it.
    waker: Option<Waker>,
    /// Of the value, where that counts.
    weight: usize,
    closed: Option<bool>,
}

impl<'a, 's, T> SendArm<'a, 's, T> {
    /// From a sender and a slot; without the one or a value in the other it takes no part.
    pub fn new(sender: Option<&'a Sender<T>>, slot: &'s mut Option<T>) -> Self {
        let sender = sender.filter(|_| slot.is_some());
        let shared = sender.map(|sender| &**sender.shared());
        let lane = sender.map_or(0, Sender::lane_index);
        Self { shared, lane, slot, key: None, waker: None, weight: 1, closed: None }
    }

    /// How it went, in the arm that happened. The value is still in its slot if the channel is
    /// closed.
    pub fn take(&mut self) -> Option<Result<(), SendError<()>>> {
        self.closed.take().map(|closed| if closed { Err(SendError::Closed(())) } else { Ok(()) })
    }

    fn ended(&mut self, closed: bool) -> bool {
        self.closed = Some(closed);
        true
    }

    fn cargo(&mut self) -> Option<Cargo<T>> {
        Some(Cargo { value: self.slot.take()?, weight: self.weight, acked: false })
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

    #[inline]
    fn attempt(&mut self, _: bool) -> bool {
        debug_assert!(self.key.is_none(), "who waits is polled");
        let (Some(shared), Some(value)) = (self.shared, self.slot.take()) else { return false };
        match shared.try_send(value, self.lane) {
            Ok(()) => self.ended(false),
            Err(error) => {
                let closed = matches!(error, TrySendError::Closed(_));
                *self.slot = Some(error.into_inner());
                closed && self.ended(true)
            }
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(shared) = self.shared else { return false };
        let Make::Ringed(channel) = &shared.make else {
            return self.key.is_none() && self.attempt(false);
        };
        match channel.poll_send(self.slot, self.lane, &mut self.key, cx.waker()) {
            Poll::Pending => false,
            Poll::Ready(outcome) => self.ended(outcome.is_err()),
        }
    }

    fn changes(&self) -> u64 {
        self.shared.map_or(0, |shared| shared.departures(self.lane))
    }

    fn leave(&mut self) {
        if let (Some(shared), Some(key)) = (self.shared, self.key.take())
            && let Some(value) = shared.leave_senders(key, self.lane)
        {
            *self.slot = Some(value);
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
        if let Some(key) = self.key {
            if !state.retry_sender(key, &mut locked.calls) {
                return false;
            }
            self.key = None;
            let entry = state.leave_senders(key, &mut locked.calls);
            (*self.slot, self.waker) = entry.into_parts();
            return self.ended(self.slot.is_some());
        }
        let Some(cargo) = self.cargo() else { return false };
        match state.send(cargo, &mut locked.calls) {
            Ok(_) => self.ended(false),
            Err((cargo, _)) => {
                *self.slot = Some(cargo.value);
                state.is_closed() && self.ended(true)
            }
        }
    }

    fn prepare(&mut self, waker: &Waker) {
        self.waker = Some(waker.clone());
        let value = self.slot.as_ref();
        if let (Some(Shared { make: Make::Locked(channel), .. }), Some(value)) =
            (self.shared, value)
        {
            self.weight = channel.weigh(value);
        }
    }

    fn line_up(&mut self, locked: &mut Locked<'_>, seat: Seat) {
        let Some(Shared { make: Make::Locked(channel), .. }) = self.shared else { return };
        let state = channel.state.get(&mut locked.guard);
        if let Some(key) = self.key {
            state.renew(key, &mut self.waker);
        } else if let Some(cargo) = self.cargo() {
            self.key = Some(state.line_up_sender(cargo, self.waker.take(), Some(seat)));
        }
    }

    fn collect(&mut self) {
        let Some(Shared { make: Make::Locked(channel), .. }) = self.shared else { return };
        let outcome = channel.poll_send(self.slot, false, &mut self.key, Waker::noop());
        if let Poll::Ready(outcome) = outcome {
            self.ended(outcome.is_err());
        }
    }
}

impl<T> Drop for SendArm<'_, '_, T> {
    fn drop(&mut self) {
        Arm::leave(self);
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

impl<S: AsSender> AsSender for Option<S> {
    type Item = S::Item;

    fn as_sender(&self) -> Option<&Sender<S::Item>> {
        self.as_ref()?.as_sender()
    }
}
