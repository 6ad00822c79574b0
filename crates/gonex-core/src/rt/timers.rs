use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Instant;

use crate::primitive;

/// Wakers in the order of their time: what a timer driver keeps.
#[derive(Debug, Default)]
pub struct TimerQueue {
    /// The number tells timers of one instant apart, in the order they were made.
    wakers: BTreeMap<(Instant, u64), Waker>,
    made: u64,
}

impl TimerQueue {
    /// Adds a waker; the key removes it.
    pub fn insert(&mut self, at: Instant, waker: Waker) -> (Instant, u64) {
        let key = (at, self.made);
        self.made += 1;
        self.wakers.insert(key, waker);
        key
    }

    /// Removes a waker, if it has not fired.
    pub fn remove(&mut self, key: (Instant, u64)) -> Option<Waker> {
        self.wakers.remove(&key)
    }

    /// The earliest time at which a waker is due.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.wakers.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Takes out the wakers due at `now`, in order.
    #[must_use]
    pub fn take_due(&mut self, now: Instant) -> Vec<Waker> {
        // `u64::MAX` is no timer's number, so everything up to and with `now` is below it.
        let later = self.wakers.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.wakers, later).into_values().collect()
    }

    /// The number of timers that are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.wakers.len()
    }

    /// Whether no timer is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wakers.is_empty()
    }
}

/// A timer that is set; dropping it calls it off.
#[must_use = "dropping a timer calls it off"]
pub struct Timer {
    queue: Arc<Mutex<TimerQueue>>,
    key: (Instant, u64),
}

impl Timer {
    /// Makes the guard of a timer in `queue`.
    pub fn new(queue: Arc<Mutex<TimerQueue>>, key: (Instant, u64)) -> Self {
        Self { queue, key }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("at", &self.key.0).finish_non_exhaustive()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let waker = primitive::lock_std(&self.queue).remove(self.key);
        drop(waker);
    }
}
