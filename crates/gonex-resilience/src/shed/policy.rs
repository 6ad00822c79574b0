use std::sync::Arc;
use std::time::Duration;

use gonex_core::Clock;
use gonex_core::primitive::atomic::{AtomicUsize, Ordering};
use gonex_core::primitive::{Mutex, lock};

use super::codel::Codel;
use super::counters::Counters;
use super::{Priority, Shed, ShedConfig};
use crate::InvalidConfig;
use crate::moment::{Time, nanos};
use crate::part::Ended;

/// Refuses what matters least while there is too much; clones share their state.
///
/// ```
/// use gonex_resilience::{CallError, LoadShedder};
/// use gonex_resilience::shed::{Priority, ShedConfig};
///
/// let shedder = LoadShedder::new(ShedConfig { max_running: Some(4), ..ShedConfig::default() })?;
/// let _two = [shedder.try_acquire(Priority::Low)?, shedder.try_acquire(Priority::Low)?];
/// let report = shedder.call(Priority::Low, || Ok::<_, ()>("a report")).block();
/// assert!(matches!(report, Err(CallError::Refused(_))), "half of the places are for others");
/// assert_eq!(shedder.call(Priority::High, || Ok::<_, ()>("a page")).block(), Ok("a page"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoadShedder {
    pub(super) shared: Arc<Shared>,
    pub(super) name: Arc<str>,
}

/// What clones share.
#[derive(Debug)]
pub(super) struct Shared {
    /// How many run. Who comes adds itself while there is a place, and who goes takes itself away; it orders
    /// nothing else.
    pub(super) running: AtomicUsize,
    /// No user code runs under it.
    pub(super) state: Mutex<State>,
    pub(super) time: Time,
    pub(super) counters: Counters,
    pub(super) ended: Ended,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) config: ShedConfig,
    pub(super) codel: Codel,
}

/// A call that a load shedder has let in; its place is free when this is dropped.
///
/// ```
/// use gonex_resilience::LoadShedder;
/// use gonex_resilience::shed::{Priority, ShedConfig};
///
/// let shedder = LoadShedder::new(ShedConfig::default())?;
/// let inside = shedder.try_acquire(Priority::Normal).unwrap();
/// assert_eq!((shedder.running(), inside.priority()), (1, Priority::Normal));
/// drop(inside);
/// assert_eq!(shedder.running(), 0);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it frees the place"]
pub struct ShedPermit {
    shared: Arc<Shared>,
    priority: Priority,
}

impl ShedPermit {
    /// The priority of the call.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// assert_eq!(shedder.try_acquire(Priority::Low).unwrap().priority(), Priority::Low);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.priority
    }
}

impl Drop for ShedPermit {
    fn drop(&mut self) {
        self.shared.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// However a call ends, its place is free then.
impl<T, E> crate::call::Settle<T, E> for ShedPermit {
    fn settle(self, _: &Result<T, E>) {}
}

impl Shared {
    pub(super) fn admit(
        self: &Arc<Self>,
        priority: Priority,
        delay: Duration,
    ) -> Result<ShedPermit, Shed> {
        let now = self.time.now();
        let (level, config) = {
            let mut state = lock(&self.state);
            let config = state.config;
            (state.codel.level(nanos(delay), now, &config), config)
        };
        if let Some(target) = config.target
            && priority.rank() < level
        {
            self.counters.late.add(priority);
            let retry_after = config.interval;
            return Err(Shed::Late { priority, delay, target, retry_after });
        }
        let places = config.places(priority).unwrap_or(usize::MAX);
        let entered = self.running.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |running| {
            (running < places).then_some(running + 1)
        });
        match entered {
            Ok(_) => {
                self.counters.admitted.add(priority);
                Ok(ShedPermit { shared: self.clone(), priority })
            }
            Err(running) => {
                self.counters.full.add(priority);
                Err(Shed::Full { priority, running, places })
            }
        }
    }
}

impl LoadShedder {
    /// Makes one whose time is that of the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::ShedConfig;
    ///
    /// assert_eq!(LoadShedder::new(ShedConfig::default())?.running(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn new(config: ShedConfig) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::seam())
    }

    /// Makes one that asks this clock. Should it go back, the latest it told counts.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::SystemClock;
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::ShedConfig;
    ///
    /// let shedder = LoadShedder::with_clock(ShedConfig::default(), Arc::new(SystemClock))?;
    /// assert_eq!(shedder.running(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(config: ShedConfig, clock: Arc<dyn Clock>) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::of(clock))
    }

    fn timed(config: ShedConfig, time: Time) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let shared = Shared {
            running: AtomicUsize::new(0),
            state: Mutex::new(State { config, codel: Codel::default() }),
            time,
            counters: Counters::default(),
            ended: Ended::default(),
        };
        Ok(Self { shared: Arc::new(shared), name: "load shedder".into() })
    }

    /// Names it, for the registry of components; `load shedder` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::ShedConfig;
    ///
    /// assert_eq!(LoadShedder::new(ShedConfig::default())?.named("front").name(), "front");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Lets something in that is no closure, and has not waited for anything.
    ///
    /// # Errors
    /// [`Shed`] says why not.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// assert!(shedder.try_acquire(Priority::Normal).is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_acquire(&self, priority: Priority) -> Result<ShedPermit, Shed> {
        self.try_acquire_after(priority, Duration::ZERO)
    }

    /// Lets something in that has waited for so long, in a queue or on its way.
    ///
    /// # Errors
    /// [`Shed`] says why not.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gonex_core::ManualClock;
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let clock = Arc::new(ManualClock::new());
    /// let config = ShedConfig::by_delay(Duration::from_millis(50));
    /// let shedder = LoadShedder::with_clock(config, clock.clone())?;
    /// let late = Duration::from_millis(51);
    /// assert!(shedder.try_acquire_after(Priority::Low, late).is_ok(), "it may pass");
    /// clock.advance(Duration::from_millis(100));
    /// assert!(shedder.try_acquire_after(Priority::Low, late).is_err());
    /// assert!(shedder.try_acquire_after(Priority::Normal, late).is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_acquire_after(
        &self,
        priority: Priority,
        delay: Duration,
    ) -> Result<ShedPermit, Shed> {
        self.shared.admit(priority, delay)
    }
}
