//! # How it works
//! Senders that find no room stand in line, and stay there until they have sent; the first is called
//! when there may be room. Each subscriber has at most one waker.
//!
//! # Deadlock safety
//! One lock. Under it values and wakers are moved, but neither dropped, nor cloned, nor woken. Values
//! are cloned by their readers, outside.

use std::task::{Poll, Waker};

use super::error::TryBroadcastRecvError;
use super::slots::{Next, OnLag, Slots};
use crate::channel::TrySendError;
use crate::primitive::{Mutex, lock};
use crate::wait::{Calls, Crowd, Key, renew};

pub(super) struct Shared<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    slots: Slots<T>,
    line: Crowd,
    senders: usize,
    closed: bool,
}

/// The channel takes nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed;

impl<T> Shared<T> {
    /// With one sender.
    pub(super) fn new(capacity: usize) -> Self {
        let slots = Slots::new(capacity);
        let state = State { slots, line: Crowd::new(), senders: 1, closed: false };
        Self { state: Mutex::new(state) }
    }

    fn locked<R>(&self, body: impl FnOnce(&mut State<T>, &mut Calls) -> R) -> R {
        let mut calls = Calls::default();
        let result = body(&mut lock(&self.state), &mut calls);
        calls.wake();
        result
    }

    pub(super) fn try_send(&self, value: T) -> Result<usize, TrySendError<T>> {
        let (sent, left) = self.locked(|state, calls| {
            if state.closed {
                return (Err(TrySendError::Closed(value)), None);
            }
            if !state.line.is_empty() || !state.slots.has_room() {
                return (Err(TrySendError::Full(value)), None);
            }
            let (reached, left) = state.push(value, calls);
            (Ok(reached), Some(left))
        });
        drop(left);
        sent
    }

    /// Goes on with a send; the value is taken when it is done.
    pub(super) fn poll_send(
        &self,
        value: &mut Option<T>,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<usize, Closed>> {
        let mut mine = Some(waker.clone());
        let (poll, left) = self.locked(|state, calls| {
            let ready = state.line.is_first(*key) && state.slots.has_room();
            if !state.closed && !ready {
                state.line.stand(key, &mut mine);
                return (Poll::Pending, None);
            }
            let old = state.line.leave(key);
            if state.closed {
                return (Poll::Ready(Err(Closed)), Some((old, None)));
            }
            let value = value.take().expect("a send is not polled again after it was done");
            let (reached, left) = state.push(value, calls);
            if state.slots.has_room() {
                state.line.call_first(calls);
            }
            (Poll::Ready(Ok(reached)), Some((old, Some(left))))
        });
        drop(left);
        poll
    }

    /// Goes on with a wait for room alone.
    pub(super) fn poll_room(&self, key: &mut Option<Key>, waker: &Waker) -> Poll<()> {
        let mut mine = Some(waker.clone());
        let (poll, left) = self.locked(|state, _| {
            if state.line.is_first(*key) && state.slots.has_room() {
                return (Poll::Ready(()), state.line.leave(key));
            }
            state.line.stand(key, &mut mine);
            (Poll::Pending, None)
        });
        drop(left);
        poll
    }

    pub(super) fn has_room(&self) -> bool {
        lock(&self.state).slots.has_room()
    }

    /// Leaves the senders' line.
    pub(super) fn leave(&self, key: &mut Option<Key>) {
        if key.is_none() {
            return;
        }
        let left = self.locked(|state, calls| {
            let left = state.line.leave(key);
            if state.slots.has_room() {
                state.line.call_first(calls);
            }
            left
        });
        drop(left);
    }

    pub(super) fn subscribe(&self, on_lag: OnLag) -> usize {
        lock(&self.state).slots.subscribe(on_lag)
    }

    pub(super) fn unsubscribe(&self, key: usize) {
        let left = self.locked(|state, calls| {
            let left = state.slots.unsubscribe(key);
            state.made_room(calls);
            left
        });
        drop(left);
    }

    pub(super) fn missed(&self, key: usize) -> u64 {
        lock(&self.state).slots.missed(key)
    }

    pub(super) fn unread(&self, key: usize) -> usize {
        lock(&self.state).slots.unread(key)
    }

    /// Takes the subscriber's waker out, of one that waits no longer.
    pub(super) fn forget_waker(&self, key: usize) {
        let left = lock(&self.state).slots.subscriber(key).waker.take();
        drop(left);
    }

    pub(super) fn close(&self) -> bool {
        self.locked(State::close)
    }

    pub(super) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    pub(super) fn add_sender(&self) {
        lock(&self.state).senders += 1;
    }

    pub(super) fn remove_sender(&self) {
        self.locked(|state, calls| {
            state.senders -= 1;
            if state.senders == 0 {
                state.close(calls);
            }
        });
    }

    pub(super) fn subscribers(&self) -> usize {
        lock(&self.state).slots.subscribers()
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.state).slots.len()
    }

    pub(super) fn capacity(&self) -> usize {
        lock(&self.state).slots.capacity()
    }
}

impl<T: Clone> Shared<T> {
    pub(super) fn try_recv(&self, key: usize) -> Result<T, TryBroadcastRecvError> {
        self.recv(key, None)
    }

    /// Receives; where there is nothing, the waker is told when there is.
    pub(super) fn recv(
        &self,
        key: usize,
        waker: Option<&Waker>,
    ) -> Result<T, TryBroadcastRecvError> {
        let mut mine = waker.cloned();
        let (next, closed) = self.locked(|state, calls| {
            let (next, made_room) = state.slots.take(key);
            if made_room {
                state.made_room(calls);
            }
            if matches!(next, Next::Nothing) && mine.is_some() {
                renew(&mut state.slots.subscriber(key).waker, &mut mine);
            }
            (next, state.closed)
        });
        match next {
            Next::Owned(value) => Ok(value),
            Next::Shared(shelf) => match &*shelf {
                Some(value) => Ok(value.clone()),
                None => unreachable!("a shelf that is read keeps its value"),
            },
            Next::Lagged(missed) => Err(TryBroadcastRecvError::Lagged(missed)),
            Next::Nothing if closed => Err(TryBroadcastRecvError::Closed),
            Next::Nothing => Err(TryBroadcastRecvError::Empty),
        }
    }
}

impl<T> State<T> {
    /// Puts a value in, for which there is room. How many will get it, and what is to be dropped
    /// outside the lock.
    fn push(&mut self, value: T, calls: &mut Calls) -> (usize, Left<T>) {
        let left = match self.slots.push(value) {
            Ok(oldest) => Left { _oldest: oldest, _unwanted: None },
            Err(value) => Left { _oldest: None, _unwanted: Some(value) },
        };
        self.slots.wakers().for_each(|waker| calls.add(Some(waker)));
        (self.slots.subscribers(), left)
    }

    fn made_room(&mut self, calls: &mut Calls) {
        if self.slots.has_room() {
            self.line.call_first(calls);
        }
    }

    fn close(&mut self, calls: &mut Calls) -> bool {
        if std::mem::replace(&mut self.closed, true) {
            return false;
        }
        self.line.call_all(calls);
        self.slots.wakers().for_each(|waker| calls.add(Some(waker)));
        true
    }
}

/// What is to be dropped outside the lock.
struct Left<T> {
    _oldest: Option<super::slots::Popped<T>>,
    _unwanted: Option<T>,
}
