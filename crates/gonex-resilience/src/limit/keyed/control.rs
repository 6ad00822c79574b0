use std::hash::Hash;
use std::sync::Arc;

use gonex_core::primitive::{Mutex, lock};

use super::KeyedLimiter;
use super::shard::Shard;
use crate::InvalidConfig;
use crate::limit::{LimiterMetrics, Meter};

/// What it says, and what can be changed.
impl<K: Hash + Eq + Clone, M: Meter> KeyedLimiter<K, M> {
    /// Changes the settings of all keys, those to come included: see
    /// [`Limiter::reconfigure`](crate::Limiter::reconfigure).
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
    pub fn reconfigure(&self, config: M::Config) -> Result<(), InvalidConfig> {
        let now = self.shared.time.now();
        M::new(config.clone(), now)?;
        let config = Arc::new(config);
        for shard in &self.shared.shards {
            let before = lock(shard).set(config.clone());
            drop(before);
            loop {
                let (settings, limiters) = {
                    let shard = lock(shard);
                    (shard.settings(), shard.all())
                };
                for shared in limiters {
                    shared.meter.reconfigure(M::Config::clone(&settings.config), now)?;
                    shared.nudge();
                }
                // Where somebody else has changed them meanwhile, the last change is the one that stays.
                let mut shard = lock(shard);
                if shard.version() == settings.version {
                    // Who wanted room meanwhile has looked at some as they were before.
                    shard.look_again();
                    break;
                }
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
        let now = self.shared.time.now();
        let evicted = |shard: &Mutex<Shard<K, M>>| {
            let gone = lock(shard).sweep(now);
            gone.len()
        };
        self.shared.shards.iter().map(evicted).sum()
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
        self.shared.shards.iter().map(|shard| lock(shard).len()).sum()
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
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all keys and clones.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// keyed.try_acquire(&1, 1).unwrap();
    /// keyed.reset_metrics();
    /// assert_eq!(keyed.metrics().allowed, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }

    /// How many keys there may be.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, KeyedLimiter, TokenBucketConfig};
    ///
    /// let keyed: KeyedLimiter<u8, Gcra> = KeyedLimiter::new(TokenBucketConfig::per_second(2), 9)?;
    /// assert_eq!(keyed.max_keys(), 9);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn max_keys(&self) -> usize {
        self.shared.max_keys
    }
}
