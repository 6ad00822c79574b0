//! A share of the keys, under one lock. What belongs to the program (keys, settings, meters) is made and
//! dropped outside of it, so between two looks something may have changed: a version says so.

use std::borrow::Borrow;
use std::collections::hash_map::RandomState;
use std::hash::Hash;
use std::sync::Arc;

use super::AtBound;
use crate::keys::Keys;
use crate::limit::Meter;
use crate::limit::limiter::Shared;

pub(super) struct Shard<K, M: Meter> {
    limiters: Keys<K, Arc<Shared<M>>>,
    most: usize,
    at_bound: AtBound,
    /// Before this moment a look finds none at rest; 0 where that is not known.
    next_rest: u64,
    settings: Settings<M>,
}

/// What new limiters are set up as.
pub(super) struct Settings<M: Meter> {
    pub(super) config: Arc<M::Config>,
    /// Grows with each change.
    pub(super) version: u64,
}

// Not derived: that would ask the same of the meter.
impl<M: Meter> Clone for Settings<M> {
    fn clone(&self) -> Self {
        Self { config: self.config.clone(), version: self.version }
    }
}

/// A limiter that was made for a new key.
pub(super) struct Made<K, M: Meter> {
    pub(super) key: K,
    pub(super) shared: Arc<Shared<M>>,
    /// The version of the settings it was made by.
    pub(super) version: u64,
}

/// What became of a limiter that was made for a new key.
pub(super) enum Inserted<M: Meter> {
    /// This is the one of the key: the new one, or that of somebody who was faster.
    Is(Arc<Shared<M>>),
    /// There are others now, by which it has to be made again.
    OtherSettings(Settings<M>),
    /// There is no room.
    NoRoom,
}

/// What is to be dropped when the lock is free.
pub(super) type Gone<K, M> = Vec<(K, Arc<Shared<M>>)>;

/// Whether nobody would notice if a new one took its place.
fn is_at_rest<M: Meter>(shared: &Arc<Shared<M>>, now: u64) -> bool {
    Arc::strong_count(shared) == 1 && shared.meter.is_at_rest(now)
}

impl<K, M: Meter> Shard<K, M> {
    pub(super) fn new(
        hasher: RandomState,
        config: Arc<M::Config>,
        most: usize,
        at_bound: AtBound,
    ) -> Self {
        let settings = Settings { config, version: 0 };
        Self { limiters: Keys::new(hasher), most, at_bound, next_rest: 0, settings }
    }

    pub(super) fn len(&self) -> usize {
        self.limiters.len()
    }

    pub(super) fn all(&self) -> Vec<Arc<Shared<M>>> {
        self.limiters.values().cloned().collect()
    }

    pub(super) fn version(&self) -> u64 {
        self.settings.version
    }

    /// Has new limiters set up in another way from now on; hands back the old settings, to be dropped.
    pub(super) fn set(&mut self, config: Arc<M::Config>) -> Settings<M> {
        self.look_again();
        let version = self.settings.version + 1;
        std::mem::replace(&mut self.settings, Settings { config, version })
    }

    pub(super) fn settings(&self) -> Settings<M> {
        self.settings.clone()
    }

    /// Has the next one that wants room look again: some may have come to rest earlier than was known.
    pub(super) fn look_again(&mut self) {
        self.next_rest = 0;
    }
}

impl<K: Hash + Eq, M: Meter> Shard<K, M> {
    /// The limiter of a key, or else how to make it. One that is handed out may be brought to rest by
    /// whoever has it, at any time.
    pub(super) fn get<Q>(
        &mut self,
        key: &Q,
        handed_out: bool,
    ) -> Result<Arc<Shared<M>>, Settings<M>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let known = self.limiters.get(key).cloned();
        if handed_out && known.is_some() {
            self.look_again();
        }
        known.ok_or_else(|| self.settings.clone())
    }

    /// Puts one in, unless somebody was faster or the settings have changed.
    pub(super) fn insert(
        &mut self,
        made: Made<K, M>,
        now: u64,
        gone: &mut Gone<K, M>,
    ) -> Inserted<M> {
        let Made { key, shared, version } = made;
        if let Some(known) = self.limiters.get(&key) {
            let known = known.clone();
            gone.push((key, shared));
            return Inserted::Is(known);
        }
        if version != self.settings.version {
            gone.push((key, shared));
            return Inserted::OtherSettings(self.settings.clone());
        }
        if self.limiters.len() >= self.most && self.next_rest <= now {
            gone.extend(self.sweep(now));
        }
        if self.limiters.len() >= self.most {
            if self.at_bound == AtBound::Refuse {
                gone.push((key, shared));
                return Inserted::NoRoom;
            }
            // Those that nobody holds go first.
            gone.extend(self.limiters.take_least(|shared| Arc::strong_count(shared) > 1));
        }
        self.limiters.insert(key, shared.clone());
        // A new one is at rest until something is taken, and may be handed out.
        self.look_again();
        Inserted::Is(shared)
    }

    /// Takes out those at rest.
    pub(super) fn sweep(&mut self, now: u64) -> Gone<K, M> {
        let gone = self.limiters.take_all(|shared| is_at_rest(shared, now));
        let rest = |shared: &Arc<Shared<M>>| {
            let meter = &shared.meter;
            // One that somebody holds may be brought to rest, and let go of, at any time.
            let any_time = Arc::strong_count(shared) > 1 || meter.is_at_rest(now);
            if any_time { now } else { meter.ready_at(meter.most().into(), now) }
        };
        self.next_rest = self.limiters.values().map(rest).min().unwrap_or(now);
        gone
    }
}
