use std::sync::Arc;
use std::time::Duration;

use gonex_core::Clock;
use gonex_core::primitive::{Mutex, lock};

use super::counters::Counters;
use super::events::Log;
use super::machine::{End, Machine};
use super::{
    BreakerConfig, BreakerEvents, BreakerPermit, BreakerState, By, ErrorsFail, Open, Outcome,
};
use crate::InvalidConfig;
use crate::moment::{Time, nanos};
use crate::part::Ended;

/// Does not call what is known to fail; clones share their state.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::ManualClock;
/// use gonex_resilience::{CallError, CircuitBreaker};
/// use gonex_resilience::breaker::{BreakerConfig, BreakerState};
///
/// let clock = Arc::new(ManualClock::new());
/// let breaker = CircuitBreaker::with_clock(BreakerConfig::consecutive(3), clock.clone())?;
/// for _ in 0..3 {
///     assert_eq!(breaker.call(|| Err::<(), _>("down")).block(), Err(CallError::Failed("down")));
/// }
/// let refused = breaker.call(|| Ok::<_, &str>(7)).block().unwrap_err();
/// assert_eq!(refused.refusal().unwrap().retry_after, Some(Duration::from_secs(60)));
///
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(breaker.call(|| async { Ok::<_, &str>(7) }).block(), Ok(7), "a probe");
/// assert_eq!(breaker.state(), BreakerState::Closed);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
///
/// `C` tells failures from successes: every error is one, unless [`classify`](Self::classify) says
/// otherwise.
#[derive(Clone, Debug)]
pub struct CircuitBreaker<C = ErrorsFail> {
    pub(super) shared: Arc<Shared>,
    pub(super) name: Arc<str>,
    pub(super) classify: C,
}

/// What clones share.
#[derive(Debug)]
pub(super) struct Shared {
    /// No user code runs under it; the log's lock is taken inside it.
    machine: Mutex<Machine>,
    pub(super) time: Arc<Time>,
    pub(super) counters: Arc<Counters>,
    pub(super) log: Arc<Log>,
    pub(super) ended: Ended,
}

impl Shared {
    pub(super) fn new(
        config: BreakerConfig,
        time: Arc<Time>,
        counters: Arc<Counters>,
    ) -> Result<Arc<Self>, InvalidConfig> {
        config.validate()?;
        Ok(Arc::new(Self {
            machine: Mutex::new(Machine::new(config)),
            time,
            counters,
            log: Log::new(),
            ended: Ended::default(),
        }))
    }

    /// Does something with the machine, and tells of the transitions that came of it.
    pub(super) fn with<T>(&self, body: impl FnOnce(&mut Machine, u64) -> T) -> T {
        let now = self.time.now();
        let (result, newest) = {
            let mut machine = lock(&self.machine);
            let result = body(&mut machine, now);
            let newest = if machine.transitions.is_empty() {
                None
            } else {
                let opens = |(_, to, ..): &&(_, BreakerState, _, _)| *to == BreakerState::Open;
                let opened = machine.transitions.iter().filter(opens).count();
                self.counters.opened.add(opened as u64);
                Some(self.log.write(machine.transitions.drain(..)))
            };
            (result, newest)
        };
        if let Some(newest) = newest {
            self.log.tell(newest);
        }
        result
    }

    /// Whether a new one could take its place. It asks no clock, and tells nobody: who asks may hold a lock.
    pub(super) fn is_new(&self, now: u64) -> bool {
        lock(&self.machine).is_new(now)
    }

    pub(super) fn admit(self: &Arc<Self>) -> Result<BreakerPermit, Open> {
        match self.with(|machine, now| machine.admit(now).map(|generation| (generation, now))) {
            Ok((generation, began)) => {
                self.counters.permitted.add(1);
                Ok(BreakerPermit::new(self.clone(), generation, began))
            }
            Err(open) => {
                self.counters.refused.add(1);
                Err(open)
            }
        }
    }

    pub(super) fn end(&self, generation: u64, end: impl FnOnce(&BreakerConfig, u64) -> End) {
        let (current, slow) = self.with(|machine, now| {
            let end = end(&machine.config, now);
            let slow = match (end, machine.config.slow_call) {
                (End::Counts { took, .. }, Some(slow)) => took > slow,
                _ => false,
            };
            (machine.end(generation, end, now), slow)
        });
        if slow {
            self.counters.slow.add(1);
        }
        if !current {
            self.counters.stale.add(1);
        }
    }

    pub(super) fn took(&self, took: Duration) {
        self.counters.total_time.add(nanos(took));
    }
}

/// Making one.
impl CircuitBreaker {
    /// Makes a breaker that is closed, and whose time is that of the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// assert!(CircuitBreaker::new(BreakerConfig::default())?.is_closed());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn new(config: BreakerConfig) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::seam())
    }

    /// Makes a breaker that asks this clock. Should it go back, the latest it told counts.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::SystemClock;
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::with_clock(BreakerConfig::default(), Arc::new(SystemClock))?;
    /// assert!(breaker.is_closed());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(config: BreakerConfig, clock: Arc<dyn Clock>) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::of(clock))
    }

    fn timed(config: BreakerConfig, time: Time) -> Result<Self, InvalidConfig> {
        let name = "circuit breaker".into();
        Ok(Self {
            shared: Shared::new(config, Arc::new(time), Arc::default())?,
            name,
            classify: ErrorsFail,
        })
    }
}

impl<C> CircuitBreaker<C> {
    /// Names it, for the registry of components; `circuit breaker` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?.named("search");
    /// assert_eq!(breaker.name(), "search");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Tells failures from successes by a function, which sees values and errors. State and metrics are
    /// those of this breaker.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::{BreakerConfig, Outcome};
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1))?.classify(
    ///     |answer: &Result<u16, &str>| match answer {
    ///         Ok(500..) => Outcome::Failure,
    ///         Err(error) if *error == "no such page" => Outcome::Ignored,
    ///         Ok(_) => Outcome::Success,
    ///         Err(_) => Outcome::Failure,
    ///     },
    /// );
    /// assert!(breaker.call(|| Err("no such page")).block().is_err());
    /// assert!(breaker.is_closed());
    /// assert_eq!(breaker.call(|| Ok(503)).block(), Ok(503));
    /// assert!(breaker.is_open());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn classify<T, E>(
        self,
        rule: impl Fn(&Result<T, E>) -> Outcome + Send + Sync + 'static,
    ) -> CircuitBreaker<By<T, E>> {
        CircuitBreaker { shared: self.shared, name: self.name, classify: By::new(rule) }
    }

    /// Lets something in that is no closure; its permit says in the end how it went.
    ///
    /// # Errors
    /// [`Open`] says when it is worth trying again.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.try_acquire().unwrap().success();
    /// assert_eq!(breaker.metrics().succeeded, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_acquire(&self) -> Result<BreakerPermit, Open> {
        self.shared.admit()
    }

    /// The events from now on, in their order.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// let mut events = breaker.events();
    /// breaker.disable();
    /// breaker.disable();
    /// assert!(events.try_recv().is_some());
    /// assert!(events.try_recv().is_none(), "it was disabled already");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn events(&self) -> BreakerEvents {
        BreakerEvents::new(self.shared.log.clone())
    }
}
