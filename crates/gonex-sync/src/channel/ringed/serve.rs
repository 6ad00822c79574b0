//! Serving those who wait, under the lock.

use super::{Ringed, Stage, Waiters, tagged};
use crate::channel::entry::Entry;
use crate::channel::error::TryRecvError;
use crate::channel::store::{NoPlace, PopError, Store};
use crate::channel::waiting::Taken;
use crate::primitive::atomic::Ordering;
use crate::wait::Calls;

impl<T, S: Store<T>> Ringed<T, S> {
    /// Lets senders in, in turn, as long as there is room. Whether anyone was.
    ///
    /// A select that is at work is passed by: it looks when it is done.
    pub(super) fn admit(&self, waiters: &mut Waiters<T>, lane: usize, calls: &mut Calls) -> bool {
        let ring = self.lane(lane);
        let mut any = false;
        while waiters.entries.find(&waiters.senders[lane], Entry::is_open).is_some() {
            match ring.reserve() {
                Ok(()) => {}
                Err(NoPlace::Closed) => {
                    waiters.end_senders(lane, calls);
                    break;
                }
                Err(NoPlace::Full) => break,
            }
            let Some(key) = waiters.entries.find(&waiters.senders[lane], Entry::claim) else {
                ring.release();
                break;
            };
            any = true;
            waiters.unlink_sender(key, lane);
            let entry = waiters.entries.get_mut(key);
            let Some(value) = entry.value.take() else {
                entry.end(Stage::Served, calls);
                continue;
            };
            if entry.acked {
                // Expected before it can be received: a receiver that finds the signal waits for the
                // lock, and then finds the position.
                self.marked().fetch_or(super::ACKS, Ordering::SeqCst);
            }
            match ring.push_reserved(value) {
                Ok(position) => {
                    entry.position = tagged(position, lane);
                    if entry.acked {
                        waiters.acks.expect(entry.position);
                    }
                    entry.end(Stage::Served, calls);
                }
                Err(value) => {
                    entry.value = Some(value);
                    entry.end(Stage::Closed, calls);
                }
            }
        }
        any
    }

    /// Has the first receiver in line look, or gives it a value if it is its turn. Whether that could
    /// be done.
    pub(super) fn call_receiver(&self, waiters: &mut Waiters<T>, calls: &mut Calls) -> bool {
        let waits = |entry: &Entry<T>| !entry.is_claimed();
        let Some(key) = waiters.entries.find(&waiters.receivers, waits) else { return false };
        let mut stage = Stage::Called;
        let entry = waiters.entries.get(key);
        if entry.is_its_turn() && entry.is_open() {
            let Ok(taken) = self.take(waiters, calls) else { return false };
            let entry = waiters.entries.get_mut(key);
            if entry.claim() {
                (entry.value, entry.position) = (Some(taken.0), taken.1);
                stage = Stage::Served;
            } else {
                self.give_back(waiters, taken);
            }
        }
        waiters.unlink_receiver(key);
        waiters.entries.get_mut(key).end(stage, calls);
        if stage == Stage::Called {
            waiters.entries.get_mut(key).answers = true;
            waiters.entries.push_back(&mut waiters.called, key);
        }
        true
    }

    /// Ends what has been done under the lock: has receivers look, and says what has changed.
    ///
    /// One that was called and has not looked yet answers for a value, so that few are called in vain.
    /// But it may be in a task that does not run: so it keeps others from being called once, not more.
    pub(super) fn settle(&self, waiters: &mut Waiters<T>, calls: &mut Calls) {
        let mut unanswered = std::mem::take(&mut waiters.arrived);
        while !waiters.receivers.is_empty()
            && waiters.called.len() < self.inside(waiters)
            && self.call_receiver(waiters, calls)
        {
            unanswered = unanswered.saturating_sub(1);
        }
        if !waiters.receivers.is_empty() {
            for _ in 0..unanswered.min(waiters.called.len()) {
                if let Some(first) = waiters.called.first() {
                    waiters.has_looked(first);
                }
            }
        }
        self.say(waiters);
    }

    /// How many values are inside, or on their way in.
    fn inside(&self, waiters: &Waiters<T>) -> usize {
        let rings: usize = self.each_lane().map(|ring| ring.fill().0).sum();
        rings + waiters.returned.len()
    }

    /// Puts a value back to where the next receive takes it, beyond the capacity.
    pub(super) fn give_back(&self, waiters: &mut Waiters<T>, taken: Taken<T>) {
        let at = waiters.returned.partition_point(|&(_, position)| position < taken.1);
        waiters.returned.insert(at, taken);
        self.given_back.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes the next value, wherever it is, and lets a sender have its place.
    pub(super) fn take(
        &self,
        waiters: &mut Waiters<T>,
        calls: &mut Calls,
    ) -> Result<Taken<T>, TryRecvError> {
        if let Some(taken) = waiters.returned.pop_front() {
            return Ok(taken);
        }
        let mut closed = true;
        for (lane, ring) in self.each_lane().enumerate() {
            match ring.pop() {
                Ok((value, position)) => {
                    if !waiters.senders[lane].is_empty() {
                        self.admit(waiters, lane, calls);
                    }
                    return Ok((value, tagged(position, lane)));
                }
                Err(PopError::Closed) => {}
                Err(PopError::Empty) => closed = false,
            }
        }
        Err(if closed { TryRecvError::Closed } else { TryRecvError::Empty })
    }

    /// Receives for somebody who does not stand in line.
    pub(super) fn receive(
        &self,
        waiters: &mut Waiters<T>,
        calls: &mut Calls,
    ) -> Result<T, TryRecvError> {
        let (value, position) = self.take(waiters, calls)?;
        if !waiters.acks.is_empty() {
            waiters.acks.received(position, calls);
        }
        Ok(value)
    }
}

impl<T> Waiters<T> {
    /// Tells all in a line that the channel is closed. A select that is at work will see for itself.
    fn end_senders(&mut self, lane: usize, calls: &mut Calls) {
        while let Some(key) = self.entries.find(&self.senders[lane], Entry::claim) {
            self.unlink_sender(key, lane);
            self.entries.get_mut(key).end(Stage::Closed, calls);
        }
    }

    /// There was a place for the first sender in line, and somebody else took it.
    pub(super) fn overtake_sender(&mut self, lane: usize) {
        let first = self.senders[lane].first();
        if let Some(first) = first.map(|key| self.entries.get_mut(key))
            && first.is_open()
            && first.overtake()
        {
            self.senders_in_turn += 1;
        }
    }
}
