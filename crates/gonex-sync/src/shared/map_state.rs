//! The entries of a shared map, and who wants to know of them.
//!
//! # Invariants
//! - Only who is at the head of the line changes entries and sends changes, so changes are sent in the
//!   order in which they are made, and room that was found for one stays until it is sent: readers and
//!   subscribers that come or go only make more.
//! - A subscriber to one key has a channel of its own key, which others share. One that nobody reads
//!   any more goes when the next ones come.
//!
//! # Deadlock safety
//! One lock, a leaf but for those of the channels, under which nothing of others runs. Under it keys
//! are hashed and compared, as any map does; keys, values and channels are neither cloned nor dropped.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::broadcast::Room;
use crate::primitive::{Mutex as Leaf, lock};
use crate::{BroadcastReceiver, BroadcastSender, Mutex, OnLag};

/// What has become of one key of a [`SharedMap`](super::SharedMap).
///
/// ```
/// let map = gonex_sync::SharedMap::new();
/// let mut changes = map.subscribe();
/// map.write("answer", 42).block();
/// map.remove("answer").block();
/// let written = changes.try_recv().unwrap();
/// assert_eq!((*written.key, written.value.as_deref()), ("answer", Some(&42)));
/// assert!(changes.try_recv().unwrap().value.is_none(), "it is removed");
/// ```
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change<K, V> {
    /// The key.
    pub key: Arc<K>,
    /// Its value from this change on; `None` if it has none any more.
    pub value: Option<Arc<V>>,
}

impl<K, V> Clone for Change<K, V> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), value: self.value.clone() }
    }
}

/// The way to those who want to know.
type News<K, V> = BroadcastSender<Change<K, V>>;

/// The waits for room with those who want to know of all keys, and of one. A wait that is over is out.
pub(super) type Rooms<K, V> = [Option<Room<Change<K, V>>>; 2];

/// What the handles of a map share.
pub(super) struct Inner<K, V> {
    /// The line of those who change the map.
    pub(super) line: Mutex<()>,
    /// Changes of all keys.
    news: News<K, V>,
    state: Leaf<State<K, V>>,
}

struct State<K, V> {
    entries: HashMap<Arc<K>, Arc<V>>,
    /// Channels of single keys.
    channels: HashMap<Arc<K>, News<K, V>>,
    /// With so many channels, those that nobody reads are looked for.
    sweep_at: usize,
}

const SWEEP_AT_LEAST: usize = 16;

impl<K, V> Inner<K, V> {
    #[track_caller]
    pub(super) fn new(capacity: usize) -> Self {
        let (entries, channels) = (HashMap::new(), HashMap::new());
        let state = Leaf::new(State { entries, channels, sweep_at: SWEEP_AT_LEAST });
        Self { line: Mutex::new(()), news: BroadcastSender::new(capacity), state }
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.state).entries.len()
    }

    pub(super) fn capacity(&self) -> usize {
        self.news.capacity()
    }

    pub(super) fn entries(&self) -> Vec<(Arc<K>, Arc<V>)> {
        let state = lock(&self.state);
        state.entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    pub(super) fn subscribe(&self, on_lag: OnLag) -> BroadcastReceiver<Change<K, V>> {
        self.news.subscribe_with(on_lag)
    }
}

impl<K: Hash + Eq, V> Inner<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<Arc<V>> {
        lock(&self.state).entries.get(key).cloned()
    }

    pub(super) fn subscribe_key(&self, key: K, on_lag: OnLag) -> BroadcastReceiver<Change<K, V>> {
        let key = Arc::new(key);
        let fresh = BroadcastSender::new(self.capacity());
        let mut state = lock(&self.state);
        let swept = state.sweep();
        let channel = match state.channels.get(&key) {
            Some(channel) => channel.clone(),
            None => {
                state.channels.insert(key.clone(), fresh.clone());
                fresh.clone()
            }
        };
        // Before a sweep can find the channel without subscribers.
        let subscriber = channel.subscribe_with(on_lag);
        drop(state);
        drop((swept, channel, fresh));
        subscriber
    }

    /// What to wait for before a change of this key can be sent; only for who is at the head of the
    /// line.
    pub(super) fn rooms(&self, key: &K) -> Rooms<K, V> {
        let channel = lock(&self.state).channels.get(key).cloned();
        [Some(self.news.room()), channel.map(|channel| channel.room())]
    }

    /// Changes an entry, and tells who wants to know; only for who is at the head of the line and has
    /// found room. Yields the value before.
    pub(super) fn commit(&self, key: &Arc<K>, value: Option<Arc<V>>) -> Option<Arc<V>> {
        let (before, channel) = {
            let mut state = lock(&self.state);
            let before = state.set(key, value.clone());
            (before, state.channels.get(key).cloned())
        };
        let (before, _former_key) = before;
        if before.is_some() || value.is_some() {
            let change = Change { key: key.clone(), value };
            if let Some(channel) = channel {
                tell(&channel, change.clone());
            }
            tell(&self.news, change);
        }
        before
    }
}

/// Sends a change for which there is room.
fn tell<K, V>(channel: &News<K, V>, change: Change<K, V>) {
    let told = channel.try_send(change);
    debug_assert!(told.is_ok(), "room that was found for a change stays");
}

impl<K: Hash + Eq, V> State<K, V> {
    /// Sets or removes an entry. What was there is for the caller to drop, outside the lock.
    fn set(&mut self, key: &Arc<K>, value: Option<Arc<V>>) -> (Option<Arc<V>>, Option<Arc<K>>) {
        let Some(value) = value else {
            return self.entries.remove_entry(key).map(|(key, value)| (value, key)).unzip();
        };
        if let Some(place) = self.entries.get_mut(key) {
            return (Some(std::mem::replace(place, value)), None);
        }
        self.entries.insert(key.clone(), value);
        (None, None)
    }

    /// Takes out the channels that nobody reads, now and then.
    fn sweep(&mut self) -> Vec<(Arc<K>, News<K, V>)> {
        if self.channels.len() < self.sweep_at {
            return Vec::new();
        }
        let dead = self.channels.extract_if(|_, channel| channel.subscriber_count() == 0).collect();
        self.sweep_at = (self.channels.len() * 2).max(SWEEP_AT_LEAST);
        dead
    }
}

#[cfg(all(test, not(any(gonex_loom, gonex_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn channels_of_keys_that_nobody_reads_are_not_kept() {
        let inner = Inner::<u32, u32>::new(1);
        let kept = inner.subscribe_key(0, OnLag::Wait);
        for key in 0..10_000 {
            drop(inner.subscribe_key(key, OnLag::Wait));
        }
        assert!(lock(&inner.state).channels.len() <= SWEEP_AT_LEAST);
        inner.commit(&Arc::new(0), Some(Arc::new(7)));
        assert_eq!(kept.len(), 1, "its own is still there");
    }
}
