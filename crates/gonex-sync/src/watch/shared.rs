//! See the [module](super) for invariants.
//!
//! # Deadlock safety
//! Two locks, `value` and `state`; `state` is taken under no other, and under it wakers are moved, but
//! neither dropped, nor cloned, nor woken.

use std::fmt;
use std::ops::Deref;
use std::task::Waker;

use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::{Mutex, RwLock, RwLockReadGuard, lock, read, write};
use crate::wait::{Calls, Crowd, Key};

pub(super) struct Shared<T> {
    value: RwLock<T>,
    /// Grows with each change, under the lock for writing.
    version: AtomicU64,
    state: Mutex<State>,
}

struct State {
    senders: usize,
    receivers: usize,
    watchers: Crowd,
    /// Senders that wait until nobody watches.
    unwatched: Crowd,
}

/// Which crowd one stands in.
#[derive(Clone, Copy, Debug)]
pub(super) enum For {
    Changes,
    NoReceivers,
}

/// Which end of the channel.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Sending,
    Receiving,
}

impl<T> Shared<T> {
    /// With one sender.
    pub(super) fn new(value: T) -> Self {
        let crowds = (Crowd::new(), Crowd::new());
        let state = State { senders: 1, receivers: 0, watchers: crowds.0, unwatched: crowds.1 };
        Self { value: RwLock::new(value), version: AtomicU64::new(0), state: Mutex::new(state) }
    }

    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The value, with its version.
    pub(super) fn borrow(&self, seen: Option<u64>) -> (Latest<'_, T>, u64) {
        let guard = read(&self.value);
        let version = self.version();
        let changed = seen.is_some_and(|seen| seen != version);
        (Latest { guard, changed }, version)
    }

    /// Changes the value, and calls the watchers if the closure says so.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut T) -> (bool, R)) -> (bool, R) {
        let mut guard = write(&self.value);
        // If the closure panics, nobody is told, and the value stays as it left it.
        let (changed, result) = change(&mut guard);
        if changed {
            self.version.fetch_add(1, Ordering::Release);
        }
        drop(guard);
        if changed {
            self.locked(|state, calls| state.watchers.call_all(calls));
        }
        (changed, result)
    }

    pub(super) fn stand(&self, what: For, key: &mut Option<Key>, waker: &Waker) {
        let mut mine = Some(waker.clone());
        self.locked(|state, _| state.crowd(what).stand(key, &mut mine));
    }

    pub(super) fn leave(&self, what: For, key: &mut Option<Key>) {
        if key.is_some() {
            let left = self.locked(|state, _| state.crowd(what).leave(key));
            drop(left);
        }
    }

    pub(super) fn add(&self, end: End) {
        self.locked(|state, _| *state.count(end) += 1);
    }

    pub(super) fn remove(&self, end: End) {
        self.locked(|state, calls| {
            let count = state.count(end);
            *count -= 1;
            if *count == 0 {
                match end {
                    End::Sending => state.watchers.call_all(calls),
                    End::Receiving => state.unwatched.call_all(calls),
                }
            }
        });
    }

    pub(super) fn count(&self, end: End) -> usize {
        *lock(&self.state).count(end)
    }

    fn locked<R>(&self, body: impl FnOnce(&mut State, &mut Calls) -> R) -> R {
        let mut calls = Calls::default();
        let result = body(&mut lock(&self.state), &mut calls);
        calls.wake();
        result
    }
}

impl State {
    fn crowd(&mut self, what: For) -> &mut Crowd {
        match what {
            For::Changes => &mut self.watchers,
            For::NoReceivers => &mut self.unwatched,
        }
    }

    fn count(&mut self, end: End) -> &mut usize {
        match end {
            End::Sending => &mut self.senders,
            End::Receiving => &mut self.receivers,
        }
    }
}

/// A look at the latest value of a [`watch`](super::watch()).
///
/// Senders wait while it is there, by blocking their thread: look, and let go. It is not sendable, so
/// a task that other threads may go on with cannot hold it across an `.await`.
#[must_use = "a look is taken in vain"]
pub struct Latest<'a, T> {
    guard: RwLockReadGuard<'a, T>,
    changed: bool,
}

impl<T> Latest<'_, T> {
    /// Whether the watcher that looks had not seen this value; always `false` for a sender.
    ///
    /// ```
    /// let (tx, mut rx) = gonex_sync::watch(1);
    /// tx.send(2).unwrap();
    /// assert!(rx.borrow_and_update().has_changed());
    /// assert!(!rx.borrow().has_changed());
    /// ```
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.changed
    }
}

impl<T> Deref for Latest<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T: fmt::Debug> fmt::Debug for Latest<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
