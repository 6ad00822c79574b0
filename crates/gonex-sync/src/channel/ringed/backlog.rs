//! Channels without a bound.
//!
//! An unbounded channel has a ring too. When it is full, or already *diverted*, values go to a queue
//! behind it, the backlog, under the lock, and poppers that find the ring empty fill it from there.
//! The ring's word decides who pushes where, so no value overtakes another.

use std::collections::VecDeque;

use super::{Ringed, Waiters};
use crate::channel::error::TrySendError;
use crate::channel::ring::{Position, PushError, Ring};
use crate::wait::Calls;

/// The ring of an unbounded channel. Large enough that a receiver that keeps up seldom needs the
/// lock, and small enough for programs with many channels.
const UNBOUNDED_RING: usize = 64;

impl<T> Ringed<T> {
    pub(crate) fn unbounded() -> Self {
        Self::new(|| Ring::new(UNBOUNDED_RING), 1, true)
    }

    /// Sends past the full ring.
    #[cold]
    pub(super) fn send_past(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut calls = Calls::default();
        let sent = self.waiters.with(|waiters| {
            let sent = self.push_past(waiters, value).map(drop);
            if sent.is_ok() && !waiters.receivers.is_empty() {
                waiters.arrived += 1;
                self.settle(waiters, &mut calls);
            }
            sent
        });
        calls.wake();
        sent
    }

    /// Pushes into the ring, or behind it.
    pub(super) fn push_past(
        &self,
        waiters: &mut Waiters<T>,
        value: T,
    ) -> Result<Position, TrySendError<T>> {
        let ring = &self.first;
        let mut value = value;
        // Under the lock it can only be diverted by this thread, and closed by none.
        if ring.is_closed() || !ring.is_diverted() {
            value = match ring.push(value) {
                Ok(position) => return Ok(position),
                Err(PushError::Closed(value)) => return Err(TrySendError::Closed(value)),
                Err(PushError::Full(value) | PushError::Diverted(value)) => value,
            };
            ring.divert(true);
        }
        // While pushes are diverted, the ring grows from the backlog alone, in order.
        let position = ring.ahead(waiters.backlog.len());
        waiters.backlog.push_back(value);
        Ok(position)
    }

    /// Fills the ring from behind.
    pub(super) fn refill(&self, waiters: &mut Waiters<T>) {
        let ring = &self.first;
        ring.refill(&mut waiters.backlog);
        if !waiters.backlog.is_empty() {
            return;
        }
        // A flood that is over should not hold memory for ever.
        if waiters.backlog.capacity() > 16 * UNBOUNDED_RING {
            waiters.backlog = VecDeque::new();
        }
        ring.divert(false);
    }
}
