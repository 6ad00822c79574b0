use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

/// A timer's time, and a number that tells timers of one instant apart, in the order they were
/// made.
pub(super) type Key = (Instant, u64);

/// Wakers in the order of their time: what a timer driver keeps.
#[derive(Debug, Default)]
pub(super) struct TimerQueue {
    wakers: BTreeMap<Key, Waker>,
    made: u64,
}

impl TimerQueue {
    /// Adds a waker; the key removes it.
    pub(super) fn insert(&mut self, at: Instant, waker: Waker) -> Key {
        let key = (at, self.made);
        self.made += 1;
        self.wakers.insert(key, waker);
        key
    }

    /// Removes a waker, if it has not fired.
    pub(super) fn remove(&mut self, key: Key) -> Option<Waker> {
        self.wakers.remove(&key)
    }

    /// The earliest time at which a waker is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.wakers.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Takes out the wakers due at `now`, in order.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Waker> {
        // `u64::MAX` is no timer's number, so everything up to and with `now` is below it.
        let later = self.wakers.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.wakers, later).into_values().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.wakers.len()
    }
}

/// Who keeps a timer.
pub(super) trait Keeper: Send + Sync {
    /// Takes the waker out, if it has not fired.
    fn call_off(&self, key: Key) -> Option<Waker>;
}

/// A timer that is set; dropping it calls it off. Its driver lives as long as it.
#[must_use = "dropping a timer calls it off"]
pub struct Timer {
    keeper: Arc<dyn Keeper>,
    key: Key,
}

impl Timer {
    pub(super) fn new(keeper: Arc<dyn Keeper>, key: Key) -> Self {
        Self { keeper, key }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("at", &self.key.0).finish_non_exhaustive()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let waker = self.keeper.call_off(self.key);
        drop(waker);
    }
}
