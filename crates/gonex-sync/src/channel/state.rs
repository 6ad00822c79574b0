//! What happens under the lock of a channel without a buffer, or with a weight for its capacity.
//!
//! Whoever comes and finds its other side in line serves it there and then, with the value: a
//! rendezvous. Who finds nobody stands in line, a sender with its value. So nothing is sent twice
//! and nobody is overtaken.
//!
//! # Selects
//! A select stands in the lines of several channels, and may happen once. Its entries have a
//! [`Seat`]: who wants to serve one must claim its ticket first, and passes it by when that fails.
//! A select looks for others to serve only while its own ticket is shut, and opens it while it holds
//! the locks of all its channels of this kind, having looked into all of them. So of two selects
//! that could serve one another, the one that comes second finds the first.
//!
//! # Receives that are given up
//! A value that had been handed to a receive goes back to the head of the channel, beyond its
//! capacity, and to the next receiver in line, if there is one.
//!
//! # Deadlock safety
//! A select takes several of these locks, in the order of their [rank](crate::guarded::Guarded::rank); all else takes
//! one. Under them values and wakers are moved, but neither dropped, nor cloned, nor woken.

use std::collections::VecDeque;
use std::task::{Poll, Waker};

use super::acks::Acks;
use super::entry::{Entry, Stage};
use super::error::TryRecvError;
use super::store::{NoPlace, Position};
use super::through::Spot;
use super::waiting::{Closed, Taken};
use crate::select::Seat;
use crate::wait::{Calls, Entries, Key, Line};

pub(crate) struct State<T> {
    /// How much weight fits; 0 for a rendezvous.
    limit: usize,
    /// The weight of what is inside, and of places that are reserved.
    load: usize,
    buffer: VecDeque<(Taken<T>, usize)>,
    /// Values that came back from receives that were given up; they go out first.
    returned: VecDeque<Taken<T>>,
    entries: Entries<Entry<T>>,
    senders: Line,
    receivers: Line,
    /// Permits that were given, at a rendezvous.
    promised: usize,
    closed: bool,
    pub(crate) acks: Acks,
    /// The position that was given last.
    last: Position,
    /// How many senders have come to wait.
    came: u64,
    /// Up to which of those that do not ask all have been served.
    through: u64,
    /// Grow when a value, or a place, may have come up that was not there before.
    arrivals: u64,
    departures: u64,
}

/// How it stands with a sender, and what comes back to it.
type Polled<T> = (Poll<Result<Position, Closed>>, Option<T>);

/// What a sender brings.
pub(crate) struct Cargo<T> {
    pub(crate) value: T,
    pub(crate) weight: usize,
    /// Whether the sender waits until it is received.
    pub(crate) acked: bool,
}

impl<T> State<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            load: 0,
            buffer: VecDeque::new(),
            returned: VecDeque::new(),
            entries: Entries::new(),
            senders: Line::new(),
            receivers: Line::new(),
            promised: 0,
            closed: false,
            acks: Acks::default(),
            last: 0,
            came: 0,
            through: 0,
            arrivals: 0,
            departures: 0,
        }
    }

    // ---- sending ----

    /// Sends a value without waiting, and says what its position is; or gives it back.
    pub(crate) fn send(
        &mut self,
        cargo: Cargo<T>,
        calls: &mut Calls,
    ) -> Result<Position, (Cargo<T>, NoPlace)> {
        if self.closed {
            return Err((cargo, NoPlace::Closed));
        }
        if let Some(receiver) = self.claim_receiver() {
            let position = self.position(cargo.acked);
            self.serve_receiver(receiver, (cargo.value, position), calls);
            return Ok(position);
        }
        if self.senders.is_empty() && self.fits(cargo.weight) {
            let position = self.position(cargo.acked);
            self.put((cargo.value, position), cargo.weight);
            return Ok(position);
        }
        Err((cargo, NoPlace::Full))
    }

    fn position(&mut self, acked: bool) -> Position {
        self.last += 1;
        if acked {
            self.acks.expect(self.last);
        }
        self.last
    }

    /// Whether so much more fits. What is heavier than the limit goes in alone.
    fn fits(&self, weight: usize) -> bool {
        self.load.saturating_add(weight) <= self.limit || (self.limit > 0 && self.load == 0)
    }

    fn put(&mut self, taken: Taken<T>, weight: usize) {
        self.load = self.load.saturating_add(weight);
        self.arrivals += 1;
        self.buffer.push_back((taken, weight));
    }

    /// The first receiver that may be served, out of its line. Receivers wait only while nothing is
    /// inside: a value that is sent must not overtake one that is.
    fn claim_receiver(&mut self) -> Option<Key> {
        if !self.buffer.is_empty() || !self.returned.is_empty() {
            return None;
        }
        let key = self.entries.find(&self.receivers, Entry::claim)?;
        self.entries.unlink(&mut self.receivers, key);
        Some(key)
    }

    fn serve_receiver(&mut self, key: Key, (value, position): Taken<T>, calls: &mut Calls) {
        let entry = self.entries.get_mut(key);
        (entry.value, entry.position) = (Some(value), position);
        entry.end(Stage::Served, calls);
    }

    /// Goes on with a send; what is not sent in the end is left in `slot`. `None` asks for a clone of
    /// the waker: see [`Entry::renew`].
    pub(crate) fn poll_send(
        &mut self,
        slot: &mut Option<Cargo<T>>,
        spot: &mut Option<Spot>,
        (waker, mine): (&Waker, &mut Option<Waker>),
        calls: &mut Calls,
    ) -> Option<Poll<Result<Position, Closed>>> {
        if spot.is_some() {
            let (polled, back) = self.poll_sender(spot, (waker, mine))?;
            *slot = back.map(|value| Cargo { value, weight: 0, acked: false });
            return Some(polled);
        }
        let Some(cargo) = slot.take() else { return Some(Poll::Ready(Err(Closed))) };
        match self.send(cargo, calls) {
            Ok(position) => Some(Poll::Ready(Ok(position))),
            Err((cargo, NoPlace::Closed)) => {
                *slot = Some(cargo);
                Some(Poll::Ready(Err(Closed)))
            }
            Err((cargo, _)) => {
                if mine.is_none() {
                    *slot = Some(cargo);
                    return None;
                }
                let key = self.line_up_sender(cargo, mine.take(), None);
                *spot = Some(self.entries.get(key).spot(key));
                Some(Poll::Pending)
            }
        }
    }

    /// Stands in line with a value.
    pub(crate) fn line_up_sender(
        &mut self,
        cargo: Cargo<T>,
        waker: Option<Waker>,
        seat: Option<Seat>,
    ) -> Key {
        let Cargo { value, weight, acked } = cargo;
        let (value, position) = (Some(value), self.position(acked));
        let asks = acked || seat.is_some();
        self.came += 1;
        let entry = Entry { position, acked, asks, seat, ..Entry::sender(value, weight, waker) };
        self.add_sender(Entry { came: self.came, ..entry })
    }

    fn add_sender(&mut self, entry: Entry<T>) -> Key {
        let key = self.entries.insert(entry);
        self.entries.push_back(&mut self.senders, key);
        self.arrivals += 1;
        key
    }

    /// Up to which number all senders that do not ask have been served.
    pub(crate) fn through(&self) -> u64 {
        self.through
    }

    /// How it stands with a sender that waits, for a value or for a permit, and what comes back.
    fn poll_sender(
        &mut self,
        spot: &mut Option<Spot>,
        (waker, mine): (&Waker, &mut Option<Waker>),
    ) -> Option<Polled<T>> {
        let Some(waiting) = *spot else { return Some((Poll::Pending, None)) };
        if (1..=self.through).contains(&waiting.number()) {
            *spot = None;
            return Some((Poll::Ready(Ok(0)), None));
        }
        let entry = self.entries.get_mut(waiting.key);
        if entry.is_in_line() {
            return entry.renew(waker, mine).then_some((Poll::Pending, None));
        }
        *spot = None;
        // Its waker went with the call.
        let Entry { stage, value, position, .. } = self.entries.remove(waiting.key);
        let outcome = if stage == Stage::Served { Ok(position) } else { Err(Closed) };
        Some((Poll::Ready(outcome), value))
    }

    /// A sender has got what it waited for. Its value, with the weight that it takes.
    fn let_through(&mut self, key: Key, calls: &mut Calls) -> (Option<Taken<T>>, usize) {
        self.entries.unlink(&mut self.senders, key);
        let entry = self.entries.get_mut(key);
        let (value, position, weight) = (entry.value.take(), entry.position, entry.weight);
        let taken = value.map(|value| (value, position));
        if entry.asks {
            entry.end(Stage::Served, calls);
        } else {
            let Entry { waker, came, .. } = self.entries.remove(key);
            self.through = came;
            calls.add(waker);
        }
        (taken, weight)
    }

    /// Tries again for a sender in line that belongs to a select whose ticket is shut: others may
    /// have passed it by meanwhile. Whether it is done.
    pub(crate) fn retry_sender(&mut self, key: Key, calls: &mut Calls) -> bool {
        if self.closed {
            return true;
        }
        let receiver = self.claim_receiver();
        let first = self.senders.first() == Some(key);
        if receiver.is_none() && !(first && self.fits(self.entries.get(key).weight)) {
            return false;
        }
        self.entries.unlink(&mut self.senders, key);
        let entry = self.entries.get_mut(key);
        let (weight, position) = (entry.weight, entry.position);
        entry.stage = Stage::Served;
        if let Some(value) = entry.value.take() {
            match receiver {
                Some(receiver) => self.serve_receiver(receiver, (value, position), calls),
                None => self.put((value, position), weight),
            }
        }
        // Whoever was behind it may have looked, and not have been first.
        self.admit(calls);
        true
    }

    /// Waits no longer in the senders' line. The entry's value was not sent.
    pub(crate) fn leave_senders(&mut self, key: Key, calls: &mut Calls) -> Entry<T> {
        if self.entries.get(key).stage == Stage::InLine {
            self.entries.unlink(&mut self.senders, key);
            // Whoever was behind it may be lighter.
            self.admit(calls);
        }
        let mut entry = self.entries.remove(key);
        // Nobody will ask any more.
        let waker = self.acks.forget(entry.position);
        entry.waker = entry.waker.or(waker);
        entry
    }

    /// Lets senders in, and gives permits, in turn, as long as there is room.
    fn admit(&mut self, calls: &mut Calls) {
        self.departures += 1;
        if self.limit == 0 {
            return self.promise(calls);
        }
        let mut at = self.senders.first();
        while let Some(key) = at {
            at = self.entries.after(key);
            if !self.fits(self.entries.get(key).weight) {
                return;
            }
            // A select whose ticket is shut is at work, and will see for itself.
            if !self.entries.get(key).claim() {
                continue;
            }
            match self.let_through(key, calls) {
                (Some(taken), weight) => self.put(taken, weight),
                (None, weight) => self.load = self.load.saturating_add(weight),
            }
        }
    }

    // ---- permits ----

    /// Keeps room for so much weight; at a rendezvous, if a receiver waits that is not promised yet.
    pub(crate) fn reserve(&mut self, weight: usize) -> Result<(), NoPlace> {
        if self.closed {
            return Err(NoPlace::Closed);
        }
        if self.limit == 0 && self.promised < self.receivers.len() {
            self.promised += 1;
            return Ok(());
        }
        if self.limit > 0 && self.senders.is_empty() && self.fits(weight) {
            self.load = self.load.saturating_add(weight);
            return Ok(());
        }
        Err(NoPlace::Full)
    }

    /// Gives permits to those who wait for them, as long as receivers wait.
    fn promise(&mut self, calls: &mut Calls) {
        while self.promised < self.receivers.len() {
            let Some(key) = self.entries.find(&self.senders, |entry| entry.value.is_none()) else {
                return;
            };
            self.let_through(key, calls);
            self.promised += 1;
        }
    }

    /// Goes on with a reservation. `None` asks for a clone of the waker: see [`Entry::renew`].
    pub(crate) fn poll_reserve(
        &mut self,
        weight: usize,
        spot: &mut Option<Spot>,
        (waker, mine): (&Waker, &mut Option<Waker>),
    ) -> Option<Poll<Result<(), Closed>>> {
        if spot.is_some() {
            return Some(self.poll_sender(spot, (waker, mine))?.0.map_ok(drop));
        }
        match self.reserve(weight) {
            Ok(()) => Some(Poll::Ready(Ok(()))),
            Err(NoPlace::Closed) => Some(Poll::Ready(Err(Closed))),
            Err(_) => {
                // It asks: those with a value pass it by at a rendezvous.
                let key = self.add_sender(Entry::sender(None, weight, mine.take()));
                *spot = Some(self.entries.get(key).spot(key));
                Some(Poll::Pending)
            }
        }
    }

    /// Sends with a permit. Where no receiver waits any more at a rendezvous, the value goes to the
    /// head of the channel.
    pub(crate) fn send_reserved(
        &mut self,
        value: T,
        weight: usize,
        reserved: usize,
        calls: &mut Calls,
    ) -> Result<(), T> {
        self.unreserve(reserved);
        if self.closed {
            return Err(value);
        }
        let position = self.position(false);
        if let Some(receiver) = self.claim_receiver() {
            self.serve_receiver(receiver, (value, position), calls);
        } else if self.limit == 0 {
            self.arrivals += 1;
            self.returned.push_back((value, position));
        } else {
            self.put((value, position), weight);
        }
        self.admit(calls);
        Ok(())
    }

    pub(crate) fn release(&mut self, reserved: usize, calls: &mut Calls) {
        self.unreserve(reserved);
        self.admit(calls);
    }

    fn unreserve(&mut self, reserved: usize) {
        if self.limit == 0 {
            self.promised -= 1;
        } else {
            self.load = self.load.saturating_sub(reserved);
        }
    }

    // ---- receiving ----

    /// Takes the next value, if there is one.
    pub(crate) fn take(&mut self, calls: &mut Calls) -> Option<Taken<T>> {
        if let Some(taken) = self.returned.pop_front() {
            return Some(taken);
        }
        if let Some((taken, weight)) = self.buffer.pop_front() {
            self.load = self.load.saturating_sub(weight);
            self.admit(calls);
            return Some(taken);
        }
        let with_value = |entry: &Entry<T>| entry.value.is_some() && entry.claim();
        let key = self.entries.find(&self.senders, with_value)?;
        self.let_through(key, calls).0
    }

    /// Receives without waiting.
    pub(crate) fn recv(&mut self, calls: &mut Calls) -> Result<T, TryRecvError> {
        match self.take(calls) {
            Some((value, position)) => {
                self.acks.received(position, calls);
                Ok(value)
            }
            None if self.closed => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Goes on with a receive. `None` asks for a clone of the waker: see [`Entry::renew`].
    pub(crate) fn poll_recv(
        &mut self,
        spot: &mut Option<Spot>,
        (waker, mine): (&Waker, &mut Option<Waker>),
        calls: &mut Calls,
    ) -> Option<Poll<Result<T, Closed>>> {
        let Some(waiting) = *spot else {
            return match self.recv(calls) {
                Ok(value) => Some(Poll::Ready(Ok(value))),
                Err(TryRecvError::Closed) => Some(Poll::Ready(Err(Closed))),
                Err(TryRecvError::Empty) if mine.is_none() => None,
                Err(TryRecvError::Empty) => {
                    let key = self.line_up_receiver(mine.take(), None, calls);
                    *spot = Some(self.entries.get(key).spot(key));
                    Some(Poll::Pending)
                }
            };
        };
        let entry = self.entries.get_mut(waiting.key);
        if entry.is_in_line() {
            return entry.renew(waker, mine).then_some(Poll::Pending);
        }
        *spot = None;
        let Entry { value, position, .. } = self.entries.remove(waiting.key);
        self.acks.received(position, calls);
        Some(Poll::Ready(value.ok_or(Closed)))
    }

    pub(crate) fn line_up_receiver(
        &mut self,
        waker: Option<Waker>,
        seat: Option<Seat>,
        calls: &mut Calls,
    ) -> Key {
        let key = self.entries.insert(Entry::receiver(waker, seat));
        self.entries.push_back(&mut self.receivers, key);
        // For a rendezvous somebody has come.
        self.departures += 1;
        self.promise(calls);
        key
    }

    /// Takes the value that was given to a receiver, which so is received.
    pub(crate) fn collect(&mut self, key: Key, calls: &mut Calls) -> Option<T> {
        let entry = self.entries.get_mut(key);
        let (value, position) = (entry.value.take()?, entry.position);
        self.acks.received(position, calls);
        Some(value)
    }

    /// Waits no longer in the receivers' line. A value that was given already goes back.
    pub(crate) fn leave_receivers(&mut self, key: Key, calls: &mut Calls) -> Entry<T> {
        if self.entries.get(key).stage == Stage::InLine {
            self.entries.unlink(&mut self.receivers, key);
        }
        let mut entry = self.entries.remove(key);
        if let Some(value) = entry.value.take() {
            self.give_back((value, entry.position), calls);
        }
        entry
    }

    /// Puts a value back to the head, or into the hands of the next receiver.
    fn give_back(&mut self, taken: Taken<T>, calls: &mut Calls) {
        self.arrivals += 1;
        match self.claim_receiver() {
            Some(receiver) => self.serve_receiver(receiver, taken, calls),
            None => {
                let at = self.returned.partition_point(|&(_, position)| position < taken.1);
                self.returned.insert(at, taken);
            }
        }
    }

    // ---- the channel as a whole ----

    /// Lets nothing more in, and tells all who wait. Whether it is the first time.
    pub(crate) fn close(&mut self, calls: &mut Calls) -> bool {
        let first = !std::mem::replace(&mut self.closed, true);
        self.arrivals += 1;
        self.departures += 1;
        for line in [&mut self.senders, &mut self.receivers] {
            // A select whose ticket is shut is at work, and will see for itself.
            while let Some(key) = self.entries.find(line, Entry::claim) {
                self.entries.unlink(line, key);
                self.entries.get_mut(key).end(Stage::Closed, calls);
            }
        }
        first
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether a receive may succeed.
    pub(crate) fn offers_values(&self) -> bool {
        self.closed
            || !self.senders.is_empty()
            || !self.buffer.is_empty()
            || !self.returned.is_empty()
    }

    /// Whether a send may succeed.
    pub(crate) fn offers_places(&self) -> bool {
        self.closed || !self.receivers.is_empty() || self.load < self.limit
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    pub(crate) fn is_full(&self) -> bool {
        self.load >= self.limit
    }

    pub(crate) fn len(&self) -> usize {
        self.buffer.len() + self.returned.len()
    }

    pub(crate) fn arrivals(&self) -> u64 {
        self.arrivals
    }

    pub(crate) fn departures(&self) -> u64 {
        self.departures
    }
}
