use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::primitive::{Mutex, lock};
use gonex_core::{Clock, Op};

use super::policy::Shared;
use super::{Fallback, FallbackCall, FallbackMetrics, Latest};
use crate::call::Once;
use crate::keys::Keys;
use crate::moment::Time;
use crate::retry::IntoAttempt;
use crate::{InvalidConfig, Problems};

/// The latest good result for each key, in the place of an error: pages by address, users by number. Clones
/// share them. Each kind of call has one of its own; the key tells its calls apart.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::fallback::LatestByKey;
///
/// let pages: LatestByKey<&str, u32> = LatestByKey::new(Duration::from_secs(60), 1000)?;
/// assert_eq!(pages.call(&"/a", || Ok::<_, &str>(1)).block(), Ok(1));
/// assert_eq!(pages.call(&"/a", || Err("down")).block(), Ok(1));
/// assert_eq!(pages.call(&"/b", || Err("down")).block(), Err("down"), "there is none for that");
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub struct LatestByKey<K, T> {
    pub(super) shared: Arc<Kept<K, T>>,
    pub(super) name: Arc<str>,
}

pub(super) struct Kept<K, T> {
    max_age: Duration,
    time: Arc<Time>,
    most: usize,
    /// Keys are compared under it, and neither cloned nor dropped.
    latest: Mutex<Keys<K, Latest<T>>>,
    counted: Arc<Shared>,
    pub(super) ended: crate::part::Ended,
}

impl<K, T> Clone for LatestByKey<K, T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), name: self.name.clone() }
    }
}

impl<K, T> fmt::Debug for LatestByKey<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, most) = (&self.name, self.shared.most);
        let mut shown = f.debug_struct("LatestByKey");
        shown.field("name", name).field("max_keys", &most).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone, T> LatestByKey<K, T> {
    /// Makes one for so many keys at most, whose results may be as old as this. Its time is that of the seam.
    ///
    /// Beyond the bound a key goes whose fallback nobody holds, as calls do that are under way; of these one
    /// without a result; and of these the one that was asked for least lately.
    ///
    /// # Errors
    /// `max_keys` where it is 0.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// let none = LatestByKey::<u8, u8>::new(Duration::from_secs(60), 0);
    /// assert!(none.unwrap_err().names("max_keys"));
    /// ```
    pub fn new(max_age: Duration, max_keys: usize) -> Result<Self, InvalidConfig> {
        Self::timed(max_age, max_keys, Time::seam())
    }

    /// As [`new`](Self::new), by this clock.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gonex_core::ManualClock;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// let clock = Arc::new(ManualClock::new());
    /// let latest = LatestByKey::<u8, u8>::with_clock(Duration::from_secs(60), 9, clock.clone())?;
    /// assert_eq!(latest.call(&1, || Ok::<_, &str>(7)).block(), Ok(7));
    /// clock.advance(Duration::from_secs(61));
    /// assert_eq!(latest.call(&1, || Err("down")).block(), Err("down"), "it is too old");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(
        max_age: Duration,
        max_keys: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidConfig> {
        Self::timed(max_age, max_keys, Time::of(clock))
    }

    fn timed(max_age: Duration, most: usize, time: Time) -> Result<Self, InvalidConfig> {
        let mut problems = Problems::default();
        if most == 0 {
            problems.add("max_keys", 0, "no result would ever be kept", "at least 1");
        }
        problems.finish()?;
        let kept = Kept {
            max_age,
            time: Arc::new(time),
            most,
            latest: Mutex::new(Keys::new(RandomState::new())),
            counted: Arc::default(),
            ended: crate::part::Ended::default(),
        };
        Ok(Self { shared: Arc::new(kept), name: "latest results by key".into() })
    }

    /// Names it, for the registry of components; `latest results by key` by default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::component::Component;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// let latest = LatestByKey::<u8, u8>::new(Duration::from_secs(60), 9)?.named("pages");
    /// assert_eq!(latest.name(), "pages");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The fallback of a key, for a [`Policy`](crate::Policy), say. As long as somebody holds it, its key goes
    /// only where all are held. It keeps its result also then, and the key begins anew without one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// let latest = LatestByKey::<u8, u8>::new(Duration::from_secs(60), 9)?;
    /// assert_eq!(latest.of(&1).call(|| Ok::<_, &str>(7)).block(), Ok(7));
    /// assert_eq!(latest.of(&1).call(|| Err("down")).block(), Ok(7));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn of(&self, key: &K) -> Fallback<Latest<T>> {
        let recover = self.latest(key);
        Fallback { recover, shared: self.shared.counted.clone(), name: self.name.clone() }
    }

    fn latest(&self, key: &K) -> Latest<T> {
        let kept = &*self.shared;
        let known = lock(&kept.latest).get(key).cloned();
        if let Some(known) = known {
            return known;
        }
        let made = Latest::shared(kept.max_age, kept.time.clone());
        let owned = key.clone();
        // What has to go is dropped when the lock is free.
        let (latest, gone) = {
            let mut all = lock(&kept.latest);
            match all.get(key).cloned() {
                Some(known) => (known, Some((owned, made))),
                None => {
                    let full = all.len() >= kept.most;
                    // One without a result is worth the least, unless a call is about to bring one.
                    let worth = |latest: &Latest<T>| (latest.is_held(), !latest.is_empty());
                    let gone = if full { all.take_least(worth) } else { None };
                    all.insert(owned, made.clone());
                    (made, gone)
                }
            }
        };
        drop(gone);
        latest
    }

    /// Calls a closure as [`Fallback::call`] does; should that fail, the latest result of this key is taken.
    ///
    /// # Cancel safety
    /// Dropping it drops what runs.
    ///
    /// # Errors
    /// That of the call, where there is no result, or only one that is too old.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// let latest = LatestByKey::<u8, u8>::new(Duration::from_secs(60), 9)?;
    /// assert_eq!(latest.call(&1, || async { Ok::<_, &str>(7) }).block(), Ok(7));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, M>(&self, key: &K, work: W) -> Op<FallbackCall<Once<W, M>, Latest<T>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<M, Value = T>,
        T: Clone,
    {
        self.of(key).call(work)
    }

    /// How many keys there are.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// let latest = LatestByKey::<u8, u8>::new(Duration::from_secs(60), 9)?;
    /// latest.call(&1, || Ok::<_, ()>(7)).block().unwrap();
    /// assert_eq!(latest.len(), 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.shared.latest).len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// assert!(LatestByKey::<u8, u8>::new(Duration::from_secs(60), 9)?.is_empty());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What has been counted, of all keys together.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// let latest = LatestByKey::<u8, u8>::new(Duration::from_secs(60), 9)?;
    /// latest.call(&1, || Ok::<_, ()>(7)).block().unwrap();
    /// assert_eq!(latest.metrics().calls, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> FallbackMetrics {
        self.shared.counted.counters.read()
    }

    /// Sets what has been counted to 0, for all keys and clones.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::fallback::LatestByKey;
    ///
    /// let latest = LatestByKey::<u8, u8>::new(Duration::from_secs(60), 9)?;
    /// latest.call(&1, || Ok::<_, ()>(7)).block().unwrap();
    /// latest.reset_metrics();
    /// assert_eq!(latest.metrics().calls, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counted.counters.reset();
    }
}
