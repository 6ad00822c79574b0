//! Those who wait for a notification.
//!
//! # Invariants
//! - Whoever has been called stands in no line, and keeps its entry until it has its lock again. So
//!   one that goes away before that is found to have been called, and passes the call on.
//!
//! # Deadlock safety
//! One lock. Under it wakers are moved, but neither dropped, nor cloned, nor woken.

use std::task::Waker;

use crate::constant::constant;
use crate::primitive::{Mutex, lock};
use crate::wait::{Calls, Entries, Key, Line, renew};

#[derive(Debug)]
pub(super) struct Waiters {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    entries: Entries<Entry>,
    line: Line,
}

#[derive(Debug)]
struct Entry {
    waker: Option<Waker>,
    called: Option<Call>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// Alone, so that the call must not be lost.
    Alone,
    /// With all who waited.
    WithAll,
}

impl Waiters {
    constant! {
        pub(super) const fn new() -> Self {
            Self { state: Mutex::new(State { entries: Entries::new(), line: Line::new() }) }
        }
    }

    pub(super) fn line_up(&self, waker: &Waker) -> Key {
        let waker = Some(waker.clone());
        let mut state = lock(&self.state);
        let State { entries, line } = &mut *state;
        let key = entries.insert(Entry { waker, called: None });
        entries.push_back(line, key);
        key
    }

    /// Whether it has been called. If not, the waker is told when it is.
    pub(super) fn called(&self, key: Key, waker: &Waker) -> bool {
        let mut mine = Some(waker.clone());
        let mut state = lock(&self.state);
        let entry = state.entries.get_mut(key);
        if entry.called.is_some() {
            return true;
        }
        renew(&mut entry.waker, &mut mine);
        false
    }

    /// Leaves with what it was called for.
    pub(super) fn answer(&self, key: Key) {
        let entry = lock(&self.state).entries.remove(key);
        drop(entry);
    }

    /// Leaves the line, unless it has been called; says which.
    pub(super) fn withdraw(&self, key: Key) -> bool {
        let mut state = lock(&self.state);
        if state.entries.get(key).called.is_some() {
            return true;
        }
        let State { entries, line } = &mut *state;
        entries.unlink(line, key);
        let entry = entries.remove(key);
        drop(state);
        drop(entry);
        false
    }

    /// Leaves without an answer: a call goes to the next.
    pub(super) fn leave(&self, key: Key) {
        let mut calls = Calls::default();
        let mut state = lock(&self.state);
        match state.entries.get(key).called {
            None => {
                let State { entries, line } = &mut *state;
                entries.unlink(line, key);
            }
            Some(Call::Alone) => {
                state.call(Call::Alone, &mut calls);
            }
            Some(Call::WithAll) => {}
        }
        let entry = state.entries.remove(key);
        drop(state);
        drop(entry);
        calls.wake();
    }

    pub(super) fn notify_one(&self) -> bool {
        let mut calls = Calls::default();
        let called = lock(&self.state).call(Call::Alone, &mut calls);
        calls.wake();
        called
    }

    pub(super) fn notify_all(&self) -> usize {
        let mut calls = Calls::default();
        let mut state = lock(&self.state);
        let all = state.line.len();
        while state.call(Call::WithAll, &mut calls) {}
        drop(state);
        calls.wake();
        all
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.state).line.len()
    }
}

impl State {
    /// Calls the first in line, if there is one.
    fn call(&mut self, call: Call, calls: &mut Calls) -> bool {
        let Some(key) = self.entries.pop_front(&mut self.line) else { return false };
        let entry = self.entries.get_mut(key);
        entry.called = Some(call);
        calls.add(entry.waker.take());
        true
    }
}
