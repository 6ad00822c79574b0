//! A map of keys of which the least wanted makes room: limiters, breakers and latest results by key stand
//! on it. It stands under a lock, so it drops nothing: what has to go is handed back.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::Hash;

/// Values by key, each with the turn at which it was last asked for. Keys are compared in it, and neither
/// cloned nor dropped.
#[derive(Debug)]
pub(crate) struct Keys<K, V> {
    entries: HashMap<K, Entry<V>, RandomState>,
    /// Counts the askings, so no two entries have the same.
    turn: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    turn: u64,
}

impl<K, V> Keys<K, V> {
    pub(crate) fn new(hasher: RandomState) -> Self {
        Self { entries: HashMap::with_hasher(hasher), turn: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values().map(|entry| &entry.value)
    }
}

impl<K: Hash + Eq, V> Keys<K, V> {
    /// The value of a key, which has been asked for now.
    pub(crate) fn get<Q>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.turn += 1;
        let turn = self.turn;
        let entry = self.entries.get_mut(key)?;
        entry.turn = turn;
        Some(&entry.value)
    }

    /// Puts in a key that is not there, as the one asked for last.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.turn += 1;
        let replaced = self.entries.insert(key, Entry { value, turn: self.turn });
        debug_assert!(replaced.is_none(), "it was looked for under the same lock");
    }

    /// Takes out all of which this is true.
    pub(crate) fn take_all(&mut self, mut goes: impl FnMut(&V) -> bool) -> Vec<(K, V)> {
        let gone = self.entries.extract_if(|_, entry| goes(&entry.value));
        gone.map(|(key, entry)| (key, entry.value)).collect()
    }

    /// Takes out the one of the least worth; of those that are worth the same, the one asked for least
    /// lately. The worth is looked at once: it may change at any time.
    pub(crate) fn take_least<W: Ord>(&mut self, worth: impl Fn(&V) -> W) -> Option<(K, V)> {
        let least = self.entries.values().min_by_key(|entry| (worth(&entry.value), entry.turn));
        let turn = least?.turn;
        let mut found = self.entries.extract_if(|_, entry| entry.turn == turn);
        found.next().map(|(key, entry)| (key, entry.value))
    }
}
