use std::collections::{BTreeMap, HashMap};
use std::task::Waker;

use gonex_core::Instant;
use gonex_core::rt::TimerKey;

/// The timers of a run, in the order in which they fire: by time, and then in the order of setting.
#[derive(Debug, Default)]
pub(super) struct Timers {
    set: BTreeMap<(Instant, u64), Waker>,
    times: HashMap<u64, Instant>,
    made: u64,
}

impl Timers {
    pub(super) fn set(&mut self, at: Instant, waker: Waker) -> TimerKey {
        let key = self.none();
        self.set.insert((at, key.number), waker);
        self.times.insert(key.number, at);
        key
    }

    /// The key of a timer that has fired already.
    pub(super) fn none(&mut self) -> TimerKey {
        self.made += 1;
        TimerKey { number: self.made, index: 0 }
    }

    pub(super) fn call_off(&mut self, key: TimerKey) -> Option<Waker> {
        let at = self.times.remove(&key.number)?;
        self.set.remove(&(at, key.number))
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.set.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Takes out the first timer, if it is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Waker> {
        let first = self.set.first_entry().filter(|first| first.key().0 <= now)?;
        let ((_, number), waker) = first.remove_entry();
        self.times.remove(&number);
        Some(waker)
    }

    /// Takes out all, for the caller to drop outside of the lock.
    pub(super) fn clear(&mut self) -> Vec<Waker> {
        self.times.clear();
        std::mem::take(&mut self.set).into_values().collect()
    }
}
