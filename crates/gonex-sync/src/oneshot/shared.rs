//! # Deadlock safety
//! One lock. Under it values and wakers are moved, but neither dropped, nor cloned, nor woken.

use std::sync::Arc;
use std::task::{Poll, Waker};

use super::{OneshotReceiver, OneshotSender};
use crate::primitive::{Mutex, lock};
use crate::wait::{Calls, renew};

pub(super) struct Shared<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Option<T>,
    sender_gone: bool,
    /// Nothing can be sent any more: the receiver is gone or has closed.
    closed: bool,
    receiver: Option<Waker>,
    sender: Option<Waker>,
}

/// Nothing is there, and nothing will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Over;

/// Makes a channel for one value.
///
/// ```
/// use gonex_sync::{RecvError, oneshot};
///
/// let (tx, mut rx) = oneshot();
/// std::thread::spawn(move || tx.send(7));
/// assert_eq!(rx.recv().block(), Ok(7));
/// assert_eq!(rx.recv().block(), Err(RecvError::Closed));
/// ```
#[must_use]
pub fn oneshot<T>() -> (OneshotSender<T>, OneshotReceiver<T>) {
    let state =
        State { value: None, sender_gone: false, closed: false, receiver: None, sender: None };
    let shared = Arc::new(Shared { state: Mutex::new(state) });
    (OneshotSender::new(shared.clone()), OneshotReceiver::new(shared))
}

impl<T> Shared<T> {
    fn locked<R>(&self, body: impl FnOnce(&mut State<T>, &mut Calls) -> R) -> R {
        let mut calls = Calls::default();
        let result = body(&mut lock(&self.state), &mut calls);
        calls.wake();
        result
    }

    pub(super) fn send(&self, value: T) -> Result<(), T> {
        self.locked(|state, calls| {
            if state.closed {
                return Err(value);
            }
            state.value = Some(value);
            calls.add(state.receiver.take());
            Ok(())
        })
    }

    pub(super) fn drop_sender(&self) {
        let left = self.locked(|state, calls| {
            state.sender_gone = true;
            calls.add(state.receiver.take());
            state.sender.take()
        });
        drop(left);
    }

    pub(super) fn close(&self) -> bool {
        self.locked(|state, calls| {
            calls.add(state.sender.take());
            !std::mem::replace(&mut state.closed, true)
        })
    }

    pub(super) fn drop_receiver(&self) {
        let left = self.locked(|state, calls| {
            state.closed = true;
            calls.add(state.sender.take());
            (state.value.take(), state.receiver.take())
        });
        drop(left);
    }

    pub(super) fn try_recv(&self) -> Result<Option<T>, Over> {
        self.locked(|state, _| state.take())
    }

    pub(super) fn poll_recv(&self, waker: &Waker) -> Poll<Result<T, Over>> {
        let mut mine = Some(waker.clone());
        self.locked(|state, _| match state.take() {
            Ok(Some(value)) => Poll::Ready(Ok(value)),
            Err(over) => Poll::Ready(Err(over)),
            Ok(None) => {
                renew(&mut state.receiver, &mut mine);
                Poll::Pending
            }
        })
    }

    pub(super) fn poll_closed(&self, waker: &Waker) -> Poll<()> {
        let mut mine = Some(waker.clone());
        self.locked(|state, _| {
            if state.closed {
                return Poll::Ready(());
            }
            renew(&mut state.sender, &mut mine);
            Poll::Pending
        })
    }

    /// Takes the waker of one that waits no longer out.
    pub(super) fn receiver_leaves(&self) {
        let left = self.locked(|state, _| state.receiver.take());
        drop(left);
    }

    pub(super) fn sender_leaves(&self) {
        let left = self.locked(|state, _| state.sender.take());
        drop(left);
    }

    pub(super) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }
}

impl<T> State<T> {
    fn take(&mut self) -> Result<Option<T>, Over> {
        match self.value.take() {
            None if self.sender_gone || self.closed => Err(Over),
            value => Ok(value),
        }
    }
}
