use std::sync::Arc;
use std::time::Duration;

use gonex_core::Clock;
use gonex_core::primitive::{Mutex, lock};

use super::counters::Counters;
use super::events::Log;
use super::machine::{End, Machine};
use super::word::{Entry, Word};
use super::{
    BreakerConfig, BreakerEvents, BreakerPermit, BreakerState, By, Dropped, ErrorsFail, Open,
    Outcome,
};
use crate::InvalidConfig;
use crate::moment::Time;
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
    /// What calls read instead of taking the lock.
    word: Word,
    pub(super) time: Arc<Time>,
    pub(super) counters: Arc<Counters>,
    pub(super) log: Arc<Log>,
    pub(super) ended: Ended,
}

/// What is known of a call that was let in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Admitted {
    pub(super) generation: u64,
    /// When, where it is asked how long calls take.
    pub(super) began: Option<u64>,
}

impl Shared {
    pub(super) fn new(
        config: BreakerConfig,
        time: Arc<Time>,
        counters: Arc<Counters>,
    ) -> Result<Arc<Self>, InvalidConfig> {
        config.validate()?;
        let machine = Machine::new(config);
        Ok(Arc::new(Self {
            word: Word::of(&machine),
            machine: Mutex::new(machine),
            time,
            counters,
            log: Log::new(),
            ended: Ended::default(),
        }))
    }

    /// Does something with the machine, and tells of the transitions that came of it.
    pub(super) fn with<T>(&self, body: impl FnOnce(&mut Machine, u64) -> T) -> T {
        self.with_at(self.time.now(), body)
    }

    fn with_at<T>(&self, now: u64, body: impl FnOnce(&mut Machine, u64) -> T) -> T {
        let (result, newest) = {
            let mut machine = lock(&self.machine);
            machine.succeeded(self.word.take(), now);
            let result = body(&mut machine, now);
            let newest = if machine.transitions.is_empty() {
                None
            } else {
                let opens = |(_, to, ..): &&(_, BreakerState, _, _)| *to == BreakerState::Open;
                let opened = machine.transitions.iter().filter(opens).count();
                self.counters.opened.add(opened as u64);
                Some(self.log.write(machine.transitions.drain(..)))
            };
            self.word.write(&machine);
            (result, newest)
        };
        if let Some(newest) = newest {
            self.log.tell(newest);
        }
        result
    }

    /// Whether a new one could take its place. It asks no clock, and tells nobody: who asks may hold a lock.
    pub(super) fn is_new(&self, now: u64) -> bool {
        let mut machine = lock(&self.machine);
        self.word.waiting() == 0 && machine.is_new(now)
    }

    /// Lets a call in, or says why not.
    #[inline]
    pub(super) fn admit(&self) -> Result<Admitted, Open> {
        let admitted = match self.word.entry() {
            Entry::Admits(generation) => Ok(generation),
            entry => self.admit_by_time(entry),
        };
        match admitted {
            Ok(generation) => {
                self.counters.permitted.add(1);
                // Nobody asks how long a call takes where none is slow.
                let began = self.word.slow().map(|_| self.time.now());
                Ok(Admitted { generation, began })
            }
            Err(open) => {
                self.counters.refused.add(1);
                Err(open)
            }
        }
    }

    fn admit_by_time(&self, entry: Entry) -> Result<u64, Open> {
        let now = self.time.now();
        match entry {
            Entry::Refuses(until) if now < until => {
                let retry_after = Some(Duration::from_nanos(until - now));
                Err(Open { state: BreakerState::Open, retry_after })
            }
            _ => self.with_at(now, Machine::admit),
        }
    }

    /// Takes note of a call that ended with a result.
    #[inline]
    pub(super) fn ended(&self, call: Admitted, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Success => &self.counters.succeeded,
            Outcome::Failure => &self.counters.failed,
            Outcome::Ignored => &self.counters.ignored,
        };
        counter.add(1);
        let known = match (call.began, outcome) {
            (None, Outcome::Success) => self.word.succeeds(call.generation),
            (None, Outcome::Ignored) => self.word.ignores(call.generation),
            _ => false,
        };
        if !known {
            self.ended_slowly(call, outcome);
        }
    }

    fn ended_slowly(&self, call: Admitted, outcome: Outcome) {
        let now = self.time.now();
        let took = call.began.map_or(0, |began| now.saturating_sub(began));
        self.counters.total_time.add(took);
        let slow = self.word.slow().is_some_and(|slow| took > slow);
        if slow && outcome != Outcome::Ignored {
            self.counters.slow.add(1);
        } else if outcome == Outcome::Success && self.word.succeeds(call.generation) {
            return;
        }
        let took = Duration::from_nanos(took);
        self.end(call.generation, now, |_| match outcome {
            Outcome::Ignored => End::Ignored,
            _ => End::Counts { failed: outcome == Outcome::Failure, took },
        });
    }

    /// Takes note of a call that ended without a result.
    pub(super) fn dropped(&self, call: Admitted) {
        self.counters.dropped.add(1);
        // How long it took until it was dropped says nothing about who was called.
        let took = Duration::ZERO;
        self.end(call.generation, self.time.now(), |config| match config.dropped {
            Dropped::Ignore => End::Ignored,
            Dropped::Rate => End::Counts { failed: false, took },
            Dropped::Failure => End::Counts { failed: true, took },
        });
    }

    fn end(&self, generation: u64, now: u64, end: impl FnOnce(&BreakerConfig) -> End) {
        let current = self.with_at(now, |machine, now| {
            let end = end(&machine.config);
            machine.end(generation, end, now)
        });
        if !current {
            self.counters.stale.add(1);
        }
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
        Ok(BreakerPermit::new(self.shared.clone(), self.shared.admit()?))
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
