//! Serving those who wait, under the lock.

use super::{RETURNED, Ringed, SOMEBODY, Stage, Waiters, tagged};
use crate::channel::entry::Entry;
use crate::channel::error::TryRecvError;
use crate::channel::solo::Solo;
use crate::channel::store::{NoPlace, PopError, PushError, Store};
use crate::channel::waiting::Taken;
use crate::primitive::atomic::Ordering;
use crate::wait::{Calls, Key};

impl<T, S: Store<T>> Ringed<T, S> {
    /// Lets senders in, in turn, as long as there is room. Whether anyone was.
    ///
    /// A select that is at work is passed by: it looks when it is done.
    pub(super) fn admit(&self, waiters: &mut Waiters<T>, lane: usize, calls: &mut Calls) -> bool {
        let mut any = false;
        while let Some(first) = waiters.senders[lane].first() {
            let entry = waiters.entries.get_mut(first);
            let admitted = match entry.value.take() {
                Some(value) if !entry.asks => self.admit_first(waiters, first, value, lane, calls),
                value => {
                    entry.value = value;
                    self.admit_next(waiters, lane, calls)
                }
            };
            match admitted {
                Ok(()) => any = true,
                Err(NoPlace::Full) => break,
                Err(NoPlace::Closed) => {
                    waiters.end_senders(lane, calls);
                    break;
                }
            }
        }
        any
    }

    /// Lets the first sender in, whose value this is.
    fn admit_first(
        &self,
        waiters: &mut Waiters<T>,
        first: Key,
        value: T,
        lane: usize,
        calls: &mut Calls,
    ) -> Result<(), NoPlace> {
        let (value, why) = match self.store(lane).push(value) {
            Ok(_) => {
                self.let_through(waiters, first, lane, calls);
                return Ok(());
            }
            Err(PushError::Full(value)) => (value, NoPlace::Full),
            Err(PushError::Closed(value)) => (value, NoPlace::Closed),
        };
        waiters.entries.get_mut(first).value = Some(value);
        Err(why)
    }

    /// Lets the next sender in that may be claimed, in some cases with more than a push.
    fn admit_next(
        &self,
        waiters: &mut Waiters<T>,
        lane: usize,
        calls: &mut Calls,
    ) -> Result<(), NoPlace> {
        let nobody = Err(NoPlace::Full);
        let store = self.store(lane);
        if waiters.entries.find(&waiters.senders[lane], Entry::is_open).is_none() {
            return nobody;
        }
        store.reserve()?;
        let Some(key) = waiters.entries.find(&waiters.senders[lane], Entry::claim) else {
            store.release();
            return nobody;
        };
        let entry = waiters.entries.get_mut(key);
        let Some(value) = entry.value.take() else {
            // It wants a permit, and has one now.
            self.let_through(waiters, key, lane, calls);
            return Ok(());
        };
        if entry.acked {
            // Expected before it can be received: a receiver that finds the signal waits for the
            // lock, and then finds the position.
            self.marked().fetch_or(super::ACKS, Ordering::SeqCst);
        }
        match store.push_reserved(value) {
            Ok(position) => {
                entry.position = tagged(position, lane);
                if entry.acked {
                    waiters.acks.expect(entry.position);
                }
                self.let_through(waiters, key, lane, calls);
            }
            Err(value) => {
                entry.value = Some(value);
                waiters.unlink_sender(key, lane);
                waiters.entries.get_mut(key).end(Stage::Closed, calls);
            }
        }
        Ok(())
    }

    /// A sender has got what it waited for.
    fn let_through(&self, waiters: &mut Waiters<T>, key: Key, lane: usize, calls: &mut Calls) {
        waiters.unlink_sender(key, lane);
        let entry = waiters.entries.get_mut(key);
        if entry.asks {
            return entry.end(Stage::Served, calls);
        }
        let Entry { waker, came, .. } = waiters.entries.remove(key);
        self.lane(lane).senders_through.advance(came);
        calls.add(waker);
    }

    /// Has a receiver look: one who waits alone came before all in line, unless it is somebody's turn.
    /// Whether there was any.
    fn call_next(&self, waiters: &mut Waiters<T>, calls: &mut Calls) -> bool {
        if waiters.receivers_in_turn > 0 && self.call_receiver(waiters, calls) {
            return true;
        }
        if let Some(round) = Solo::round(self.marked()) {
            // Counted before it can look.
            self.called.fetch_add(1, Ordering::SeqCst);
            self.solo_counted.store(round.0, Ordering::SeqCst);
            if let Some(waker) = self.solo.end(self.marked(), Some(round)) {
                calls.add(Some(waker));
                return true;
            }
            self.discharge(1);
        }
        self.call_receiver(waiters, calls)
    }

    /// Has the first receiver in line look, or gives it a value if it is its turn. Whether that could
    /// be done.
    pub(super) fn call_receiver(&self, waiters: &mut Waiters<T>, calls: &mut Calls) -> bool {
        let waits = |entry: &Entry<T>| !entry.is_claimed();
        let Some(key) = waiters.entries.find(&waiters.receivers, waits) else { return false };
        let entry = waiters.entries.get(key);
        if entry.is_its_turn() && entry.is_open() {
            let Ok(taken) = self.take(waiters, calls) else { return false };
            let entry = waiters.entries.get_mut(key);
            if entry.claim() {
                (entry.value, entry.position) = (Some(taken.0), taken.1);
                self.end_receiver(waiters, key, Stage::Served, calls);
                return true;
            }
            self.give_back(waiters, taken);
        }
        waiters.entries.get_mut(key).answers = true;
        // Counted before it can look.
        self.called.fetch_add(1, Ordering::SeqCst);
        self.end_receiver(waiters, key, Stage::Called, calls);
        true
    }

    /// Ends the wait of a receiver in line.
    pub(super) fn end_receiver(
        &self,
        waiters: &mut Waiters<T>,
        key: Key,
        stage: Stage,
        calls: &mut Calls,
    ) {
        waiters.unlink_receiver(key);
        let entry = waiters.entries.get_mut(key);
        if entry.asks {
            return entry.end(stage, calls);
        }
        let Entry { waker, came, .. } = waiters.entries.remove(key);
        self.receivers_through.advance(came);
        calls.add(waker);
    }

    /// So many that were called answer for no value any more.
    pub(super) fn discharge(&self, count: u32) {
        let less = |called: u32| (called > 0).then(|| called.saturating_sub(count));
        let _ = self.called.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
    }

    /// Ends what has been done under the lock: has receivers look, and says what has changed.
    pub(super) fn settle(&self, waiters: &mut Waiters<T>, calls: &mut Calls) {
        let arrived = std::mem::take(&mut waiters.arrived);
        if self.signals() & SOMEBODY != 0 || !waiters.receivers.is_empty() {
            self.call_receivers(waiters, arrived, calls);
        }
        self.say(waiters);
    }

    /// Has as many receivers look as there are values that nobody answers for.
    ///
    /// One that was called and has not looked yet answers for a value, so that few are called in vain.
    /// But it may be in a task that does not run: so it keeps others from being called once, not more.
    fn call_receivers(&self, waiters: &mut Waiters<T>, arrived: u32, calls: &mut Calls) {
        let mut unanswered = arrived;
        // The values first: who was called is counted out before it takes one.
        while self.inside(waiters) > self.called.load(Ordering::SeqCst) as usize {
            if !self.call_next(waiters, calls) {
                return;
            }
            unanswered = unanswered.saturating_sub(1);
        }
        if unanswered > 0 {
            self.discharge(unanswered);
        }
    }

    /// How many values are inside, or on their way in.
    fn inside(&self, waiters: &Waiters<T>) -> usize {
        let stored: usize = self.each_store().map(|store| store.fill().0).sum();
        stored + waiters.returned.len()
    }

    /// Puts a value back to where the next receive takes it, beyond the capacity.
    pub(super) fn give_back(&self, waiters: &mut Waiters<T>, taken: Taken<T>) {
        let at = waiters.returned.partition_point(|&(_, position)| position < taken.1);
        waiters.returned.insert(at, taken);
        // Said before anyone is called, for who comes to wait alone meanwhile.
        self.marked().fetch_or(RETURNED, Ordering::SeqCst);
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
        for (lane, store) in self.each_store().enumerate() {
            match store.pop() {
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
