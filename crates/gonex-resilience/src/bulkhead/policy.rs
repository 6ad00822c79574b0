use std::sync::Arc;

use gonex_core::primitive::atomic::{AtomicUsize, Ordering};
use gonex_core::primitive::{Mutex, lock};
use gonex_core::{Clock, Op};
use gonex_sync::{Semaphore, TryAcquireError};

use super::counters::Counters;
use super::{BulkheadConfig, BulkheadMetrics, BulkheadPermit, EnterBulkhead, Full};
use crate::InvalidConfig;
use crate::moment::Time;
use crate::part::Ended;

/// Lets no more than so many in at once; clones share their state.
///
/// ```
/// use gonex_resilience::Bulkhead;
/// use gonex_resilience::bulkhead::BulkheadConfig;
///
/// let bulkhead = Bulkhead::new(BulkheadConfig { max_concurrent: 2, ..BulkheadConfig::default() })?;
/// assert_eq!(bulkhead.call(|| Ok::<_, ()>(7)).block(), Ok(7));
/// assert_eq!(bulkhead.call(|| async { Ok::<_, ()>(8) }).block(), Ok(8));
/// assert_eq!((bulkhead.available(), bulkhead.metrics().admitted), (2, 2));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bulkhead {
    pub(super) shared: Arc<Shared>,
    pub(super) name: Arc<str>,
}

/// What clones share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) places: Arc<Semaphore>,
    /// Read by those who have to wait.
    config: Mutex<BulkheadConfig>,
    /// How many wait. It orders nothing: it only keeps them from becoming too many.
    pub(super) waiting: AtomicUsize,
    pub(super) time: Time,
    pub(super) counters: Counters,
    pub(super) ended: Ended,
}

impl Shared {
    pub(super) fn config(&self) -> BulkheadConfig {
        *lock(&self.config)
    }

    /// Lets one in if there is a place and nobody waits for it.
    pub(super) fn try_enter(&self, weight: usize) -> Result<BulkheadPermit, Full> {
        match self.places.try_acquire_owned(weight) {
            Ok(permit) => {
                self.counters.admitted.add(1);
                Ok(BulkheadPermit(permit))
            }
            Err(TryAcquireError::TooMany { wanted, capacity }) => {
                Err(self.refused(Full::TooHeavy { weight: wanted, most: capacity }))
            }
            // Nobody closes it.
            Err(_) => Err(Full::Busy),
        }
    }

    pub(super) fn refused(&self, full: Full) -> Full {
        self.counters.refused.add(1);
        full
    }
}

impl Bulkhead {
    /// Makes an empty one, whose time is that of the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// assert_eq!(Bulkhead::new(BulkheadConfig::default())?.available(), 25);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn new(config: BulkheadConfig) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::seam())
    }

    /// Makes an empty one that measures waits by this clock. Waiting itself goes by the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::SystemClock;
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::with_clock(BulkheadConfig::default(), Arc::new(SystemClock))?;
    /// assert_eq!(bulkhead.available(), 25);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(
        config: BulkheadConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::of(clock))
    }

    fn timed(config: BulkheadConfig, time: Time) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let shared = Shared {
            places: Arc::new(Semaphore::new(config.max_concurrent)),
            config: Mutex::new(config),
            waiting: AtomicUsize::new(0),
            time,
            counters: Counters::default(),
            ended: Ended::default(),
        };
        Ok(Self { shared: Arc::new(shared), name: "bulkhead".into() })
    }

    /// Names it, for the registry of components; `bulkhead` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// assert_eq!(Bulkhead::new(BulkheadConfig::default())?.named("disk").name(), "disk");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Takes a place now, for something of this weight, if there is room and nobody waits for it.
    ///
    /// # Errors
    /// [`Full::Busy`], or [`Full::TooHeavy`] for what there never is room for.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(2))?;
    /// let inside = bulkhead.try_acquire(2).unwrap();
    /// assert!(bulkhead.try_acquire(1).is_err());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_acquire(&self, weight: usize) -> Result<BulkheadPermit, Full> {
        self.shared.try_enter(weight).map_err(|full| match full {
            Full::Busy => self.shared.refused(full),
            counted => counted,
        })
    }

    /// Takes a place for something of this weight, waiting in line as the settings allow.
    ///
    /// # Cancel safety
    /// Dropped or stopped before it is done, it has taken nothing, and those behind it move up.
    ///
    /// # Errors
    /// At once [`Full::TooHeavy`], [`Full::QueueFull`], and [`Full::Busy`] where there is no queue; later
    /// [`Full::WaitedTooLong`] and [`Full::Stopped`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::{BulkheadConfig, Full};
    ///
    /// let max_wait = Some(Duration::from_millis(1));
    /// let config = BulkheadConfig { max_concurrent: 1, max_wait, ..BulkheadConfig::default() };
    /// let bulkhead = Bulkhead::new(config)?;
    /// let inside = bulkhead.acquire(1).block().unwrap();
    /// let refused = bulkhead.acquire(1).block().unwrap_err();
    /// assert_eq!(refused, Full::WaitedTooLong { waited: Duration::from_millis(1) });
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn acquire(&self, weight: usize) -> Op<EnterBulkhead> {
        Op::new(EnterBulkhead::new(self.shared.clone(), weight))
    }

    /// How much room there is now.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// assert_eq!(Bulkhead::new(BulkheadConfig::without_queue(2))?.available(), 2);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn available(&self) -> usize {
        self.shared.places.available()
    }

    /// How many wait for a place.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// assert_eq!(Bulkhead::new(BulkheadConfig::default())?.queue_len(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn queue_len(&self) -> usize {
        self.shared.waiting.load(Ordering::Relaxed)
    }

    /// Whether a call that comes now is let in, or may wait.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(1))?;
    /// assert!(bulkhead.is_healthy());
    /// let inside = bulkhead.try_acquire(1).unwrap();
    /// assert!(!bulkhead.is_healthy());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        let waiting = self.queue_len();
        (waiting == 0 && self.available() > 0) || waiting < self.config().max_queue
    }

    /// The settings.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let config = BulkheadConfig::without_queue(2);
    /// assert_eq!(Bulkhead::new(config)?.config(), config);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn config(&self) -> BulkheadConfig {
        self.shared.config()
    }

    /// Changes the settings for all clones. Where fewer may be inside than are, nobody gets in until enough
    /// have left. Those who wait keep their place and the time they may wait.
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(2))?;
    /// let inside = bulkhead.try_acquire(2).unwrap();
    /// bulkhead.reconfigure(BulkheadConfig::without_queue(1))?;
    /// assert_eq!(bulkhead.available(), 0);
    /// drop(inside);
    /// assert_eq!(bulkhead.available(), 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reconfigure(&self, config: BulkheadConfig) -> Result<(), InvalidConfig> {
        config.validate()?;
        *lock(&self.shared.config) = config;
        // Those who wait are called here, so not under the lock.
        self.shared.places.resize(config.max_concurrent);
        Ok(())
    }

    /// Changes how many may be inside at once: see [`reconfigure`](Self::reconfigure).
    ///
    /// # Errors
    /// If that is none, or more than can be counted.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::default())?;
    /// bulkhead.resize(3)?;
    /// assert_eq!(bulkhead.available(), 3);
    /// assert!(bulkhead.resize(0).is_err());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn resize(&self, max_concurrent: usize) -> Result<(), InvalidConfig> {
        self.reconfigure(BulkheadConfig { max_concurrent, ..self.config() })
    }

    /// What has been counted.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// assert_eq!(Bulkhead::new(BulkheadConfig::default())?.metrics().admitted, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> BulkheadMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all clones.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::default())?;
    /// drop(bulkhead.try_acquire(1));
    /// bulkhead.reset_metrics();
    /// assert_eq!(bulkhead.metrics().admitted, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
