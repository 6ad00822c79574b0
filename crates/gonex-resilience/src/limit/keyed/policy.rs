use std::borrow::Borrow;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use gonex_core::Clock;
use gonex_core::primitive::{Mutex, lock};

use super::AtBound;
use super::shard::{Inserted, Made, Shard};
use crate::limit::counters::Counters;
use crate::limit::limiter::Shared;
use crate::limit::{Denied, Limiter, Meter};
use crate::moment::Time;
use crate::part::Ended;
use crate::{InvalidConfig, Problems};

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
    pub(super) shared: Arc<Keyed<K, M>>,
    pub(super) name: Arc<str>,
}

pub(super) struct Keyed<K, M: Meter> {
    hasher: RandomState,
    /// Each with its share of the keys. Keys are compared and meters looked at under the locks, and
    /// nothing of the program's is made or dropped there.
    pub(super) shards: Vec<Mutex<Shard<K, M>>>,
    pub(super) max_keys: usize,
    pub(super) time: Arc<Time>,
    pub(super) counters: Arc<Counters>,
    pub(super) ended: Ended,
}

/// So many locks share the keys, unless there may be few.
const SHARDS: usize = 16;

impl<K, M: Meter> Clone for KeyedLimiter<K, M> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), name: self.name.clone() }
    }
}

impl<K, M: Meter> fmt::Debug for KeyedLimiter<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, most) = (&self.name, self.shared.max_keys);
        let mut shown = f.debug_struct("KeyedLimiter");
        shown.field("name", name).field("max_keys", &most).finish_non_exhaustive()
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
        let (hasher, config) = (RandomState::new(), Arc::new(config.clone()));
        let most = max_keys.div_ceil(shards);
        let shard = || Mutex::new(Shard::new(hasher.clone(), config.clone(), most, at_bound));
        let keyed = Keyed {
            shards: (0..shards).map(|_| shard()).collect(),
            hasher,
            max_keys,
            time: Arc::new(time),
            counters: Arc::default(),
            ended: Ended::default(),
        };
        Ok(Self { shared: Arc::new(keyed), name: "keyed limiter".into() })
    }

    /// Names it, for the registry of components; `keyed limiter` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// assert_eq!(keyed.named("clients").name(), "clients");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
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
        Ok(Limiter { shared: self.limiter(key, true)?, name: self.name.clone() })
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
        self.limiter(key, false)?.try_acquire(tokens)
    }

    fn limiter<Q>(&self, key: &Q, handed_out: bool) -> Result<Arc<Shared<M>>, Denied>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let keyed = &*self.shared;
        // Any of the upper bits: the lower ones choose the place in the map.
        let hash = (keyed.hasher.hash_one(key) >> 32) as usize;
        let shard = &keyed.shards[hash % keyed.shards.len()];
        let known = lock(shard).get(key, handed_out);
        let mut settings = match known {
            Ok(known) => return Ok(known),
            Err(settings) => settings,
        };
        loop {
            // What belongs to the program is cloned and asked here, and dropped below, with the lock free.
            let config = M::Config::clone(&settings.config);
            let made = Shared::new(config, keyed.time.clone(), keyed.counters.clone());
            let Ok(made) = made else { unreachable!("the settings have been looked at") };
            let (key, now) = (key.to_owned(), keyed.time.now());
            let made = Made { key, shared: Arc::new(made), version: settings.version };
            let mut gone = Vec::new();
            let inserted = lock(shard).insert(made, now, &mut gone);
            drop(gone);
            match inserted {
                Inserted::Is(shared) => return Ok(shared),
                Inserted::OtherSettings(others) => settings = others,
                Inserted::NoRoom => {
                    keyed.counters.denied.add(1);
                    return Err(Denied::TooManyKeys { keys: self.len() });
                }
            }
        }
    }
}
