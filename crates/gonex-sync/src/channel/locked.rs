//! Channels under one lock: those without a buffer, and those whose capacity is a weight. What
//! happens under it is in [`state`](super::state).

// Nobody relies on the glance, so a model need not try its interleavings.
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Poll, Waker};

use super::acks::Learned;
use super::error::{TryRecvError, TrySendError};
use super::state::{Cargo, State};
use super::store::{NoPlace, Position};
use super::through::{Spot, Through};
use super::waiting::Closed;
use crate::guarded::{Guard, Guarded};
use crate::select::Seat;
use crate::wait::{Calls, Key};

/// Says how much of the capacity a value takes.
pub(crate) type Weigh<T> = Box<dyn Fn(&T) -> usize + Send + Sync>;

/// A receive may succeed.
const VALUES: u8 = 1;
/// A send may succeed.
const PLACES: u8 = 2;

/// A channel under one lock.
pub(crate) struct Locked<T> {
    state: Guarded<State<T>>,
    /// What the state offers, for a glance without the lock. Written under it.
    offers: AtomicU8,
    /// For senders whose value was taken.
    senders_through: Through,
    weigh: Option<Weigh<T>>,
}

impl<T> Locked<T> {
    pub(crate) fn new(limit: usize, weigh: Option<Weigh<T>>) -> Self {
        Self {
            state: Guarded::new(State::new(limit)),
            offers: AtomicU8::new(PLACES),
            senders_through: Through::new(),
            weigh,
        }
    }

    /// The weight of a value, at least 1. Not under the lock, since users write it.
    pub(crate) fn weigh(&self, value: &T) -> usize {
        self.weigh.as_ref().map_or(1, |weigh| weigh(value).max(1))
    }

    /// Whether the capacity is a weight; else it is a rendezvous.
    pub(crate) fn is_weighted(&self) -> bool {
        self.weigh.is_some()
    }

    /// Does something under the lock, and wakes who was called.
    fn locked<R>(&self, body: impl FnOnce(&mut State<T>, &mut Calls) -> R) -> R {
        let mut calls = Calls::default();
        let result = self.state.with(|state| {
            let result = body(state, &mut calls);
            self.offer(state);
            result
        });
        calls.wake();
        result
    }

    /// Says what there is to see without the lock. Called whenever that may have changed.
    fn offer(&self, state: &State<T>) {
        let values = if state.offers_values() { VALUES } else { 0 };
        let offers = values | if state.offers_places() { PLACES } else { 0 };
        // Nobody relies on it: a closer look is taken under the lock.
        if self.offers.load(Ordering::Relaxed) != offers {
            self.offers.store(offers, Ordering::Relaxed);
        }
        self.senders_through.keep_up(state.through());
    }

    /// Whether a receive is worth trying, for who looks more closely later.
    pub(crate) fn looks_ready(&self) -> bool {
        self.offers.load(Ordering::Relaxed) & VALUES != 0
    }

    /// The same for a send.
    pub(crate) fn looks_roomy(&self) -> bool {
        self.offers.load(Ordering::Relaxed) & PLACES != 0
    }

    // ---- for a select that holds the lock: see [`Shared`](super::shared::Shared) ----

    pub(crate) fn rank(&self) -> usize {
        self.state.rank()
    }

    pub(crate) fn lock(&self) -> Guard<'_> {
        self.state.lock()
    }

    pub(crate) fn looks_ready_held(&self, guard: &mut Guard<'_>) -> bool {
        self.state.get(guard).offers_values()
    }

    pub(crate) fn looks_roomy_held(&self, guard: &mut Guard<'_>) -> bool {
        self.state.get(guard).offers_places()
    }

    pub(crate) fn recv_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        key: &mut Option<Key>,
    ) -> Result<T, TryRecvError> {
        let state = self.state.get(guard);
        let outcome = state.recv(calls);
        if !matches!(outcome, Err(TryRecvError::Empty))
            && let Some(key) = key.take()
        {
            state.leave_receivers(key, calls);
        }
        self.offer(state);
        outcome
    }

    pub(crate) fn line_up_receiver_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        key: &mut Option<Key>,
        seat: Seat,
    ) {
        let state = self.state.get(guard);
        if key.is_none() {
            *key = Some(state.line_up_receiver(None, Some(seat), calls));
            self.offer(state);
        }
    }

    pub(crate) fn send_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        slot: &mut Option<T>,
        weight: usize,
        key: &mut Option<Key>,
    ) -> Option<Result<(), Closed>> {
        let state = self.state.get(guard);
        if let Some(waiting) = *key {
            if !state.retry_sender(waiting, calls) {
                return None;
            }
            *key = None;
            let entry = state.leave_senders(waiting, calls);
            *slot = entry.value;
            self.offer(state);
            return Some(if slot.is_some() { Err(Closed) } else { Ok(()) });
        }
        let cargo = Cargo { value: slot.take()?, weight, acked: false };
        let sent = match state.send(cargo, calls) {
            Ok(_) => Some(Ok(())),
            Err((cargo, _)) => {
                *slot = Some(cargo.value);
                state.is_closed().then_some(Err(Closed))
            }
        };
        self.offer(state);
        sent
    }

    pub(crate) fn line_up_sender_held(
        &self,
        guard: &mut Guard<'_>,
        slot: &mut Option<T>,
        weight: usize,
        key: &mut Option<Key>,
        seat: Seat,
    ) {
        let state = self.state.get(guard);
        if key.is_none()
            && let Some(value) = slot.take()
        {
            let cargo = Cargo { value, weight, acked: false };
            *key = Some(state.line_up_sender(cargo, None, Some(seat)));
            self.offer(state);
        }
    }

    // ---- without waiting, and waiting ----

    pub(crate) fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let cargo = Cargo { weight: self.weigh(&value), value, acked: false };
        let sent = self.locked(|state, calls| state.send(cargo, calls).map(drop));
        sent.map_err(|(cargo, why)| match why {
            NoPlace::Closed => TrySendError::Closed(cargo.value),
            _ => TrySendError::Full(cargo.value),
        })
    }

    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        self.locked(State::recv)
    }

    /// Goes on with a send; `value` is taken while it waits and when it is done.
    pub(crate) fn poll_send(
        &self,
        value: &mut Option<T>,
        acked: bool,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<Position, Closed>> {
        if spot.is_some_and(|spot| self.senders_through.has(spot)) {
            *spot = None;
            return Poll::Ready(Ok(0));
        }
        let weight = value.as_ref().map_or(1, |value| self.weigh(value));
        let mut cargo = value.take().map(|value| Cargo { value, weight, acked });
        let mut mine = None;
        if spot.is_none() && !self.looks_roomy() {
            mine = Some(waker.clone());
        }
        loop {
            let polled = self.locked(|state, calls| {
                state.poll_send(&mut cargo, spot, (waker, &mut mine), calls)
            });
            if let Some(polled) = polled {
                *value = cargo.map(|cargo| cargo.value);
                return polled;
            }
            mine = Some(waker.clone());
        }
    }

    /// Goes on with a receive.
    pub(crate) fn poll_recv(
        &self,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<T, Closed>> {
        let mut mine = None;
        if spot.is_none() && !self.looks_ready() {
            mine = Some(waker.clone());
        }
        loop {
            let polled =
                self.locked(|state, calls| state.poll_recv(spot, (waker, &mut mine), calls));
            if let Some(polled) = polled {
                return polled;
            }
            mine = Some(waker.clone());
        }
    }

    pub(crate) fn leave_senders(&self, spot: Spot) -> Option<T> {
        let left = self.locked(|state, calls| {
            let through = self.senders_through.has(spot);
            (!through).then(|| state.leave_senders(spot.key, calls))
        });
        left?.value
    }

    pub(crate) fn leave_receivers(&self, spot: Spot) {
        let entry = self.locked(|state, calls| state.leave_receivers(spot.key, calls));
        drop(entry);
    }

    /// Waits no longer to receive. A value that was given already is received.
    pub(crate) fn stop_receiving(&self, spot: Spot) -> Option<T> {
        let (served, entry) = self.locked(|state, calls| {
            let served = state.collect(spot.key, calls);
            (served, state.leave_receivers(spot.key, calls))
        });
        drop(entry);
        served
    }

    pub(crate) fn poll_ack(&self, position: Position, waker: &Waker) -> Poll<Learned> {
        let mut mine = Some(waker.clone());
        let learned = self.state.with(|state| state.acks.look(position, &mut mine));
        if learned == Learned::NotYet { Poll::Pending } else { Poll::Ready(learned) }
    }

    pub(crate) fn forget_ack(&self, position: Position) {
        let waker = self.state.with(|state| state.acks.forget(position));
        drop(waker);
    }

    pub(crate) fn try_reserve(&self, weight: usize) -> Result<(), NoPlace> {
        self.locked(|state, _| state.reserve(weight))
    }

    pub(crate) fn poll_reserve(
        &self,
        weight: usize,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        let mut mine = Some(waker.clone());
        loop {
            let polled =
                self.locked(|state, _| state.poll_reserve(weight, spot, (waker, &mut mine)));
            if let Some(polled) = polled {
                return polled;
            }
            mine = Some(waker.clone());
        }
    }

    /// Waits no longer for a permit; one that was given already is given up.
    pub(crate) fn leave_reservers(&self, spot: Spot, weight: usize) {
        let entry = self.locked(|state, calls| {
            let entry = state.leave_senders(spot.key, calls);
            if entry.is_served() {
                state.release(weight, calls);
            }
            entry
        });
        drop(entry);
    }

    pub(crate) fn send_reserved(&self, value: T, reserved: usize) -> Result<(), T> {
        let weight = self.weigh(&value);
        self.locked(|state, calls| state.send_reserved(value, weight, reserved, calls))
    }

    pub(crate) fn release(&self, weight: usize) {
        self.locked(|state, calls| state.release(weight, calls));
    }

    pub(crate) fn close(&self) -> bool {
        self.locked(State::close)
    }

    pub(crate) fn discard(&self) -> Option<T> {
        self.locked(|state, calls| {
            let (value, position) = state.take(calls)?;
            state.acks.discarded(position, calls);
            Some(value)
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.with(|state| state.is_closed())
    }

    pub(crate) fn len(&self) -> usize {
        self.state.with(|state| state.len())
    }

    pub(crate) fn capacity(&self) -> usize {
        self.state.with(|state| state.limit())
    }

    pub(crate) fn is_full(&self) -> bool {
        self.state.with(|state| state.is_full())
    }

    /// See [`Ringed::arrivals`](super::ringed::Ringed::arrivals).
    pub(crate) fn arrivals(&self) -> u64 {
        self.state.with(|state| state.arrivals())
    }

    /// See [`Ringed::departures`](super::ringed::Ringed::departures).
    pub(crate) fn departures(&self) -> u64 {
        self.state.with(|state| state.departures())
    }
}
