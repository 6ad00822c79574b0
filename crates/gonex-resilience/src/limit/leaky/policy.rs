use std::collections::VecDeque;
use std::sync::Arc;

use gonex_core::primitive::{Mutex, lock};
use gonex_core::{Clock, Op};
use gonex_sync::{Semaphore, SemaphorePermit};

use super::Enqueue;
use super::counters::Counters;
use crate::InvalidConfig;
use crate::limit::{Gcra, LeakyBucketConfig, Meter, Verdict};
use crate::moment::Time;
use crate::part::Ended;

/// A leaky bucket as a queue: things go in at any pace, as long as there is room, and come out at an
/// even one. Time in which it was empty is not made up for. Clones share it.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::ManualClock;
/// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
///
/// let clock = Arc::new(ManualClock::new());
/// let config = LeakyBucketConfig { capacity: 2, leak_rate: 1, leak_interval: Duration::from_secs(1) };
/// let bucket = LeakyBucket::with_clock(config, clock.clone())?;
/// assert!(bucket.try_enqueue("a").is_ok() && bucket.try_enqueue("b").is_ok());
/// assert_eq!(bucket.try_enqueue("c"), Err("c"), "it is full");
/// assert_eq!((bucket.dequeue(), bucket.dequeue()), (Some("a"), None));
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(bucket.dequeue(), Some("b"));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Debug)]
pub struct LeakyBucket<T> {
    pub(super) shared: Arc<Shared<T>>,
    pub(super) name: Arc<str>,
}

#[derive(Debug)]
pub(super) struct Shared<T> {
    pub(super) config: LeakyBucketConfig,
    pub(super) time: Time,
    /// One permit for each place.
    pub(super) room: Arc<Semaphore>,
    /// Lets one out at a time. Asked under the lock below, so that no token is taken for nothing.
    pub(super) pace: Gcra,
    /// Things are moved under it, and neither dropped nor cloned.
    pub(super) queue: Mutex<VecDeque<(T, Place)>>,
    pub(super) counters: Counters,
    pub(super) ended: Ended,
}

/// A place that is taken.
pub(super) type Place = SemaphorePermit<Arc<Semaphore>>;

impl<T> Clone for LeakyBucket<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), name: self.name.clone() }
    }
}

impl<T> LeakyBucket<T> {
    /// Makes an empty one, whose time is that of the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::<u8>::new(LeakyBucketConfig::default())?;
    /// assert!(bucket.is_empty());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn new(config: LeakyBucketConfig) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::seam())
    }

    /// Makes an empty one that asks this clock.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::SystemClock;
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let config = LeakyBucketConfig::default();
    /// assert_eq!(LeakyBucket::<u8>::with_clock(config, Arc::new(SystemClock))?.capacity(), 100);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(
        config: LeakyBucketConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::of(clock))
    }

    fn timed(config: LeakyBucketConfig, time: Time) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let pace = Gcra::new(config.paced(), 0)?;
        let room = Arc::new(Semaphore::new(config.capacity as usize));
        let queue = Mutex::new(VecDeque::new());
        let (counters, ended) = (Counters::default(), Ended::default());
        let shared = Shared { config, time, room, pace, queue, counters, ended };
        Ok(Self { shared: Arc::new(shared), name: "leaky bucket".into() })
    }

    /// Names it, for the registry of components; `leaky bucket` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::<u8>::new(LeakyBucketConfig::default())?.named("mail");
    /// assert_eq!(bucket.name(), "mail");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Puts something in if there is room and nobody waits for it.
    ///
    /// # Errors
    /// Gives back what has no room.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig { capacity: 1, ..Default::default() })?;
    /// assert_eq!((bucket.try_enqueue(1), bucket.try_enqueue(2)), (Ok(()), Err(2)));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_enqueue(&self, thing: T) -> Result<(), T> {
        match self.shared.room.try_acquire_owned(1) {
            Ok(place) => {
                self.shared.put(thing, place);
                Ok(())
            }
            Err(_) => {
                self.shared.counters.refused.add(1);
                Err(thing)
            }
        }
    }

    /// Puts something in, waiting in line until there is room.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it drops the thing; stopped, it gives it back.
    ///
    /// # Errors
    /// When a limit or a context stops it; the thing is in the error.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig { capacity: 1, ..Default::default() })?;
    /// bucket.enqueue(1).block().unwrap();
    /// let stopped = bucket.enqueue(2).timeout(Duration::ZERO).block().unwrap_err();
    /// assert_eq!(stopped.thing, 2);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn enqueue(&self, thing: T) -> Op<Enqueue<T>> {
        Op::new(Enqueue::new(self.shared.clone(), thing))
    }

    /// Takes the next one out if its time has come.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig::default())?;
    /// bucket.try_enqueue(7).unwrap();
    /// assert_eq!((bucket.dequeue(), bucket.dequeue()), (Some(7), None));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn dequeue(&self) -> Option<T> {
        // The clock is asked before the lock is taken: it may be the program's own.
        let mut now = self.shared.time.now();
        loop {
            let verdict = match self.shared.leak(now) {
                Ok((thing, place)) => {
                    // Whoever waits for the place is called when the lock is free.
                    drop(place);
                    self.shared.counters.dequeued.add(1);
                    return Some(thing);
                }
                Err(verdict) => verdict?,
            };
            // Somebody who looked at the clock later may have been served before: no reason to deny.
            now = self.shared.time.now();
            if verdict > now {
                return None;
            }
        }
    }
}

impl<T> Shared<T> {
    pub(super) fn put(&self, thing: T, place: Place) {
        lock(&self.queue).push_back((thing, place));
        self.counters.enqueued.add(1);
    }

    /// Takes the next one out if its moment has come; else says when that is, if there is one.
    fn leak(&self, now: u64) -> Result<(T, Place), Option<u64>> {
        let mut queue = lock(&self.queue);
        if queue.is_empty() {
            return Err(None);
        }
        match self.pace.take(1, now) {
            Verdict::Taken => queue.pop_front().ok_or(None),
            Verdict::NotYet { at } => Err(Some(at)),
            Verdict::Never { .. } => unreachable!("there is always room for one at a time"),
        }
    }
}
