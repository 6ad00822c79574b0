use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::primitive::{Mutex, lock};
use gonex_core::{Clock, Kind, Op, Stop};
use gonex_sync::semaphore::Acquire;
use gonex_sync::{Semaphore, SemaphorePermit};

use super::{Gcra, LeakyBucketConfig, Meter, Verdict};
use crate::InvalidConfig;
use crate::moment::Time;

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
    shared: Arc<Shared<T>>,
}

#[derive(Debug)]
struct Shared<T> {
    config: LeakyBucketConfig,
    time: Time,
    /// One permit for each place.
    room: Arc<Semaphore>,
    /// Lets one out at a time. Asked under the lock below, so that no token is taken for nothing.
    pace: Gcra,
    /// Things are moved under it, and neither dropped nor cloned.
    queue: Mutex<VecDeque<(T, Place)>>,
}

/// A place that is taken.
type Place = SemaphorePermit<Arc<Semaphore>>;

impl<T> Clone for LeakyBucket<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
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
        Ok(Self { shared: Arc::new(Shared { config, time, room, pace, queue }) })
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
            Err(_) => Err(thing),
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
        let acquire = self.shared.room.acquire_owned(1).into_kind();
        Op::new(Enqueue { shared: self.shared.clone(), acquire, thing: Some(thing) })
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
        let (thing, place) = {
            let mut queue = lock(&self.shared.queue);
            if queue.is_empty() || self.shared.leak() != Verdict::Taken {
                return None;
            }
            queue.pop_front()?
        };
        // Whoever waits for the place is called when the lock is free.
        drop(place);
        Some(thing)
    }

    /// How long it takes until the next one may come out; `None` if there is none.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig::default())?;
    /// assert_eq!(bucket.time_until_next(), None);
    /// bucket.try_enqueue(7).unwrap();
    /// assert_eq!(bucket.time_until_next(), Some(Duration::ZERO));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn time_until_next(&self) -> Option<Duration> {
        let queue = lock(&self.shared.queue);
        let now = self.shared.time.now();
        let at = self.shared.pace.ready_at(1, now);
        (!queue.is_empty()).then(|| Duration::from_nanos(at.saturating_sub(now)))
    }

    /// How many things are in it.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig::default())?;
    /// bucket.try_enqueue(7).unwrap();
    /// assert_eq!(bucket.len(), 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.shared.queue).len()
    }

    /// Whether nothing is in it.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// assert!(LeakyBucket::<u8>::new(LeakyBucketConfig::default())?.is_empty());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no room.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// let bucket = LeakyBucket::new(LeakyBucketConfig { capacity: 1, ..Default::default() })?;
    /// bucket.try_enqueue(7).unwrap();
    /// assert!(bucket.is_full());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.shared.room.available() == 0
    }

    /// How many things it holds at most.
    ///
    /// ```
    /// use gonex_resilience::limit::{LeakyBucket, LeakyBucketConfig};
    ///
    /// assert_eq!(LeakyBucket::<u8>::new(LeakyBucketConfig::default())?.capacity(), 100);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.config.capacity as usize
    }
}

impl<T> Shared<T> {
    fn put(&self, thing: T, place: Place) {
        lock(&self.queue).push_back((thing, place));
    }

    fn leak(&self) -> Verdict {
        self.pace.take(1, self.time.now())
    }
}

/// The kind of [`LeakyBucket::enqueue`].
#[must_use = "nothing is put in until it is awaited or blocked on"]
pub struct Enqueue<T> {
    shared: Arc<Shared<T>>,
    acquire: Acquire<Arc<Semaphore>>,
    thing: Option<T>,
}

/// The thing is only moved.
impl<T> Unpin for Enqueue<T> {}

impl<T> fmt::Debug for Enqueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enqueue").field("acquire", &self.acquire).finish_non_exhaustive()
    }
}

/// What was stopped while it waited for room.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing was put in: {stop}")]
pub struct EnqueueError<T> {
    /// What was not put in.
    pub thing: T,
    /// What stopped it.
    pub stop: Stop,
}

impl<T> fmt::Debug for EnqueueError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnqueueError").field("stop", &self.stop).finish_non_exhaustive()
    }
}

impl<T> Kind for Enqueue<T> {
    type Output = Result<(), EnqueueError<T>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match Pin::new(&mut this.acquire).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(place)) => {
                if let Some(thing) = this.thing.take() {
                    this.shared.put(thing, place);
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(_)) => unreachable!("nobody closes the bucket or asks for two places"),
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let this = &mut *self;
        let Some(thing) = this.thing.take() else { unreachable!("stopped after it was put in") };
        match Pin::new(&mut this.acquire).stop(stop.clone()) {
            Ok(place) => {
                this.shared.put(thing, place);
                Ok(())
            }
            Err(_) => Err(EnqueueError { thing, stop }),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("put into").of("leaky bucket")
    }
}
