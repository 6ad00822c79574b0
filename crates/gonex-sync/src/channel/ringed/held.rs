//! For a select, which glances without the lock, and then holds it while it looks and lines up.

use super::{ENDED, RETURNED, Ringed, Stage};
use crate::channel::entry::Entry;
use crate::channel::error::{TryRecvError, TrySendError};
use crate::channel::store::Store;
use crate::channel::waiting::Closed;
use crate::guarded::Guard;
use crate::primitive::atomic::Ordering;
use crate::primitive::write_then_read;
use crate::select::Seat;
use crate::wait::{Calls, Key};

impl<T, S: Store<T>> Ringed<T, S> {
    /// Receives if that looks possible without the lock. `Empty` may be out of date.
    #[inline(always)]
    pub(crate) fn recv_at_a_glance(&self) -> Result<T, TryRecvError> {
        if let Some(value) = self.recv_quickly() {
            return Ok(value);
        }
        let plain = self.marked().load(Ordering::Relaxed) & (RETURNED | ENDED) == 0
            && self.further.is_empty();
        if plain && !self.first.store.looks_ready() {
            return Err(TryRecvError::Empty);
        }
        self.recv_on_a_second_glance()
    }

    #[cold]
    fn recv_on_a_second_glance(&self) -> Result<T, TryRecvError> {
        if self.looks_ready() { self.try_recv() } else { Err(TryRecvError::Empty) }
    }

    /// Where its lock stands in the order of locks.
    pub(crate) fn rank(&self) -> usize {
        self.waiters.rank()
    }

    pub(crate) fn lock(&self) -> Guard<'_> {
        self.waiters.lock()
    }

    /// Whether there seems to be room.
    pub(crate) fn looks_roomy_held(&self, lane: usize) -> bool {
        self.store(lane).looks_roomy() || self.is_closed()
    }

    /// Stands in the receivers' line, unless it does already, and receives what has come meanwhile.
    ///
    /// Values come in without the lock, and who is called need not be claimed: so a select need not hold
    /// its other locks at the same time.
    pub(crate) fn line_up_receiver(
        &self,
        key: &mut Option<Key>,
        seat: impl FnOnce() -> Seat,
    ) -> Result<T, TryRecvError> {
        let mut guard = self.lock();
        let waiters = self.waiters.get(&mut guard);
        match *key {
            None => *key = Some(waiters.come(None, Some(seat()))),
            Some(key) if waiters.entries.get(key).stage == Stage::Called => {
                self.go_back(waiters, key);
            }
            Some(_) => {}
        }
        self.say(waiters);
        write_then_read();
        if self.is_idle() && waiters.returned.is_empty() {
            return Err(TryRecvError::Empty);
        }
        let mut calls = Calls::default();
        let outcome = self.receive(waiters, &mut calls);
        if !matches!(outcome, Err(TryRecvError::Empty))
            && let Some(key) = key.take()
        {
            self.unlist_receiver(waiters, key);
        }
        self.settle(waiters, &mut calls);
        drop(guard);
        calls.wake();
        outcome
    }

    /// Sends what is in the slot, for who stands in line as `key`, with the value, or not at all.
    /// `None` if there is no room.
    pub(crate) fn send_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        slot: &mut Option<T>,
        lane: usize,
        key: &mut Option<Key>,
    ) -> Option<Result<(), Closed>> {
        let waiters = self.waiters.get(guard);
        let value = match *key {
            None => {
                self.admit(waiters, lane, calls);
                slot.take()?
            }
            Some(key) => waiters.entries.get_mut(key).value.take()?,
        };
        let sent = match self.push(waiters, value, lane, false) {
            Ok(_) => Some(Ok(())),
            Err(TrySendError::Closed(value)) => {
                *slot = Some(value);
                Some(Err(Closed))
            }
            Err(TrySendError::Full(value)) => {
                match *key {
                    None => *slot = Some(value),
                    Some(key) => waiters.entries.get_mut(key).value = Some(value),
                }
                None
            }
        };
        if sent.is_some()
            && let Some(key) = key.take()
        {
            waiters.leave_senders(key, lane);
        }
        self.settle(waiters, calls);
        sent
    }

    /// Stands in the senders' line with the value in the slot, unless it does already, and looks once
    /// more.
    pub(crate) fn line_up_sender_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        slot: &mut Option<T>,
        lane: usize,
        key: &mut Option<Key>,
        seat: Seat,
    ) -> Option<Result<(), Closed>> {
        let waiters = self.waiters.get(guard);
        if key.is_none() {
            let entry = Entry { seat: Some(seat), ..Entry::sender(slot.take(), 1, None) };
            *key = Some(self.line_up_sender(waiters, entry, lane));
        }
        write_then_read();
        // Those who came before go in first.
        self.admit(waiters, lane, calls);
        self.send_held(guard, calls, slot, lane, key)
    }
}
