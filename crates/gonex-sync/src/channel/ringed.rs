//! Channels with a buffer: rings for the values, and lines for who waits.
//!
//! # How it works
//! A send pushes and a receive pops, without a lock. Then each looks at `signals`, one word that
//! says what needs more: somebody waits on the other side, and so on. An operation that has to wait
//! stands in line under the lock, says so in `signals`, and *tries once more* before it leaves its
//! waker behind.
//!
//! A pop that finds senders in line *calls* the first: it leaves the line and is woken, and tries
//! again when it is polled. A newcomer may have taken the room meanwhile. Then it goes back as
//! *overtaken*, before all who came after it; newcomers stand in line behind it, and the next room
//! is reserved for it right there: it is *served*. The same holds for receivers and values. So
//! whoever waits is overtaken at most while it wakes up, once, and the first in line is always next.
//!
//! # No wake-up is lost
//! The pusher writes `tail` and then reads `signals`; the receiver writes `signals` and then reads
//! `tail` (an empty ring is one whose tail was seen to be equal to its head). All four accesses are
//! sequentially consistent, so at least one of the two sees what the other wrote. With `head` the
//! same holds for the sender that finds the ring full.
//!
//! An operation that was called and goes away, or that finds another way (a select), passes the
//! call on.
//!
//! # Without a bound
//! An unbounded channel has a ring too. When it is full, or already *diverted*, values go to a queue
//! behind it, under the lock, and poppers that find the ring empty fill it from there. The ring's
//! word decides who pushes where, so no value overtakes another.
//!
//! # Deadlock safety
//! One lock. Under it values and wakers are moved, but neither dropped, nor cloned, nor woken.

use std::collections::VecDeque;
use std::task::{Poll, Waker};

use crossbeam_utils::CachePadded;
use smallvec::SmallVec;

use super::acks::{Acks, Learned};
use super::error::{TryRecvError, TrySendError};
use super::ring::{NoPlace, PopError, Position, PushError, Ring};
use super::waiting::{Closed, Taken};
use crate::guarded::Guarded;
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::write_then_read;
use crate::wait::{Calls, Entries, Key, Line, renew};

/// Some receiver stands in line.
const RECEIVERS: u32 = 1;
/// Some sender stands in line.
const SENDERS: u32 = 1 << 1;
/// The first receiver in line has been overtaken: newcomers line up.
const RECEIVERS_TURN: u32 = 1 << 2;
/// The first sender in some line has been overtaken: newcomers line up.
const SENDERS_TURN: u32 = 1 << 3;
/// Values came back from receives that were given up; they go out first.
const RETURNED: u32 = 1 << 4;
/// Some sender waits until its value is received.
const ACKS: u32 = 1 << 5;

/// The ring of an unbounded channel. Large enough that a receiver that keeps up seldom needs the
/// lock, and small enough for programs with many channels.
const UNBOUNDED_RING: usize = 64;

/// A channel with a buffer.
pub(crate) struct Ringed<T> {
    /// One for each priority, the first going out first.
    first: Ring<T>,
    further: Box<[Ring<T>]>,
    unbounded: bool,
    /// Written under the lock, from what stands there.
    signals: CachePadded<AtomicU32>,
    /// Grows, under the lock, when a value comes back or a place is given up: what the rings' own
    /// counts do not say.
    given_back: AtomicU64,
    waiters: Guarded<Waiters<T>>,
}

struct Waiters<T> {
    entries: Entries<Entry<T>>,
    receivers: Line,
    /// By lane.
    senders: SmallVec<[Line; 1]>,
    returned: VecDeque<Taken<T>>,
    /// What did not fit into the ring of an unbounded channel.
    overflow: VecDeque<T>,
    acks: Acks,
    /// How many have come to wait.
    came: u64,
}

/// An operation that waits.
struct Entry<T> {
    waker: Option<Waker>,
    stage: Stage,
    /// Of a served receiver.
    value: Option<Taken<T>>,
    overtaken: bool,
    /// Its number in the order in which all came.
    came: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    InLine,
    /// Woken, to try for itself.
    Called,
    /// Has got what it waits for: a value, or a reserved place.
    Served,
}

impl<T> Ringed<T> {
    /// A channel for `capacity` values in each of `lanes`.
    pub(crate) fn bounded(capacity: usize, lanes: usize) -> Self {
        Self::new(|| Ring::new(capacity), lanes, false)
    }

    pub(crate) fn unbounded() -> Self {
        Self::new(|| Ring::new(UNBOUNDED_RING), 1, true)
    }

    fn new(ring: impl Fn() -> Ring<T>, lanes: usize, unbounded: bool) -> Self {
        let waiters = Waiters {
            entries: Entries::new(),
            receivers: Line::new(),
            senders: (0..lanes).map(|_| Line::new()).collect(),
            returned: VecDeque::new(),
            overflow: VecDeque::new(),
            acks: Acks::default(),
            came: 0,
        };
        Self {
            first: ring(),
            further: (1..lanes).map(|_| ring()).collect(),
            unbounded,
            signals: CachePadded::new(AtomicU32::new(0)),
            given_back: AtomicU64::new(0),
            waiters: Guarded::new(waiters),
        }
    }

    #[inline]
    fn lane(&self, lane: usize) -> &Ring<T> {
        match lane.checked_sub(1) {
            None => &self.first,
            Some(further) => &self.further[further],
        }
    }

    fn each_lane(&self) -> impl Iterator<Item = &Ring<T>> {
        std::iter::once(&self.first).chain(&self.further)
    }

    /// What needs attention after the rings have been changed.
    #[inline]
    fn signals(&self) -> u32 {
        write_then_read();
        self.signals.load(Ordering::SeqCst)
    }

    /// Says what there is to say. Called whenever lines or values under the lock have changed.
    fn say(&self, waiters: &Waiters<T>) {
        let turn = |line: &Line| line.first().is_some_and(|key| waiters.entries.get(key).overtaken);
        let senders = &waiters.senders;
        let said = [
            (RECEIVERS, !waiters.receivers.is_empty()),
            (RECEIVERS_TURN, turn(&waiters.receivers)),
            (SENDERS, senders.iter().any(|line| !line.is_empty())),
            (SENDERS_TURN, senders.iter().any(turn)),
            (RETURNED, !waiters.returned.is_empty()),
            (ACKS, !waiters.acks.is_empty()),
        ];
        let signals = said.into_iter().filter(|&(_, on)| on).map(|(signal, _)| signal).sum();
        // Written under the lock alone, so what is read here is the last that was said.
        if self.signals.load(Ordering::Relaxed) != signals {
            self.signals.store(signals, Ordering::SeqCst);
        }
    }

    /// Does something under the lock, says what has changed, and wakes who was called.
    fn locked<R>(&self, body: impl FnOnce(&mut Waiters<T>, &mut Calls) -> R) -> R {
        let mut calls = Calls::default();
        let result = self.waiters.with(|waiters| {
            let result = body(waiters, &mut calls);
            self.say(waiters);
            result
        });
        calls.wake();
        result
    }

    // ---- sending ----

    #[inline(always)]
    pub(crate) fn try_send(&self, value: T, lane: usize) -> Result<(), TrySendError<T>> {
        if self.signals.load(Ordering::Relaxed) & SENDERS_TURN != 0 {
            return self.send_in_turn(value, lane);
        }
        match self.lane(lane).push_quickly(value) {
            Ok(_) => {
                self.pushed();
                Ok(())
            }
            Err(value) => self.send_on(value, lane),
        }
    }

    /// Sends where the quick way is barred.
    #[inline(never)]
    fn send_on(&self, value: T, lane: usize) -> Result<(), TrySendError<T>> {
        if self.unbounded && self.first.is_diverted() {
            return self.send_past(value);
        }
        match self.lane(lane).push(value) {
            Ok(_) => {
                self.pushed();
                Ok(())
            }
            Err(PushError::Closed(value)) => Err(TrySendError::Closed(value)),
            Err(PushError::Full(value)) if !self.unbounded => Err(TrySendError::Full(value)),
            Err(PushError::Full(value) | PushError::Diverted(value)) => self.send_past(value),
        }
    }

    /// After a push: somebody may wait for it.
    #[inline]
    fn pushed(&self) {
        if self.signals() & RECEIVERS != 0 {
            self.announce();
        }
    }

    #[cold]
    fn announce(&self) {
        self.locked(|waiters, calls| self.call_receiver(waiters, calls));
    }

    /// Sends while somebody in line has been overtaken: after that one, if there is room for both.
    #[cold]
    fn send_in_turn(&self, value: T, lane: usize) -> Result<(), TrySendError<T>> {
        self.locked(|waiters, calls| {
            while waiters.turn(lane) && self.call_sender(waiters, lane, calls) {}
            if waiters.turn(lane) && !self.lane(lane).is_closed() {
                return Err(TrySendError::Full(value));
            }
            self.push(waiters, value, lane, calls).map(drop)
        })
    }

    /// Sends past the full ring of an unbounded channel.
    #[cold]
    fn send_past(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut calls = Calls::default();
        let sent = self.waiters.with(|waiters| {
            let sent = self.push_past(waiters, value).map(drop);
            if sent.is_ok() && self.call_receiver(waiters, &mut calls) {
                self.say(waiters);
            }
            sent
        });
        calls.wake();
        sent
    }

    /// Pushes into the ring of an unbounded channel, or behind it.
    fn push_past(&self, waiters: &mut Waiters<T>, value: T) -> Result<Position, TrySendError<T>> {
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
        // While pushes are diverted, the ring grows from the overflow alone, in order.
        let position = ring.ahead(waiters.overflow.len());
        waiters.overflow.push_back(value);
        Ok(position)
    }

    /// Pushes under the lock, and tells a receiver.
    fn push(
        &self,
        waiters: &mut Waiters<T>,
        value: T,
        lane: usize,
        calls: &mut Calls,
    ) -> Result<Position, TrySendError<T>> {
        let position = if self.unbounded {
            self.push_past(waiters, value)?
        } else {
            self.lane(lane).push(value).map_err(|error| match error {
                PushError::Closed(value) => TrySendError::Closed(value),
                PushError::Full(value) | PushError::Diverted(value) => TrySendError::Full(value),
            })?
        };
        self.call_receiver(waiters, calls);
        Ok(tagged(position, lane))
    }

    /// Has the first receiver in line look, or gives it a value if it has been overtaken. Whether
    /// that could be done.
    fn call_receiver(&self, waiters: &mut Waiters<T>, calls: &mut Calls) -> bool {
        let Some(key) = waiters.receivers.first() else { return false };
        if waiters.entries.get(key).overtaken {
            let Ok(taken) = self.take(waiters, calls) else { return false };
            let entry = waiters.entries.get_mut(key);
            entry.value = Some(taken);
            entry.stage = Stage::Served;
        } else {
            waiters.entries.get_mut(key).stage = Stage::Called;
        }
        waiters.entries.unlink(&mut waiters.receivers, key);
        calls.add(waiters.entries.get_mut(key).waker.take());
        true
    }

    /// Has the first sender in line look, or reserves a place for it if it has been overtaken.
    /// Whether that could be done.
    fn call_sender(&self, waiters: &mut Waiters<T>, lane: usize, calls: &mut Calls) -> bool {
        let Some(key) = waiters.senders[lane].first() else { return false };
        let stage = match waiters.entries.get(key).overtaken {
            true if self.lane(lane).reserve().is_err() => return false,
            true => Stage::Served,
            false => Stage::Called,
        };
        waiters.entries.get_mut(key).stage = stage;
        waiters.entries.unlink(&mut waiters.senders[lane], key);
        calls.add(waiters.entries.get_mut(key).waker.take());
        true
    }

    /// Goes on with a send; `value` is taken when it is done.
    #[inline(always)]
    pub(crate) fn poll_send(
        &self,
        value: &mut Option<T>,
        lane: usize,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        if key.is_none() {
            let Some(unsent) = value.take() else { return Poll::Ready(Ok(())) };
            match self.try_send(unsent, lane) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(TrySendError::Closed(unsent)) => {
                    *value = Some(unsent);
                    return Poll::Ready(Err(Closed));
                }
                Err(TrySendError::Full(unsent)) => *value = Some(unsent),
            }
        }
        self.wait_for_place(lane, key, waker, |waiters, calls, place| {
            put(self, waiters, calls, value, lane, place).map(drop)
        })
    }

    /// Goes on with a send whose sender waits for the acknowledgment; yields the position.
    pub(crate) fn poll_send_acked(
        &self,
        value: &mut Option<T>,
        lane: usize,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<Position, Closed>> {
        let mut sent = None;
        let poll = self.wait_for_place(lane, key, waker, |waiters, calls, place| {
            // Expected before it can be received: a receiver that finds the signal waits for the
            // lock, and then finds the position.
            self.signals.fetch_or(ACKS, Ordering::SeqCst);
            let position = put(self, waiters, calls, value, lane, place)?;
            waiters.acks.expect(position);
            sent = Some(position);
            Ok(())
        });
        poll.map_ok(|()| sent.unwrap_or_default())
    }

    /// How it stands with a value that was sent.
    pub(crate) fn poll_ack(&self, position: Position, waker: &Waker) -> Poll<Learned> {
        let mut mine = Some(waker.clone());
        let learned = self.waiters.with(|waiters| waiters.acks.look(position, &mut mine));
        if learned == Learned::NotYet { Poll::Pending } else { Poll::Ready(learned) }
    }

    /// The sender of a value waits for its acknowledgment no longer.
    pub(crate) fn forget_ack(&self, position: Position) {
        let waker = self.locked(|waiters, _| waiters.acks.forget(position));
        drop(waker);
    }

    /// Goes on with a reservation.
    pub(crate) fn poll_reserve(
        &self,
        lane: usize,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        if key.is_none() {
            match self.try_reserve(lane) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(NoPlace::Closed) => return Poll::Ready(Err(Closed)),
                Err(_) => {}
            }
        }
        self.wait_for_place(lane, key, waker, |_, _, place| match place {
            Place::Reserved => Ok(()),
            Place::Any => self.lane(lane).reserve(),
        })
    }

    /// Keeps a place, which an unbounded channel has anyway.
    pub(crate) fn try_reserve(&self, lane: usize) -> Result<(), NoPlace> {
        if self.unbounded {
            return if self.is_closed() { Err(NoPlace::Closed) } else { Ok(()) };
        }
        if self.signals.load(Ordering::Relaxed) & SENDERS_TURN == 0 {
            return self.lane(lane).reserve();
        }
        self.locked(|waiters, calls| {
            // After who has been overtaken, if there is room for both; in other lanes it is all one.
            while waiters.turn(lane) && self.call_sender(waiters, lane, calls) {}
            if waiters.turn(lane) && !self.lane(lane).is_closed() {
                return Err(NoPlace::Full);
            }
            self.lane(lane).reserve()
        })
    }

    /// Sends into a place that was kept.
    pub(crate) fn send_reserved(&self, value: T, lane: usize) -> Result<(), T> {
        if self.unbounded {
            return self.try_send(value, lane).map_err(TrySendError::into_inner);
        }
        self.lane(lane).push_reserved(value)?;
        self.pushed();
        Ok(())
    }

    /// Gives a place up that was kept.
    pub(crate) fn release(&self, lane: usize) {
        if self.unbounded {
            return;
        }
        self.lane(lane).release();
        self.locked(|waiters, calls| {
            self.given_back.fetch_add(1, Ordering::SeqCst);
            self.call_sender(waiters, lane, calls);
        });
    }

    /// Waits in the senders' line until `take` finds a place.
    #[cold]
    fn wait_for_place(
        &self,
        lane: usize,
        key: &mut Option<Key>,
        waker: &Waker,
        mut take: impl FnMut(&mut Waiters<T>, &mut Calls, Place) -> Result<(), NoPlace>,
    ) -> Poll<Result<(), Closed>> {
        let mut mine = Some(waker.clone());
        let (outcome, left) = self.locked(|waiters, calls| {
            let stage = key.map(|key| waiters.entries.get(key).stage);
            let mut outcome = match stage {
                Some(Stage::Served) => take(waiters, calls, Place::Reserved),
                Some(Stage::Called) => take(waiters, calls, Place::Any),
                Some(Stage::InLine) | None => Err(NoPlace::Full),
            };
            if outcome == Err(NoPlace::Full) {
                let key = *key.get_or_insert_with(|| waiters.come());
                match stage {
                    None => waiters.entries.push_back(&mut waiters.senders[lane], key),
                    Some(Stage::InLine) => {}
                    Some(_) => {
                        let entry = waiters.entries.get_mut(key);
                        (entry.stage, entry.overtaken) = (Stage::InLine, true);
                        waiters.entries.put_back(&mut waiters.senders[lane], key, came_later);
                    }
                }
                renew(&mut waiters.entries.get_mut(key).waker, &mut mine);
                // Said first and looked at second: see the head of this file. Room for those who
                // are not first is announced to who is.
                self.say(waiters);
                write_then_read();
                if waiters.senders[lane].first() == Some(key) {
                    // Out of the line meanwhile: what it sends may serve a receiver who waits, and
                    // so call the first sender, which must be the next.
                    waiters.entries.unlink(&mut waiters.senders[lane], key);
                    outcome = take(waiters, calls, Place::Any);
                    if outcome == Err(NoPlace::Full) {
                        waiters.entries.push_front(&mut waiters.senders[lane], key);
                    } else {
                        waiters.entries.get_mut(key).stage = Stage::Called;
                    }
                } else if self.lane(lane).is_closed() {
                    outcome = Err(NoPlace::Closed);
                }
            }
            let ended = if outcome == Err(NoPlace::Full) { None } else { key.take() };
            (outcome, ended.map(|key| waiters.leave_senders(key, lane)))
        });
        drop((mine, left));
        match outcome {
            Ok(()) => Poll::Ready(Ok(())),
            Err(NoPlace::Full | NoPlace::Diverted) => Poll::Pending,
            Err(NoPlace::Closed) => Poll::Ready(Err(Closed)),
        }
    }

    /// Waits no longer in the senders' line.
    pub(crate) fn leave_senders(&self, key: Key, lane: usize) {
        let entry = self.locked(|waiters, calls| {
            let entry = waiters.leave_senders(key, lane);
            if entry.stage == Stage::Served {
                self.lane(lane).release();
                self.given_back.fetch_add(1, Ordering::SeqCst);
            }
            if entry.stage != Stage::InLine {
                // The call, or the place, is for the next.
                self.call_sender(waiters, lane, calls);
            }
            entry
        });
        drop(entry);
    }

    // ---- receiving ----

    #[inline(always)]
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        if self.signals.load(Ordering::Relaxed) & (RETURNED | RECEIVERS_TURN) != 0 {
            return self.recv_in_turn();
        }
        match self.first.pop_quickly() {
            Some((value, position)) => {
                self.popped(position, 0);
                Ok(value)
            }
            None => self.recv_on(),
        }
    }

    /// Receives where the quick way is barred.
    #[inline(never)]
    fn recv_on(&self) -> Result<T, TryRecvError> {
        match self.first.pop() {
            Ok((value, position)) => {
                self.popped(position, 0);
                Ok(value)
            }
            Err(PopError::Empty) if self.further.is_empty() => Err(TryRecvError::Empty),
            Err(PopError::Closed | PopError::Diverted) if self.further.is_empty() => {
                self.recv_last()
            }
            Err(_) => self.recv_further(),
        }
    }

    /// Whether a receive is worth trying, for who asks again and again.
    #[inline]
    pub(crate) fn looks_ready(&self) -> bool {
        self.first.looks_ready()
            || self.signals.load(Ordering::Relaxed) & RETURNED != 0
            || self.further.iter().any(Ring::looks_ready)
            || self.unbounded && self.first.is_diverted()
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
            waiters.acks.received(tagged(position, lane), calls);
            self.call_sender(waiters, lane, calls);
        });
    }

    /// Receives from the other lanes, or from behind the ring.
    #[cold]
    fn recv_further(&self) -> Result<T, TryRecvError> {
        for (lane, ring) in self.each_lane().enumerate() {
            if let Ok((value, position)) = ring.pop() {
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

    /// Receives while values have come back, or somebody in line has been overtaken: after that one.
    #[cold]
    fn recv_in_turn(&self) -> Result<T, TryRecvError> {
        self.locked(|waiters, calls| {
            while waiters.is_receivers_turn() && self.call_receiver(waiters, calls) {}
            self.receive(waiters, calls)
        })
    }

    fn receive(&self, waiters: &mut Waiters<T>, calls: &mut Calls) -> Result<T, TryRecvError> {
        let (value, position) = self.take(waiters, calls)?;
        waiters.acks.received(position, calls);
        Ok(value)
    }

    /// Takes the next value, wherever it is, and tells a sender of the place.
    fn take(&self, waiters: &mut Waiters<T>, calls: &mut Calls) -> Result<Taken<T>, TryRecvError> {
        if let Some(taken) = waiters.returned.pop_front() {
            return Ok(taken);
        }
        let mut closed = true;
        for (lane, ring) in self.each_lane().enumerate() {
            let mut popped = ring.pop();
            if matches!(popped, Err(PopError::Diverted)) {
                self.refill(waiters);
                popped = ring.pop();
            }
            match popped {
                Ok((value, position)) => {
                    self.call_sender(waiters, lane, calls);
                    return Ok((value, tagged(position, lane)));
                }
                Err(PopError::Closed) => {}
                Err(_) => closed = false,
            }
        }
        Err(if closed { TryRecvError::Closed } else { TryRecvError::Empty })
    }

    /// Fills the ring of an unbounded channel from behind.
    fn refill(&self, waiters: &mut Waiters<T>) {
        let ring = &self.first;
        ring.refill(&mut waiters.overflow);
        if !waiters.overflow.is_empty() {
            return;
        }
        // A flood that is over should not hold memory for ever.
        if waiters.overflow.capacity() > 16 * UNBOUNDED_RING {
            waiters.overflow = VecDeque::new();
        }
        ring.divert(false);
    }

    /// Goes on with a receive.
    #[inline(always)]
    pub(crate) fn poll_recv(
        &self,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<T, Closed>> {
        if key.is_none() {
            match self.try_recv() {
                Ok(value) => return Poll::Ready(Ok(value)),
                Err(TryRecvError::Closed) => return Poll::Ready(Err(Closed)),
                Err(TryRecvError::Empty) => {}
            }
        }
        self.wait_for_value(key, waker)
    }

    /// Waits in the receivers' line.
    #[cold]
    fn wait_for_value(&self, key: &mut Option<Key>, waker: &Waker) -> Poll<Result<T, Closed>> {
        let mut mine = Some(waker.clone());
        let (outcome, left) = self.locked(|waiters, calls| {
            let stage = key.map(|key| waiters.entries.get(key).stage);
            let mut outcome = match (stage, *key) {
                (Some(Stage::Served), Some(key)) => {
                    let served = waiters.entries.get_mut(key).value.take();
                    served.ok_or(TryRecvError::Empty)
                }
                (Some(Stage::Called), _) => self.take(waiters, calls),
                _ => Err(TryRecvError::Empty),
            };
            if matches!(outcome, Err(TryRecvError::Empty)) {
                let key = *key.get_or_insert_with(|| waiters.come());
                match stage {
                    None => waiters.entries.push_back(&mut waiters.receivers, key),
                    Some(Stage::InLine) => {}
                    Some(_) => {
                        let entry = waiters.entries.get_mut(key);
                        (entry.stage, entry.overtaken) = (Stage::InLine, true);
                        waiters.entries.put_back(&mut waiters.receivers, key, came_later);
                    }
                }
                renew(&mut waiters.entries.get_mut(key).waker, &mut mine);
                self.say(waiters);
                write_then_read();
                if waiters.receivers.first() == Some(key) {
                    outcome = self.take(waiters, calls);
                }
            }
            if let Ok((_, position)) = outcome {
                waiters.acks.received(position, calls);
            }
            let waits = matches!(outcome, Err(TryRecvError::Empty));
            let ended = if waits { None } else { key.take() };
            (outcome, ended.map(|key| waiters.leave_receivers(key)))
        });
        drop((mine, left));
        match outcome {
            Ok((value, _)) => Poll::Ready(Ok(value)),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Closed) => Poll::Ready(Err(Closed)),
        }
    }

    /// Waits no longer in the receivers' line. A value that was given already is received.
    pub(crate) fn stop_receiving(&self, key: Key) -> Option<T> {
        let (value, entry) = self.locked(|waiters, calls| {
            let mut entry = waiters.leave_receivers(key);
            let value = entry.value.take();
            if let Some((_, position)) = &value {
                waiters.acks.received(*position, calls);
            } else if entry.stage == Stage::Called {
                self.call_receiver(waiters, calls);
            }
            (value, entry)
        });
        drop(entry);
        value.map(|(value, _)| value)
    }

    /// Waits no longer in the receivers' line. A value that was given already goes back to where
    /// the next receive takes it, beyond the capacity.
    pub(crate) fn leave_receivers(&self, key: Key) {
        let entry = self.locked(|waiters, calls| {
            let mut entry = waiters.leave_receivers(key);
            if let Some(taken) = entry.value.take() {
                waiters.returned.push_front(taken);
                self.given_back.fetch_add(1, Ordering::SeqCst);
            }
            if entry.stage != Stage::InLine {
                self.call_receiver(waiters, calls);
            }
            entry
        });
        drop(entry);
    }

    // ---- the channel as a whole ----

    /// Lets nothing more in, and tells all who wait. Whether it was the first time.
    pub(crate) fn close(&self) -> bool {
        self.locked(|waiters, calls| {
            // Rings are closed under the lock alone.
            let first = !self.is_closed();
            self.each_lane().for_each(Ring::close);
            for lane in 0..self.lanes() {
                while let Some(key) = waiters.entries.pop_front(&mut waiters.senders[lane]) {
                    waiters.call(key, calls);
                }
            }
            while let Some(key) = waiters.entries.pop_front(&mut waiters.receivers) {
                waiters.call(key, calls);
            }
            first
        })
    }

    /// Takes all values out, for the caller to drop. Only for when nobody can receive any more.
    pub(crate) fn discard(&self) -> Option<T> {
        self.locked(|waiters, calls| {
            let (value, position) = self.take(waiters, calls).ok()?;
            waiters.acks.discarded(position, calls);
            Some(value)
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.first.is_closed()
    }

    /// The number of values inside.
    pub(crate) fn len(&self) -> usize {
        let rings = || self.each_lane().map(|ring| ring.fill().0).sum::<usize>();
        if !self.unbounded && self.signals.load(Ordering::Relaxed) & RETURNED == 0 {
            return rings();
        }
        self.waiters.with(|waiters| rings() + waiters.returned.len() + waiters.overflow.len())
    }

    /// How many values fit, if there is a limit.
    pub(crate) fn capacity(&self) -> Option<usize> {
        (!self.unbounded).then(|| self.each_lane().map(Ring::capacity).sum())
    }

    pub(crate) fn is_full(&self, lane: usize) -> bool {
        let (inside, reserved) = self.lane(lane).fill();
        !self.unbounded && inside + reserved >= self.lane(lane).capacity()
    }

    pub(crate) fn lanes(&self) -> usize {
        1 + self.further.len()
    }

    /// Changes whenever something has happened after which a receive may succeed that did not.
    pub(crate) fn arrivals(&self) -> u64 {
        let given_back = self.given_back.load(Ordering::SeqCst);
        let pushes = self.each_lane().map(Ring::pushes);
        pushes.fold(given_back << 48, u64::wrapping_add)
    }

    /// Changes whenever something has happened after which a send may succeed that did not.
    pub(crate) fn departures(&self, lane: usize) -> u64 {
        let given_back = self.given_back.load(Ordering::SeqCst);
        let closed = u64::from(self.is_closed());
        self.lane(lane).pops().wrapping_add((given_back << 1 | closed) << 48)
    }
}

/// What a sender may use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The place that was reserved for it.
    Reserved,
    Any,
}

/// Puts a value into a place; it is taken when that succeeds.
fn put<T>(
    channel: &Ringed<T>,
    waiters: &mut Waiters<T>,
    calls: &mut Calls,
    value: &mut Option<T>,
    lane: usize,
    place: Place,
) -> Result<Position, NoPlace> {
    let Some(unsent) = value.take() else { return Err(NoPlace::Closed) };
    if place == Place::Reserved {
        return match channel.lane(lane).push_reserved(unsent) {
            Ok(position) => {
                channel.call_receiver(waiters, calls);
                Ok(tagged(position, lane))
            }
            Err(unsent) => {
                *value = Some(unsent);
                Err(NoPlace::Closed)
            }
        };
    }
    channel.push(waiters, unsent, lane, calls).map_err(|error| {
        let full = error.is_full();
        *value = Some(error.into_inner());
        if full { NoPlace::Full } else { NoPlace::Closed }
    })
}

impl<T> Waiters<T> {
    /// Adds an entry that is about to stand in line.
    fn come(&mut self) -> Key {
        self.came += 1;
        let (waker, stage, value) = (None, Stage::InLine, None);
        self.entries.insert(Entry { waker, stage, value, overtaken: false, came: self.came })
    }

    /// Whether the first sender of a lane has been overtaken.
    fn turn(&self, lane: usize) -> bool {
        self.senders[lane].first().is_some_and(|key| self.entries.get(key).overtaken)
    }

    fn is_receivers_turn(&self) -> bool {
        self.receivers.first().is_some_and(|key| self.entries.get(key).overtaken)
    }

    /// Calls an entry that has been taken out of its line.
    fn call(&mut self, key: Key, calls: &mut Calls) {
        let entry = self.entries.get_mut(key);
        entry.stage = Stage::Called;
        calls.add(entry.waker.take());
    }

    fn leave_senders(&mut self, key: Key, lane: usize) -> Entry<T> {
        if self.entries.get(key).stage == Stage::InLine {
            self.entries.unlink(&mut self.senders[lane], key);
        }
        self.entries.remove(key)
    }

    fn leave_receivers(&mut self, key: Key) -> Entry<T> {
        if self.entries.get(key).stage == Stage::InLine {
            self.entries.unlink(&mut self.receivers, key);
        }
        self.entries.remove(key)
    }
}

/// Whether the first came after the second.
fn came_later<T>(one: &Entry<T>, other: &Entry<T>) -> bool {
    one.came > other.came
}

/// A position that tells lanes apart.
fn tagged(position: Position, lane: usize) -> Position {
    position | (lane as u64) << 48
}
