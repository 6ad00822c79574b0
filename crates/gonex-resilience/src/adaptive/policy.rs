use std::sync::Arc;

use gonex_core::primitive::atomic::{AtomicUsize, Ordering};
use gonex_core::primitive::{Mutex, lock};
use gonex_core::{Clock, Op};

use super::counters::Counters;
use super::estimator::{Estimator, Moved};
use super::window::Sample;
use super::{AdaptiveConfig, AdaptivePermit, EnterAdaptive};
use crate::breaker::{By, Classify, Outcome};
use crate::bulkhead::{BulkheadPermit, Full};
use crate::moment::Time;
use crate::part::Ended;
use crate::{Bulkhead, InvalidConfig};

/// Lets no more in at once than is good for who is called, and finds out how many that are; clones share
/// their state.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::ManualClock;
/// use gonex_resilience::AdaptiveLimit;
/// use gonex_resilience::adaptive::{AdaptiveConfig, Algorithm};
///
/// let clock = Arc::new(ManualClock::new());
/// let config = AdaptiveConfig {
///     algorithm: Algorithm::aimd(),
///     window_samples: 1,
///     window: Duration::from_nanos(1),
///     ..AdaptiveConfig::default()
/// };
/// let limit = AdaptiveLimit::with_clock(config, clock.clone())?;
/// for _ in 0..2 {
///     limit.try_acquire().unwrap().dropped();
///     clock.advance(Duration::from_millis(1));
/// }
/// assert_eq!(limit.limit(), 18, "nine tenths");
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
///
/// `C` tells which results count: an error does not, unless [`classify`](Self::classify) says otherwise.
#[derive(Clone, Debug)]
pub struct AdaptiveLimit<C = ErrorsIgnored> {
    pub(super) shared: Arc<Shared>,
    pub(super) name: Arc<str>,
    pub(super) classify: C,
}

/// How long a call took counts if it succeeded; an error says nothing about how busy the service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorsIgnored;

impl<T, E> Classify<T, E> for ErrorsIgnored {
    fn classify(&self, result: &Result<T, E>) -> Outcome {
        if result.is_ok() { Outcome::Success } else { Outcome::Ignored }
    }
}

/// What clones share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Lets calls in; as large as the limit.
    pub(super) entry: Bulkhead,
    /// How many run. It orders nothing: samples carry it.
    pub(super) running: AtomicUsize,
    /// No user code runs under it.
    pub(super) estimator: Mutex<Estimator>,
    pub(super) time: Time,
    pub(super) counters: Counters,
    pub(super) ended: Ended,
}

impl Shared {
    pub(super) fn enter(&self) -> usize {
        self.running.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn leave(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn admitted(
        self: &Arc<Self>,
        entered: Result<BulkheadPermit, Full>,
    ) -> Result<AdaptivePermit, Full> {
        match entered {
            Ok(place) => {
                self.counters.admitted.add(1);
                Ok(AdaptivePermit::new(self.clone(), place))
            }
            // It was not refused: it went away.
            Err(full @ Full::Stopped(_)) => Err(full),
            Err(full) => {
                self.counters.refused.add(1);
                Err(full)
            }
        }
    }

    pub(super) fn sample(&self, sample: Sample) {
        let moved = lock(&self.estimator).sample(sample);
        if let Some(Moved { from, to }) = moved
            && from != to
        {
            let counter = if to > from { &self.counters.raised } else { &self.counters.lowered };
            counter.add(1);
            self.apply();
        }
    }

    /// Makes the entry as large as the limit. Who waits there is called, so not under the lock; where another
    /// thread has moved the limit meanwhile, the last one to look makes it as large as it is then.
    pub(super) fn apply(&self) {
        loop {
            let (limit, config) = {
                let estimator = lock(&self.estimator);
                (estimator.limit(), estimator.config)
            };
            let resized = self.entry.reconfigure(config.entry(limit));
            debug_assert!(resized.is_ok(), "the settings have been looked at");
            let estimator = lock(&self.estimator);
            if estimator.limit() == limit && estimator.config == config {
                return;
            }
        }
    }
}

/// Making one.
impl AdaptiveLimit {
    /// Makes one whose time is that of the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// assert_eq!(AdaptiveLimit::new(AdaptiveConfig::default())?.limit(), 20);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn new(config: AdaptiveConfig) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::seam())
    }

    /// Makes one that measures calls by this clock. Should it go back, the latest it told counts. Waiting
    /// itself goes by the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::SystemClock;
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::with_clock(AdaptiveConfig::default(), Arc::new(SystemClock))?;
    /// assert_eq!(limit.running(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(
        config: AdaptiveConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::of(clock))
    }

    fn timed(config: AdaptiveConfig, time: Time) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let shared = Shared {
            entry: Bulkhead::new(config.entry(config.initial_limit))?,
            running: AtomicUsize::new(0),
            estimator: Mutex::new(Estimator::new(config)),
            time,
            counters: Counters::default(),
            ended: Ended::default(),
        };
        let name = "adaptive limit".into();
        Ok(Self { shared: Arc::new(shared), name, classify: ErrorsIgnored })
    }
}

impl<C> AdaptiveLimit<C> {
    /// Names it, for the registry of components; `adaptive limit` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?.named("search");
    /// assert_eq!(limit.name(), "search");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Tells by a function which results count: [`Outcome::Success`] has its time count,
    /// [`Outcome::Failure`] was too much for the service, [`Outcome::Ignored`] says nothing. State and metrics
    /// are those of this limit.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    /// use gonex_resilience::breaker::Outcome;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?.classify(
    ///     |answer: &Result<u16, &str>| match answer {
    ///         Ok(429 | 503) => Outcome::Failure,
    ///         Ok(_) => Outcome::Success,
    ///         Err(_) => Outcome::Ignored,
    ///     },
    /// );
    /// assert_eq!(limit.call(|| Ok(503)).block(), Ok(503));
    /// assert_eq!(limit.metrics().dropped, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn classify<T, E>(
        self,
        rule: impl Fn(&Result<T, E>) -> Outcome + Send + Sync + 'static,
    ) -> AdaptiveLimit<By<T, E>> {
        AdaptiveLimit { shared: self.shared, name: self.name, classify: By::new(rule) }
    }

    /// Lets something in that is no closure, if there is a place now; its permit says in the end how it went.
    ///
    /// # Errors
    /// [`Full::Busy`].
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let config = AdaptiveConfig { initial_limit: 1, ..AdaptiveConfig::default() };
    /// let limit = AdaptiveLimit::new(config)?;
    /// let inside = limit.try_acquire().unwrap();
    /// assert!(limit.try_acquire().is_err());
    /// inside.success();
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_acquire(&self) -> Result<AdaptivePermit, Full> {
        self.shared.admitted(self.shared.entry.try_acquire(1))
    }

    /// Lets something in that is no closure, waiting in line as the settings allow.
    ///
    /// # Cancel safety
    /// Dropped or stopped before it is done, it has taken nothing, and those behind it move up.
    ///
    /// # Errors
    /// At once [`Full::QueueFull`], and [`Full::Busy`] where there is no queue; later
    /// [`Full::WaitedTooLong`] and [`Full::Stopped`].
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// limit.acquire().block().unwrap().success();
    /// assert_eq!(limit.metrics().admitted, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn acquire(&self) -> Op<EnterAdaptive> {
        Op::new(EnterAdaptive::new(self.shared.clone()))
    }
}
