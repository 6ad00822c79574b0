use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use gonex_core::Clock;
use gonex_core::primitive::{Mutex, lock};

use super::counters::Counters;
use super::policy::Shared;
use super::{BreakerConfig, BreakerMetrics, CircuitBreaker, ErrorsFail};
use crate::keys::Keys;
use crate::moment::Time;
use crate::part::Ended;
use crate::{InvalidConfig, Problems};

/// A breaker for each key, all with the same settings: hosts, tenants, workers. Clones share them.
///
/// A breaker is made when its key is first asked for. Beyond the bound the one that was asked for least
/// lately goes: of those that nobody holds first, and of these one with nothing in its window before one
/// that knows something. Counts are of all keys together, also those of [`of`](Self::of).
///
/// ```
/// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
///
/// let hosts: KeyedBreaker<&str> = KeyedBreaker::new(BreakerConfig::consecutive(1), 1000)?;
/// hosts.of(&"a.example").try_acquire().unwrap().failure();
/// assert!(hosts.of(&"a.example").is_open());
/// assert!(hosts.of(&"b.example").is_closed());
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub struct KeyedBreaker<K> {
    pub(super) shared: Arc<Keyed<K>>,
    pub(super) name: Arc<str>,
}

pub(super) struct Keyed<K> {
    config: BreakerConfig,
    time: Arc<Time>,
    most: usize,
    /// Keys are compared under it, and neither cloned nor dropped; no clock is asked there.
    breakers: Mutex<Keys<K, Arc<Shared>>>,
    counters: Arc<Counters>,
    pub(super) ended: Ended,
}

impl<K> Clone for KeyedBreaker<K> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), name: self.name.clone() }
    }
}

impl<K> fmt::Debug for KeyedBreaker<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, most) = (&self.name, self.shared.most);
        let mut shown = f.debug_struct("KeyedBreaker");
        shown.field("name", name).field("max_keys", &most).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone> KeyedBreaker<K> {
    /// Makes one for so many keys at most. Its time is that of the seam.
    ///
    /// # Errors
    /// Every field that is wrong, and `max_keys` where it is 0.
    ///
    /// ```
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// assert!(KeyedBreaker::<u8>::new(BreakerConfig::default(), 0).is_err());
    /// ```
    pub fn new(config: BreakerConfig, max_keys: usize) -> Result<Self, InvalidConfig> {
        Self::timed(config, max_keys, Time::seam())
    }

    /// Makes one whose breakers ask this clock.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::SystemClock;
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// let clock = Arc::new(SystemClock);
    /// assert!(KeyedBreaker::<u8>::with_clock(BreakerConfig::default(), 9, clock)?.is_empty());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(
        config: BreakerConfig,
        max_keys: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidConfig> {
        Self::timed(config, max_keys, Time::of(clock))
    }

    fn timed(config: BreakerConfig, most: usize, time: Time) -> Result<Self, InvalidConfig> {
        let mut problems = Problems::default();
        if most == 0 {
            problems.add("max_keys", 0, "there would be no breaker at all", "at least 1");
        }
        problems.add_all(config.validate());
        problems.finish()?;
        let keyed = Keyed {
            config,
            time: Arc::new(time),
            most,
            breakers: Mutex::new(Keys::new(RandomState::new())),
            counters: Arc::default(),
            ended: Ended::default(),
        };
        Ok(Self { shared: Arc::new(keyed), name: "keyed circuit breaker".into() })
    }

    /// The breaker of a key. As long as somebody holds it, others go first for want of room.
    ///
    /// ```
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// let hosts: KeyedBreaker<u8> = KeyedBreaker::new(BreakerConfig::default(), 9)?;
    /// assert_eq!(hosts.of(&1).call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// assert_eq!(hosts.len(), 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn of(&self, key: &K) -> CircuitBreaker {
        CircuitBreaker { shared: self.breaker(key), name: self.name.clone(), classify: ErrorsFail }
    }

    fn breaker(&self, key: &K) -> Arc<Shared> {
        let keyed = &*self.shared;
        let known = lock(&keyed.breakers).get(key).cloned();
        if let Some(known) = known {
            return known;
        }
        let made = Shared::new(keyed.config.clone(), keyed.time.clone(), keyed.counters.clone());
        let Ok(made) = made else { unreachable!("the settings have been looked at") };
        let (owned, now) = (key.clone(), keyed.time.now());
        // What has to go is dropped when the lock is free.
        let (shared, gone) = {
            let mut breakers = lock(&keyed.breakers);
            match breakers.get(key).cloned() {
                Some(known) => (known, Some((owned, made))),
                None => {
                    let worth =
                        |shared: &Arc<Shared>| (Arc::strong_count(shared) > 1, !shared.is_new(now));
                    let full = breakers.len() >= keyed.most;
                    let gone = if full { breakers.take_least(worth) } else { None };
                    breakers.insert(owned, made.clone());
                    (made, gone)
                }
            }
        };
        drop(gone);
        shared
    }

    /// Names it, for the registry of components; `keyed circuit breaker` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// let hosts = KeyedBreaker::<u8>::new(BreakerConfig::default(), 9)?.named("hosts");
    /// assert_eq!(hosts.name(), "hosts");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// How many keys have a breaker.
    ///
    /// ```
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// assert_eq!(KeyedBreaker::<u8>::new(BreakerConfig::default(), 9)?.len(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.shared.breakers).len()
    }

    /// Whether no key has a breaker.
    ///
    /// ```
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// assert!(KeyedBreaker::<u8>::new(BreakerConfig::default(), 9)?.is_empty());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of the keys have a breaker that refuses calls now.
    ///
    /// ```
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// let hosts: KeyedBreaker<u8> = KeyedBreaker::new(BreakerConfig::consecutive(1), 9)?;
    /// hosts.of(&1).try_acquire().unwrap().failure();
    /// assert!(hosts.of(&2).is_closed());
    /// assert_eq!(hosts.open(), 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn open(&self) -> usize {
        let all: Vec<_> = lock(&self.shared.breakers).values().cloned().collect();
        all.iter().filter(|shared| shared.with(|machine, _| machine.state().is_open())).count()
    }

    /// What has been counted, of all keys together, those that had to go included. It has no rates: those
    /// are of one breaker.
    ///
    /// ```
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// let hosts: KeyedBreaker<u8> = KeyedBreaker::new(BreakerConfig::default(), 9)?;
    /// hosts.of(&1).try_acquire().unwrap().success();
    /// hosts.of(&2).try_acquire().unwrap().success();
    /// assert_eq!(hosts.metrics().succeeded, 2);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> BreakerMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all keys and clones.
    ///
    /// ```
    /// use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
    ///
    /// let hosts: KeyedBreaker<u8> = KeyedBreaker::new(BreakerConfig::default(), 9)?;
    /// hosts.of(&1).try_acquire().unwrap().success();
    /// hosts.reset_metrics();
    /// assert_eq!(hosts.metrics().succeeded, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
