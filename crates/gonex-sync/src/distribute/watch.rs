//! Who is to be woken when a set changes.

use std::task::Waker;

use slab::Slab;

use crate::primitive::{Mutex, lock};
use crate::wait::{Calls, Key, renew};

/// Those who watch for a change. Each looks at the set after it has said that it watches; so no
/// change is missed.
pub(super) struct Watch {
    /// `None` for one who has been woken and has not come back yet.
    watching: Mutex<Slab<Option<Waker>>>,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self { watching: Mutex::new(Slab::new()) }
    }

    /// Has a waker called at the next change.
    pub(super) fn tell(&self, key: &mut Option<Key>, waker: &Waker) {
        let mut mine = Some(waker.clone());
        let mut watching = lock(&self.watching);
        match *key {
            Some(key) => renew(&mut watching[key], &mut mine),
            None => *key = Some(watching.insert(mine.take())),
        }
        // What is left over is dropped outside the lock.
        drop(watching);
        drop(mine);
    }

    pub(super) fn forget(&self, key: &mut Option<Key>) {
        if let Some(key) = key.take() {
            let waker = lock(&self.watching).remove(key);
            drop(waker);
        }
    }

    /// Wakes all who watch.
    pub(super) fn changed(&self) {
        let mut calls = Calls::default();
        for (_, waker) in &mut *lock(&self.watching) {
            calls.add(waker.take());
        }
        calls.wake();
    }
}
