//! The side of the receivers.

use std::task::{Poll, Waker};

use super::{
    ACKS, ENDED, RECEIVERS, RECEIVERS_TURN, RETURNED, Ringed, SENDERS, Stage, Waiters, tagged,
};
use crate::channel::entry::Entry;
use crate::channel::error::TryRecvError;
use crate::channel::solo::Round;
use crate::channel::store::{PopError, Position, Store};
use crate::channel::through::Spot;
use crate::channel::waiting::Closed;
use crate::primitive::atomic::Ordering;
use crate::primitive::write_then_read;
use crate::select::Seat;
use crate::wait::{Calls, Key};

impl<T, S: Store<T>> Ringed<T, S> {
    #[inline(always)]
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        self.recv_quickly().map_or_else(|| self.recv_on(), Ok)
    }

    /// Receives if nothing stands in the way; else it may still be possible.
    #[inline(always)]
    pub(crate) fn recv_quickly(&self) -> Option<T> {
        if self.marked().load(Ordering::Relaxed) & (RETURNED | RECEIVERS_TURN) != 0 {
            return None;
        }
        let (value, position) = self.first.store.pop_quickly()?;
        self.popped(position, 0);
        Some(value)
    }

    /// Tries to receive for a moment, if that has been worth it.
    pub(crate) fn recv_spinning(&self) -> Option<T> {
        self.receivers_luck.spin(|| if self.looks_ready() { self.try_recv().ok() } else { None })
    }

    /// Receives where the quick way is barred.
    #[inline(never)]
    fn recv_on(&self) -> Result<T, TryRecvError> {
        if self.marked().load(Ordering::Relaxed) & (RETURNED | RECEIVERS_TURN) != 0 {
            return self.recv_in_turn();
        }
        match self.first.store.pop() {
            Ok((value, position)) => {
                self.popped(position, 0);
                Ok(value)
            }
            Err(PopError::Empty) if self.further.is_empty() => Err(TryRecvError::Empty),
            Err(PopError::Closed) if self.further.is_empty() => self.recv_last(),
            Err(_) => self.recv_further(),
        }
    }

    /// Whether a receive is worth trying, for who asks again and again.
    #[inline]
    pub(crate) fn looks_ready(&self) -> bool {
        self.first.store.looks_ready()
            || self.marked().load(Ordering::Relaxed) & (RETURNED | ENDED) != 0
            || self.further.iter().any(|lane| lane.store.looks_ready())
    }

    /// After a pop: somebody may wait for the place, or for the news.
    #[inline]
    fn popped(&self, position: Position, lane: usize) {
        if self.signals() & (SENDERS | ACKS) != 0 {
            self.acknowledge(position, lane);
        }
    }

    #[cold]
    fn acknowledge(&self, position: Position, lane: usize) {
        self.locked(|waiters, calls| {
            if !waiters.acks.is_empty() {
                waiters.acks.received(tagged(position, lane), calls);
            }
            if !self.admit(waiters, lane, calls) {
                waiters.overtake_sender(lane);
            }
        });
    }

    /// Receives from the other lanes.
    #[cold]
    fn recv_further(&self) -> Result<T, TryRecvError> {
        for (lane, store) in self.each_store().enumerate() {
            if let Ok((value, position)) = store.pop() {
                self.popped(position, lane);
                return Ok(value);
            }
        }
        if self.is_closed() { self.recv_last() } else { Err(TryRecvError::Empty) }
    }

    /// Receives under the lock, where nothing is on its way from one place to another.
    #[cold]
    fn recv_last(&self) -> Result<T, TryRecvError> {
        self.locked(|waiters, calls| self.receive(waiters, calls))
    }

    /// Receives while values have come back, or while it is somebody's turn: after that one, if
    /// there is a value left.
    #[cold]
    fn recv_in_turn(&self) -> Result<T, TryRecvError> {
        self.locked(|waiters, calls| {
            while waiters.is_receivers_turn() && self.call_receiver(waiters, calls) {}
            self.receive(waiters, calls)
        })
    }

    /// Goes on with a receive for which the quick way is barred.
    pub(crate) fn poll_recv(
        &self,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<T, Closed>> {
        let mut came = None;
        if let Some(at) = *spot {
            if let Some(round) = at.round() {
                // It goes on as if it had come just now, if nobody has called it.
                let left = self.solo.end(self.marked(), Some(round));
                if left.is_none() {
                    came = Some(0);
                    self.discharge_alone(round);
                }
            } else if !self.receivers_through.has(at)
                && let Some(polled) = self.ask_to_receive(spot, at, waker)
            {
                return polled;
            } else {
                came = Some(at.number());
                // Counted out before it takes a value, lest it answers for the next.
                self.discharge(1);
            }
            *spot = None;
        }
        // Where nothing looks ready, who lines up looks closely anyway.
        if self.looks_ready() {
            match self.recv_on() {
                Ok(value) => return Poll::Ready(Ok(value)),
                Err(TryRecvError::Closed) => return Poll::Ready(Err(Closed)),
                Err(TryRecvError::Empty) => {}
            }
        }
        self.line_up_to_receive(came, spot, waker)
    }

    /// How it stands with a receiver in line. `None` if it has been called, and has to look for itself.
    fn ask_to_receive(
        &self,
        spot: &mut Option<Spot>,
        at: Spot,
        waker: &Waker,
    ) -> Option<Poll<Result<T, Closed>>> {
        let mut mine = None;
        loop {
            let polled = self.locked(|waiters, calls| {
                if self.receivers_through.has(at) {
                    return Some(None);
                }
                if let Some(outcome) = self.look(waiters, at.key, calls) {
                    *spot = None;
                    let left = self.unlist_receiver(waiters, at.key);
                    return Some(Some(Poll::Ready((outcome, left.waker))));
                }
                let renewed = waiters.entries.get_mut(at.key).renew(waker, &mut mine);
                renewed.then_some(Some(Poll::Pending))
            });
            if let Some(polled) = polled {
                return polled.map(|polled| polled.map(|(outcome, _)| outcome));
            }
            mine = Some(waker.clone());
        }
    }

    /// Stands in the receivers' line, unless there is a value after all. Who came earlier, and was
    /// called in vain, has its number from then.
    fn line_up_to_receive(
        &self,
        came: Option<u64>,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<T, Closed>> {
        let mut mine = Some(waker.clone());
        if came.is_none() && self.waits_alone(spot, &mut mine) {
            return Poll::Pending;
        }
        let mine = mine.or_else(|| Some(waker.clone()));
        let mut calls = Calls::default();
        let polled = self.waiters.with(|waiters| {
            let key = match came {
                None => waiters.come(mine, None),
                Some(came) => waiters.come_again(came, mine),
            };
            *spot = Some(waiters.entries.get(key).spot(key));
            self.say(waiters);
            write_then_read();
            if self.is_idle() && waiters.returned.is_empty() {
                return Poll::Pending;
            }
            let polled = match self.look(waiters, key, &mut calls) {
                Some(outcome) => {
                    *spot = None;
                    Poll::Ready((outcome, self.unlist_receiver(waiters, key).waker))
                }
                None => Poll::Pending,
            };
            self.settle(waiters, &mut calls);
            polled
        });
        calls.wake();
        polled.map(|(outcome, _)| outcome)
    }

    /// Waits alone, unless somebody else waits or there is something to receive.
    fn waits_alone(&self, spot: &mut Option<Spot>, mine: &mut Option<Waker>) -> bool {
        let barring = RECEIVERS | RETURNED | ENDED;
        let Some(round) = self.solo.come(self.marked(), barring, mine) else { return false };
        write_then_read();
        if self.is_idle() && self.marked().load(Ordering::SeqCst) & RETURNED == 0 {
            *spot = Some(Spot::alone(round));
            return true;
        }
        *mine = self.solo.end(self.marked(), Some(round));
        if mine.is_none() {
            // Called already; what it was called for is looked for all the same.
            self.discharge_alone(round);
        }
        false
    }

    /// Looks for a receiver that waits; if there is nothing for it, it stands in line.
    fn look(
        &self,
        waiters: &mut Waiters<T>,
        key: Key,
        calls: &mut Calls,
    ) -> Option<Result<T, Closed>> {
        match waiters.entries.get(key).stage {
            Stage::Served => return waiters.collect(key, calls).map(Ok),
            Stage::Called => {
                let outcome = self.receive_if_any(waiters, calls);
                if outcome.is_some() {
                    return outcome;
                }
                self.go_back(waiters, key);
                self.say(waiters);
                write_then_read();
            }
            Stage::InLine | Stage::Closed => {}
        }
        let is_first = waiters.receivers.first() == Some(key);
        if is_first { self.receive_if_any(waiters, calls) } else { None }
    }

    fn receive_if_any(
        &self,
        waiters: &mut Waiters<T>,
        calls: &mut Calls,
    ) -> Option<Result<T, Closed>> {
        match self.receive(waiters, calls) {
            Ok(value) => Some(Ok(value)),
            Err(TryRecvError::Closed) => Some(Err(Closed)),
            Err(TryRecvError::Empty) => None,
        }
    }

    /// Waits no longer in the receivers' line. A value that was given already is received.
    pub(crate) fn stop_receiving(&self, spot: Spot) -> Option<T> {
        if self.leaves_alone(spot) {
            return None;
        }
        let left = self.locked(|waiters, calls| {
            if self.has_left(spot) {
                return None;
            }
            let value = waiters.collect(spot.key, calls);
            Some((value, self.unlist_receiver(waiters, spot.key)))
        });
        left?.0
    }

    /// Waits no longer in the receivers' line. A value that was given already goes back to where
    /// the next receive takes it, beyond the capacity.
    #[cold]
    pub(crate) fn leave_receivers(&self, spot: Spot) {
        if self.leaves_alone(spot) {
            return;
        }
        let left = self.locked(|waiters, _| {
            if self.has_left(spot) {
                return None;
            }
            let mut entry = self.unlist_receiver(waiters, spot.key);
            if let Some(value) = entry.value.take() {
                self.give_back(waiters, (value, entry.position));
            }
            Some(entry)
        });
        drop(left);
    }

    /// One that waited alone and was called looks now: it answers for no value any more, if it did.
    fn discharge_alone(&self, round: Round) {
        // Who called without the lock did not count.
        if self.solo_counted.load(Ordering::SeqCst) == round.0 {
            self.discharge(1);
        }
    }

    /// Waits no longer, if it did so alone.
    fn leaves_alone(&self, spot: Spot) -> bool {
        let Some(round) = spot.round() else { return false };
        if self.solo.end(self.marked(), Some(round)).is_none() {
            // The call is for another.
            self.locked(|_, _| self.discharge_alone(round));
        }
        true
    }

    /// Whether a receiver that waits no longer has been called and is not in line any more. The call
    /// is for another.
    fn has_left(&self, spot: Spot) -> bool {
        let called = self.receivers_through.has(spot);
        if called {
            self.discharge(1);
        }
        called
    }

    /// Takes an entry out, and out of its line. The value of one that was called is for another.
    pub(super) fn unlist_receiver(&self, waiters: &mut Waiters<T>, key: Key) -> Entry<T> {
        if waiters.entries.get(key).is_in_line() {
            waiters.unlink_receiver(key);
        }
        let entry = waiters.entries.remove(key);
        if entry.answers {
            self.discharge(1);
        }
        entry
    }

    /// Puts one that was called in vain back in line, before all who came after it.
    pub(super) fn go_back(&self, waiters: &mut Waiters<T>, key: Key) {
        let entry = waiters.entries.get_mut(key);
        if std::mem::take(&mut entry.answers) {
            self.discharge(1);
        }
        entry.stage = Stage::InLine;
        waiters.put_back(key);
    }
}

impl<T> Waiters<T> {
    /// Puts a receiver in line.
    pub(super) fn come(&mut self, waker: Option<Waker>, seat: Option<Seat>) -> Key {
        self.came += 1;
        let (came, asks) = (self.came, seat.is_some());
        let key = self.entries.insert(Entry { asks, came, ..Entry::receiver(waker, seat) });
        self.entries.push_back(&mut self.receivers, key);
        key
    }

    /// Puts a receiver in line that came before and was called in vain.
    fn come_again(&mut self, came: u64, waker: Option<Waker>) -> Key {
        let key = self.entries.insert(Entry { came, ..Entry::receiver(waker, None) });
        self.put_back(key);
        key
    }

    /// Puts one that was called in vain in line, before all who came after it.
    fn put_back(&mut self, key: Key) {
        let entry = self.entries.get_mut(key);
        entry.overtake();
        self.receivers_in_turn += usize::from(entry.is_its_turn());
        self.entries.put_back(&mut self.receivers, key, |one, other| one.came > other.came);
    }

    /// Whether it is the turn of the next to be called.
    fn is_receivers_turn(&self) -> bool {
        let next = || self.entries.find(&self.receivers, |entry| !entry.is_claimed());
        self.receivers_in_turn > 0 && next().is_some_and(|key| self.entries.get(key).is_its_turn())
    }

    /// Takes the value of a receiver that was served, which so is received.
    fn collect(&mut self, key: Key, calls: &mut Calls) -> Option<T> {
        let entry = self.entries.get_mut(key);
        let (value, position) = (entry.value.take()?, entry.position);
        self.acks.received(position, calls);
        Some(value)
    }
}
