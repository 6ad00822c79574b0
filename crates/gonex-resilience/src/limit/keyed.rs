use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use gonex_core::Clock;
use gonex_core::primitive::{Mutex, lock};

use super::counters::Counters;
use super::limiter::Shared;
use super::{Denied, Limiter, LimiterMetrics, Meter};
use crate::moment::Time;
use crate::{InvalidConfig, Problems};

/// What becomes of a new key where there are as many as there may be and none is at rest.
///
/// ```
/// use gonex_resilience::limit::AtBound;
///
/// assert_eq!(AtBound::default(), AtBound::Refuse);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AtBound {
    /// It is refused: nobody gets more than the limit, whoever floods with keys.
    #[default]
    Refuse,
    /// It takes the place of the one that was asked for least lately, which begins anew should it come
    /// back, and so may get more than its limit.
    EvictOldest,
}

/// A limiter for each key, all with the same settings: clients, users, hosts. Clones share them.
///
/// A limiter is made when its key is first asked for. One at rest says the same as a new one, so it is
/// dropped when room is wanted. Counts are of all keys together.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
///
/// let config = TokenBucketConfig::per(1, Duration::from_secs(60));
/// let clients: KeyedLimiter<String, Gcra> = KeyedLimiter::new(config, 1000)?;
/// assert!(clients.try_acquire("ann", 1).is_ok() && clients.try_acquire("bob", 1).is_ok());
/// assert!(clients.try_acquire("ann", 1).is_err());
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub struct KeyedLimiter<K, M: Meter> {
    keyed: Arc<Keyed<K, M>>,
}

struct Keyed<K, M: Meter> {
    hasher: RandomState,
    /// Each with its share of the keys. Keys are compared under the locks, and neither cloned nor
    /// dropped there.
    shards: Vec<Mutex<Shard<K, M>>>,
    most_of_shard: usize,
    at_bound: AtBound,
    time: Arc<Time>,
    counters: Arc<Counters>,
}

struct Shard<K, M: Meter> {
    limiters: HashMap<K, Entry<M>, RandomState>,
    /// Counts the askings, to know who was asked for lately.
    turn: u64,
    /// Before this moment none is at rest that was not at the last look.
    next_rest: u64,
    /// What new ones are set up as.
    config: M::Config,
}

struct Entry<M: Meter> {
    shared: Arc<Shared<M>>,
    turn: u64,
}

impl<M: Meter> Entry<M> {
    /// Whether nobody would notice if a new one took its place.
    fn is_at_rest(&self, now: u64) -> bool {
        Arc::strong_count(&self.shared) == 1 && self.shared.meter.is_at_rest(now)
    }
}

/// So many locks share the keys, unless there may be few.
const SHARDS: usize = 16;

impl<K, M: Meter> Clone for KeyedLimiter<K, M> {
    fn clone(&self) -> Self {
        Self { keyed: self.keyed.clone() }
    }
}

impl<K, M: Meter> fmt::Debug for KeyedLimiter<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at_bound = &self.keyed.at_bound;
        f.debug_struct("KeyedLimiter").field("at_bound", at_bound).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone, M: Meter> KeyedLimiter<K, M> {
    /// Makes one for so many keys at most, which refuses those beyond. Its time is that of the seam.
    ///
    /// The bound is kept by each of up to 16 parts for itself, among which the keys are spread by their
    /// hash: a part can be full before the others are.
    ///
    /// # Errors
    /// Every field that is wrong, and `max_keys` where it is 0.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let none = KeyedLimiter::<u32, Gcra>::new(TokenBucketConfig::per_second(1), 0);
    /// assert!(none.unwrap_err().names("max_keys"));
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "as those of the other policies take it")]
    pub fn new(config: M::Config, max_keys: usize) -> Result<Self, InvalidConfig> {
        Self::timed(&config, max_keys, AtBound::Refuse, Time::seam())
    }

    /// Makes one as [`new`](Self::new) does, and says what becomes of keys beyond the bound and by which
    /// clock it goes.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::ManualClock;
    /// use gonex_resilience::limit::{AtBound, Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let (config, clock) = (TokenBucketConfig::per_second(1), Arc::new(ManualClock::new()));
    /// let keyed = KeyedLimiter::<u8, Gcra>::with(config, 1, AtBound::EvictOldest, clock)?;
    /// assert!(keyed.try_acquire(&1, 1).is_ok() && keyed.try_acquire(&2, 1).is_ok());
    /// assert_eq!(keyed.len(), 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "as those of the other policies take it")]
    pub fn with(
        config: M::Config,
        max_keys: usize,
        at_bound: AtBound,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidConfig> {
        Self::timed(&config, max_keys, at_bound, Time::of(clock))
    }

    fn timed(
        config: &M::Config,
        max_keys: usize,
        at_bound: AtBound,
        time: Time,
    ) -> Result<Self, InvalidConfig> {
        let mut problems = Problems::default();
        if max_keys == 0 {
            problems.add("max_keys", 0, "every key would be refused", "at least 1");
        }
        problems.add_all(M::new(config.clone(), time.now()).map(drop));
        problems.finish()?;
        // A part with few keys would often be full while others are empty.
        let shards = if max_keys < SHARDS * SHARDS { 1 } else { SHARDS };
        let hasher = RandomState::new();
        let shard = || {
            let limiters = HashMap::with_hasher(hasher.clone());
            Mutex::new(Shard { limiters, turn: 0, next_rest: 0, config: config.clone() })
        };
        let keyed = Keyed {
            shards: (0..shards).map(|_| shard()).collect(),
            hasher,
            most_of_shard: max_keys.div_ceil(shards),
            at_bound,
            time: Arc::new(time),
            counters: Arc::new(Counters::new()),
        };
        Ok(Self { keyed: Arc::new(keyed) })
    }

    /// The limiter of a key, with all it can do. As long as somebody holds it, it is not dropped for
    /// want of room.
    ///
    /// # Errors
    /// [`Denied::TooManyKeys`] for a new key at the bound, where such are refused.
    ///
    /// ```
    /// use gonex_resilience::limit::{Denied, Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 1)?;
    /// let limiter = keyed.of(&1).unwrap();
    /// limiter.acquire(2).block().unwrap();
    /// assert_eq!(keyed.of(&2).unwrap_err(), Denied::TooManyKeys { keys: 1 });
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn of<Q>(&self, key: &Q) -> Result<Limiter<M>, Denied>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        Ok(Limiter { shared: self.shared(key)?, name: "keyed limiter".into() })
    }

    /// Takes so many tokens of a key now, all or none.
    ///
    /// # Errors
    /// As [`Limiter::try_acquire`], and [`Denied::TooManyKeys`].
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// assert!(keyed.try_acquire(&1, 2).is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_acquire<Q>(&self, key: &Q, tokens: u32) -> Result<(), Denied>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        self.shared(key)?.try_acquire(tokens)
    }

    fn shared<Q>(&self, key: &Q) -> Result<Arc<Shared<M>>, Denied>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let keyed = &*self.keyed;
        // Any of the upper bits: the lower ones choose the place in the map.
        let hash = (keyed.hasher.hash_one(key) >> 32) as usize;
        let shard = &keyed.shards[hash % keyed.shards.len()];
        let config = {
            let mut shard = lock(shard);
            if let Some(known) = shard.known(key) {
                return Ok(known);
            }
            shard.config.clone()
        };
        // What belongs to the program is cloned here, and dropped below, with the lock free.
        let owned = key.to_owned();
        let made = Shared::new(config, keyed.time.clone(), keyed.counters.clone());
        let Ok(made) = made else { unreachable!("the settings have been looked at") };
        let mut gone = Vec::new();
        let got = {
            let mut shard = lock(shard);
            shard.insert(keyed, key, owned, Arc::new(made), &mut gone)
        };
        drop(gone);
        got.map_err(|keys| {
            super::counters::count(&keyed.counters.denied, 1);
            Denied::TooManyKeys { keys }
        })
    }

    /// Changes the settings of all keys, those to come included: see
    /// [`Limiter::reconfigure`].
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// keyed.reconfigure(TokenBucketConfig::per_second(5))?;
    /// assert!(keyed.try_acquire(&1, 5).is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "as that of one limiter takes it")]
    pub fn reconfigure(&self, config: M::Config) -> Result<(), InvalidConfig> {
        let now = self.keyed.time.now();
        M::new(config.clone(), now)?;
        for shard in &self.keyed.shards {
            let changed: Vec<_> = {
                let mut shard = lock(shard);
                shard.config = config.clone();
                shard.next_rest = 0;
                shard.limiters.values().map(|entry| entry.shared.clone()).collect()
            };
            for shared in changed {
                shared.meter.reconfigure(config.clone(), now)?;
                shared.nudge();
            }
        }
        Ok(())
    }

    /// Drops the limiters that are at rest; says how many they were. It happens by itself where room is
    /// wanted.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// keyed.try_acquire(&1, 0).unwrap();
    /// assert_eq!((keyed.evict_idle(), keyed.len()), (1, 0));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn evict_idle(&self) -> usize {
        let now = self.keyed.time.now();
        let evicted = |shard: &Mutex<Shard<K, M>>| {
            let mut gone = Vec::new();
            lock(shard).sweep(now, &mut gone);
            gone.len()
        };
        self.keyed.shards.iter().map(evicted).sum()
    }

    /// How many keys have a limiter.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// keyed.try_acquire(&1, 1).unwrap();
    /// assert_eq!(keyed.len(), 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.keyed.shards.iter().map(|shard| lock(shard).limiters.len()).sum()
    }

    /// Whether no key has a limiter.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// assert!(keyed.is_empty());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What has been counted, of all keys together.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// keyed.try_acquire(&1, 1).unwrap();
    /// keyed.try_acquire(&2, 1).unwrap();
    /// assert_eq!(keyed.metrics().allowed, 2);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> LimiterMetrics {
        self.keyed.counters.read()
    }
}

impl<K: Hash + Eq, M: Meter> Shard<K, M> {
    fn known<Q>(&mut self, key: &Q) -> Option<Arc<Shared<M>>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.turn += 1;
        let turn = self.turn;
        let entry = self.limiters.get_mut(key)?;
        entry.turn = turn;
        Some(entry.shared.clone())
    }

    /// Puts one in, unless somebody was faster. What has to go for it, or was not wanted, is `gone`;
    /// refused, it says how many there are.
    fn insert<Q>(
        &mut self,
        keyed: &Keyed<K, M>,
        key: &Q,
        owned: K,
        made: Arc<Shared<M>>,
        gone: &mut Vec<(K, Arc<Shared<M>>)>,
    ) -> Result<Arc<Shared<M>>, usize>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if let Some(known) = self.known(key) {
            gone.push((owned, made));
            return Ok(known);
        }
        if self.limiters.len() >= keyed.most_of_shard {
            let now = keyed.time.now();
            if self.next_rest <= now {
                self.sweep(now, gone);
            }
            if self.limiters.len() >= keyed.most_of_shard {
                if keyed.at_bound == AtBound::Refuse {
                    gone.push((owned, made));
                    return Err(self.limiters.len());
                }
                self.evict_oldest(gone);
            }
        }
        self.limiters.insert(owned, Entry { shared: made.clone(), turn: self.turn });
        Ok(made)
    }

    /// Takes out those at rest.
    fn sweep(&mut self, now: u64, gone: &mut Vec<(K, Arc<Shared<M>>)>) {
        let at_rest = self.limiters.extract_if(|_, entry| entry.is_at_rest(now));
        gone.extend(at_rest.map(|(key, entry)| (key, entry.shared)));
        let rest = |entry: &Entry<M>| {
            let meter = &entry.shared.meter;
            // One that somebody holds may be let go of at any time.
            if meter.is_at_rest(now) { now } else { meter.ready_at(meter.most().into(), now) }
        };
        self.next_rest = self.limiters.values().map(rest).min().unwrap_or(now);
    }

    /// Takes out the one that was asked for least lately, of those that nobody holds if there is one.
    fn evict_oldest(&mut self, gone: &mut Vec<(K, Arc<Shared<M>>)>) {
        let age = |entry: &Entry<M>| (Arc::strong_count(&entry.shared) > 1, entry.turn);
        let Some(oldest) = self.limiters.values().map(age).min() else { return };
        let found = self.limiters.extract_if(|_, entry| age(entry) == oldest);
        gone.extend(found.map(|(key, entry)| (key, entry.shared)));
    }
}
