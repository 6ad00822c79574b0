use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use gonex_core::Clock;
use gonex_core::primitive::{Mutex, lock};

use super::policy::Shared;
use super::{BreakerConfig, CircuitBreaker, ErrorsFail};
use crate::moment::Time;
use crate::{InvalidConfig, Problems};

/// A breaker for each key, all with the same settings: hosts, tenants, workers. Clones share them.
///
/// A breaker is made when its key is first asked for. Beyond the bound the one that was asked for least
/// lately goes: of those that nobody holds first, and of these one with nothing in its window before one
/// that knows something.
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
    keyed: Arc<Keyed<K>>,
}

struct Keyed<K> {
    config: BreakerConfig,
    clock: Option<Arc<dyn Clock>>,
    most: usize,
    /// Keys are compared under it, and neither cloned nor dropped.
    breakers: Mutex<Breakers<K>>,
}

struct Breakers<K> {
    known: HashMap<K, (Arc<Shared>, u64)>,
    /// Counts the askings, to know who was asked for lately.
    turn: u64,
}

impl<K> Clone for KeyedBreaker<K> {
    fn clone(&self) -> Self {
        Self { keyed: self.keyed.clone() }
    }
}

impl<K> fmt::Debug for KeyedBreaker<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyedBreaker").field("most", &self.keyed.most).finish_non_exhaustive()
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
        Self::timed(config, max_keys, None)
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
        Self::timed(config, max_keys, Some(clock))
    }

    fn timed(
        config: BreakerConfig,
        most: usize,
        clock: Option<Arc<dyn Clock>>,
    ) -> Result<Self, InvalidConfig> {
        let mut problems = Problems::default();
        if most == 0 {
            problems.add("max_keys", 0, "there would be no breaker at all", "at least 1");
        }
        problems.add_all(config.validate());
        problems.finish()?;
        let breakers = Mutex::new(Breakers { known: HashMap::new(), turn: 0 });
        Ok(Self { keyed: Arc::new(Keyed { config, clock, most, breakers }) })
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
        let shared = self.shared(key);
        CircuitBreaker { shared, name: "keyed circuit breaker".into(), classify: ErrorsFail }
    }

    fn shared(&self, key: &K) -> Arc<Shared> {
        let keyed = &*self.keyed;
        if let Some(known) = lock(&keyed.breakers).known(key) {
            return known;
        }
        let time = keyed.clock.clone().map_or_else(Time::seam, Time::of);
        let made = Shared::new(keyed.config.clone(), time);
        let Ok(made) = made else { unreachable!("the settings have been looked at") };
        let owned = key.clone();
        // What has to go is dropped when the lock is free.
        let (shared, gone) = {
            let mut breakers = lock(&keyed.breakers);
            match breakers.known(key) {
                Some(known) => (known, Some((owned, made))),
                None => {
                    let gone = breakers.make_room(keyed.most);
                    let turn = breakers.turn;
                    breakers.known.insert(owned, (made.clone(), turn));
                    (made, gone)
                }
            }
        };
        drop(gone);
        shared
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
        lock(&self.keyed.breakers).known.len()
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
}

impl<K: Hash + Eq> Breakers<K> {
    fn known(&mut self, key: &K) -> Option<Arc<Shared>> {
        self.turn += 1;
        let (shared, turn) = self.known.get_mut(key)?;
        *turn = self.turn;
        Some(shared.clone())
    }

    /// Takes one out, if there are as many as there may be.
    fn make_room(&mut self, most: usize) -> Option<(K, Arc<Shared>)> {
        if self.known.len() < most {
            return None;
        }
        let worth = |(shared, turn): &(Arc<Shared>, u64)| {
            let knows = !shared.with(super::machine::Machine::is_new);
            (Arc::strong_count(shared) > 1, knows, *turn)
        };
        let least = self.known.values().map(worth).min()?;
        let turn = least.2;
        let mut found = self.known.extract_if(|_, (_, of)| *of == turn);
        found.next().map(|(key, (shared, _))| (key, shared))
    }
}
