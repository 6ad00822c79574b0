use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gonex_core::Clock;
use gonex_core::primitive::atomic::{AtomicUsize, Ordering, fence};

use super::counters::Counters;
use super::line::Line;
use super::{Denied, Gcra, Meter, Sliding, Verdict};
use crate::InvalidConfig;
use crate::moment::Time;
use crate::part::Ended;

/// Allows no more than so much in so long; clones share their state.
///
/// ```
/// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
///
/// let limiter = TokenBucket::new(TokenBucketConfig { capacity: 3, ..TokenBucketConfig::per_second(1) })?;
/// let elsewhere = limiter.clone();
/// assert!(limiter.try_acquire(2).is_ok());
/// let denied = elsewhere.try_acquire(2).unwrap_err();
/// assert!(denied.retry_after() <= Some(std::time::Duration::from_secs(1)), "a denial says when");
/// elsewhere.acquire(1).block()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `M` is how it counts: see [`TokenBucket`] and [`SlidingWindow`]. Many keys with a limit each are a
/// [`KeyedLimiter`](super::KeyedLimiter).
#[derive(Debug)]
pub struct Limiter<M: Meter> {
    pub(super) shared: Arc<Shared<M>>,
    pub(super) name: Arc<str>,
}

/// A limiter by tokens that come back: so many in a while on average, and what nobody took at once, up to
/// a capacity.
///
/// ```
/// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
///
/// let limiter = TokenBucket::new(TokenBucketConfig::per_second(10))?;
/// assert_eq!(limiter.available(), 10, "it begins full");
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub type TokenBucket = Limiter<Gcra>;

/// A limiter by requests: so many in any stretch of time as long as the window, wherever it begins.
///
/// ```
/// use gonex_resilience::limit::{SlidingWindow, SlidingWindowConfig};
///
/// let limiter = SlidingWindow::new(SlidingWindowConfig::per_second(10))?;
/// assert_eq!(limiter.try_acquire_batch(&[4, 7, 6, 1]), [true, false, true, false]);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub type SlidingWindow = Limiter<Sliding>;

/// What clones share.
#[derive(Debug)]
pub(super) struct Shared<M> {
    pub(super) meter: M,
    pub(super) time: Arc<Time>,
    pub(super) counters: Arc<Counters>,
    /// Made when somebody first has to wait.
    line: OnceLock<Arc<Line>>,
    max_waiting: AtomicUsize,
    pub(super) ended: Ended,
}

/// So many may wait by default.
const MAX_WAITING: usize = 10_000;

// Not derived: that would ask the same of the meter.
impl<M: Meter> Clone for Limiter<M> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), name: self.name.clone() }
    }
}

impl<M: Meter> Shared<M> {
    pub(super) fn new(
        config: M::Config,
        time: Arc<Time>,
        counters: Arc<Counters>,
    ) -> Result<Self, InvalidConfig> {
        Ok(Self {
            meter: M::new(config, time.now())?,
            time,
            counters,
            line: OnceLock::new(),
            max_waiting: AtomicUsize::new(MAX_WAITING),
            ended: Ended::default(),
        })
    }

    #[inline]
    pub(super) fn line(&self) -> Option<&Arc<Line>> {
        self.line.get()
    }

    pub(super) fn line_to_join(&self) -> &Arc<Line> {
        self.line.get_or_init(|| Arc::new(Line::new()))
    }

    pub(super) fn max_waiting(&self) -> usize {
        self.max_waiting.load(Ordering::Relaxed)
    }

    /// Takes tokens, whoever waits.
    #[inline]
    pub(super) fn take(&self, tokens: u32) -> Verdict {
        self.take_by(tokens).0
    }

    /// The same, with the moment by which it is so: to ask for the time is what a limiter costs most.
    #[inline]
    fn take_by(&self, tokens: u32) -> (Verdict, u64) {
        self.meter.take_by(tokens, || self.time.now())
    }

    /// What a verdict is for users; it is counted.
    pub(super) fn answer(&self, verdict: Verdict, wanted: u32, now: u64) -> Result<(), Denied> {
        match verdict {
            Verdict::Taken => {
                self.counters.allowed.add(1);
                Ok(())
            }
            Verdict::NotYet { at } => {
                let retry_after = Duration::from_nanos(at.saturating_sub(now));
                Err(self.denied(Denied::NotYet { retry_after }))
            }
            Verdict::Never { most } => Err(self.denied(Denied::TooMany { wanted, most })),
        }
    }

    pub(super) fn denied(&self, denied: Denied) -> Denied {
        self.counters.denied.add(1);
        denied
    }

    pub(super) fn try_acquire(&self, tokens: u32) -> Result<(), Denied> {
        let (verdict, now) = match self.line() {
            Some(line) if !line.is_empty() => (self.behind(line, tokens), self.time.now()),
            _ => self.take_by(tokens),
        };
        if verdict == Verdict::Taken {
            self.counters.allowed.add(1);
            return Ok(());
        }
        self.answer(verdict, tokens, now)
    }

    /// What those hear who come while others wait.
    #[cold]
    pub(super) fn behind(&self, line: &Line, tokens: u32) -> Verdict {
        let most = self.meter.most();
        if tokens > most {
            return Verdict::Never { most };
        }
        let wanted = line.wanted().saturating_add(tokens.into());
        Verdict::NotYet { at: self.meter.ready_at(wanted, self.time.now()) }
    }

    /// Has who waits look again.
    pub(super) fn nudge(&self) {
        // The meter has changed before; see `line.rs`.
        fence(Ordering::SeqCst);
        if let Some(line) = self.line() {
            line.nudge();
        }
    }
}

/// Making one.
impl<M: Meter> Limiter<M> {
    /// Makes a limiter that has allowed nothing yet.
    ///
    /// Its time is that of the [seam](gonex_core::rt), and begins now.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// assert!(TokenBucket::new(TokenBucketConfig::per_second(0)).is_err());
    /// ```
    pub fn new(config: M::Config) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::seam())
    }

    /// Makes a limiter that asks this clock. Should it go back, the latest it told counts.
    ///
    /// Waiting goes by the seam: who waits sleeps there for as long as this clock says is left, and looks
    /// again.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gonex_core::ManualClock;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let clock = Arc::new(ManualClock::new());
    /// let limiter = TokenBucket::with_clock(TokenBucketConfig::per_second(1), clock.clone())?;
    /// assert!(limiter.try_acquire(1).is_ok() && limiter.try_acquire(1).is_err());
    /// clock.advance(Duration::from_secs(1));
    /// assert!(limiter.try_acquire(1).is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(config: M::Config, clock: Arc<dyn Clock>) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::of(clock))
    }

    fn timed(config: M::Config, time: Time) -> Result<Self, InvalidConfig> {
        let shared = Shared::new(config, Arc::new(time), Arc::default())?;
        Ok(Self { shared: Arc::new(shared), name: "limiter".into() })
    }

    /// Names it, for the registry of components; `limiter` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(1))?.named("search");
    /// assert_eq!(limiter.name(), "search");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// How many may wait at once, for all clones; 10,000 by default. Those who wait already stay.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{Denied, TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(1, Duration::from_secs(60)))?.max_waiting(0);
    /// limiter.acquire(1).block().unwrap();
    /// assert_eq!(limiter.acquire(1).block(), Err(Denied::QueueFull { waiting: 0 }));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn max_waiting(self, most: usize) -> Self {
        self.shared.max_waiting.store(most, Ordering::Relaxed);
        self
    }
}
