//! The state machine of a breaker. It is told the time, and does nothing but count.

use std::fmt;
use std::time::Duration;

use super::events::EventKind;
use super::probes::{Finding, Probes};
use super::window::{Sum, Window};
use super::word::Way;
use super::{BreakerConfig, HalfOpen, WindowKind};
use crate::moment::nanos;

/// The state of a breaker.
///
/// ```
/// use gonex_resilience::CircuitBreaker;
/// use gonex_resilience::breaker::{BreakerConfig, BreakerState};
///
/// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
/// assert_eq!(breaker.state(), BreakerState::Closed);
/// breaker.force_open();
/// assert_eq!(breaker.state().to_string(), "forced open");
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// All calls are let in, and looked at.
    Closed,
    /// No call is let in, until the break is over.
    Open,
    /// Some calls are let in, to find out.
    HalfOpen,
    /// No call is let in, until somebody says otherwise; time does not count.
    ForcedOpen,
    /// All calls are let in, and nothing is looked at.
    Disabled,
    /// All calls are let in and looked at, and it never opens.
    MetricsOnly,
}

impl BreakerState {
    /// Whether calls are refused: it is open, by itself or by force.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::ForcedOpen)
    }
}

impl fmt::Display for BreakerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half open",
            Self::ForcedOpen => "forced open",
            Self::Disabled => "disabled",
            Self::MetricsOnly => "metrics only",
        })
    }
}

/// Why a breaker does not let a call in.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::CircuitBreaker;
/// use gonex_resilience::breaker::BreakerConfig;
///
/// let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1))?;
/// breaker.try_acquire().unwrap().failure();
/// let open = breaker.try_acquire().unwrap_err();
/// assert!(open.retry_after.is_some_and(|after| after > Duration::from_secs(50)));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Open {
    /// The state it is in: open, forced open, or half open with all its probes out.
    pub state: BreakerState,
    /// How long from now a call may be let in; `None` where time alone does not tell.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not called: the circuit breaker is {}", self.state)?;
        match self.retry_after {
            Some(after) => write!(f, "; try again in {after:?}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Open {}

/// What is known of the end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It counts, as a success or a failure.
    Counts { failed: bool, took: Duration },
    /// It does not count, and its place is free.
    Ignored,
}

#[derive(Debug)]
enum Phase {
    Closed,
    /// Until this moment.
    Open {
        until: u64,
    },
    HalfOpen {
        since: u64,
        probes: Probes,
    },
    ForcedOpen,
    Disabled,
    MetricsOnly,
}

#[derive(Debug)]
pub(super) struct Machine {
    pub(super) config: BreakerConfig,
    phase: Phase,
    window: Window,
    /// Grows with each transition; permits carry it.
    generation: u64,
    /// How often it has opened since it was last closed.
    attempt: u32,
    /// The latest moment told.
    latest: u64,
    /// The transitions that nobody has been told of yet.
    pub(super) transitions: Vec<(BreakerState, BreakerState, EventKind, u64)>,
}

impl Machine {
    pub(super) fn new(config: BreakerConfig) -> Self {
        let window = Window::new(config.window);
        Self {
            config,
            phase: Phase::Closed,
            window,
            generation: 0,
            attempt: 0,
            latest: 0,
            transitions: Vec::new(),
        }
    }

    pub(super) fn state(&self) -> BreakerState {
        match self.phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { .. } => BreakerState::Open,
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
            Phase::ForcedOpen => BreakerState::ForcedOpen,
            Phase::Disabled => BreakerState::Disabled,
            Phase::MetricsOnly => BreakerState::MetricsOnly,
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Lets a call in, which then carries the generation.
    pub(super) fn admit(&mut self, now: u64) -> Result<u64, Open> {
        let now = self.pass(now);
        if let Phase::Open { until } = self.phase {
            if now < until {
                let retry_after = Some(Duration::from_nanos(until - now));
                return Err(Open { state: BreakerState::Open, retry_after });
            }
            let probes = Probes::default();
            self.enter(Phase::HalfOpen { since: now, probes }, EventKind::BreakOver);
        }
        match &mut self.phase {
            Phase::HalfOpen { probes, .. } => {
                if !probes.admits(self.config.half_open) {
                    return Err(Open { state: BreakerState::HalfOpen, retry_after: None });
                }
                probes.running += 1;
            }
            Phase::ForcedOpen => {
                return Err(Open { state: BreakerState::ForcedOpen, retry_after: None });
            }
            _ => {}
        }
        Ok(self.generation)
    }

    /// Takes note of the end of a call; says whether it was of this generation.
    pub(super) fn end(&mut self, generation: u64, end: End, now: u64) -> bool {
        let now = self.pass(now);
        if generation != self.generation {
            return false;
        }
        let slow_call = self.config.slow_call;
        let counted = match end {
            End::Counts { failed, took } => {
                Some(Sum::one(failed, slow_call.is_some_and(|slow| took > slow)))
            }
            End::Ignored => None,
        };
        match &mut self.phase {
            Phase::Closed | Phase::MetricsOnly => {
                if let Some(call) = counted {
                    self.window.record(call, now);
                    self.judge(now);
                }
            }
            Phase::HalfOpen { probes, .. } => {
                probes.running = probes.running.saturating_sub(1);
                if let Some(call) = counted {
                    probes.record(call, self.config.half_open);
                }
                match probes.finding(&self.config) {
                    Finding::Unknown => {}
                    Finding::Close => self.close(EventKind::Recovered),
                    Finding::Open => self.open(now, EventKind::StillFailing),
                }
            }
            Phase::Open { .. } | Phase::ForcedOpen | Phase::Disabled => {}
        }
        true
    }

    /// Takes note of successes of this generation that waited in the word.
    pub(super) fn succeeded(&mut self, calls: u64, now: u64) {
        for _ in 0..calls {
            self.window.record(Sum::one(false, false), now);
        }
    }

    /// How calls are let in and end, as far as the lock need not be taken for it.
    pub(super) fn way(&self) -> Way {
        match self.phase {
            Phase::Open { until } => Way::Refuses { until },
            Phase::Disabled => Way::Keeps,
            Phase::HalfOpen { .. } | Phase::ForcedOpen => Way::Asks,
            Phase::Closed | Phase::MetricsOnly if self.window.keeps_successes() => Way::Keeps,
            Phase::Closed | Phase::MetricsOnly => match self.config.window {
                WindowKind::Count { .. } if !self.may_open_by_a_success() => Way::Counts,
                _ => Way::Admits,
            },
        }
    }

    /// Whether a success that is no slow one could open it, in a window of the latest calls: by being the
    /// first of which a rate is taken, or by settings that have changed. Else it only makes rates smaller.
    fn may_open_by_a_success(&self) -> bool {
        let sum = self.window.known();
        let by_rates = || {
            sum.rates().is_none_or(|(failed, slow)| {
                failed >= self.config.failure_rate || slow >= self.config.slow_rate
            })
        };
        matches!(self.phase, Phase::Closed)
            && (sum.failures > 0 || sum.slow > 0)
            && (sum.calls < self.config.minimum_calls || by_rates())
    }

    /// Opens if what is in the window says so.
    fn judge(&mut self, now: u64) {
        let sum = self.window.sum(now);
        if !matches!(self.phase, Phase::Closed) {
            return;
        }
        if let WindowKind::Consecutive { failures } = self.config.window {
            if sum.failures >= failures {
                self.open(now, EventKind::TooManyFailures);
            }
        } else if sum.calls >= self.config.minimum_calls
            && let Some((failed, slow)) = sum.rates()
        {
            if failed >= self.config.failure_rate {
                self.open(now, EventKind::TooManyFailures);
            } else if slow >= self.config.slow_rate {
                self.open(now, EventKind::TooSlow);
            }
        }
    }

    /// Moves on to a moment, or to the latest one known, and ends what has lasted too long.
    fn pass(&mut self, now: u64) -> u64 {
        self.latest = self.latest.max(now);
        if let (Phase::HalfOpen { since, .. }, Some(most)) =
            (&self.phase, self.config.max_half_open)
            && self.latest - since >= nanos(most)
        {
            self.open(self.latest, EventKind::NoDecision);
        }
        self.latest
    }

    fn open(&mut self, now: u64, why: EventKind) {
        self.attempt = self.attempt.saturating_add(1);
        let until = now.saturating_add(nanos(self.config.break_of(self.attempt)));
        self.enter(Phase::Open { until }, why);
    }

    fn close(&mut self, why: EventKind) {
        self.attempt = 0;
        self.enter(Phase::Closed, why);
    }

    /// Moves to another state. To move to the one that is there is silent, and changes nothing but what
    /// the state itself holds.
    fn enter(&mut self, phase: Phase, why: EventKind) {
        let before = self.state();
        self.phase = phase;
        self.window.clear();
        // Also where the state is the same: what was let in before belongs to what was forgotten.
        self.generation += 1;
        let after = self.state();
        if before != after {
            self.transitions.push((before, after, why, self.latest));
        }
    }

    pub(super) fn force(&mut self, state: BreakerState, now: u64) {
        self.pass(now);
        let phase = match state {
            BreakerState::ForcedOpen => Phase::ForcedOpen,
            BreakerState::Disabled => Phase::Disabled,
            BreakerState::MetricsOnly => Phase::MetricsOnly,
            BreakerState::Closed => return self.close(EventKind::Forced),
            BreakerState::Open => return self.open(self.latest, EventKind::Forced),
            BreakerState::HalfOpen => {
                Phase::HalfOpen { since: self.latest, probes: Probes::default() }
            }
        };
        self.enter(phase, EventKind::Forced);
    }

    /// Goes by other settings from now on. The state stays, and what is in the window is forgotten if
    /// that is another one.
    pub(super) fn reconfigure(&mut self, config: BreakerConfig) {
        if config.window != self.config.window {
            self.window = Window::new(config.window);
        }
        if let Phase::HalfOpen { probes, .. } = &mut self.phase
            && config.half_open != self.config.half_open
        {
            *probes = Probes::default();
            self.generation += 1;
        }
        self.config = config;
    }

    /// The rates of what is in the window, and of how many calls; none before the minimum.
    pub(super) fn rates(&mut self, now: u64) -> (u32, Option<(f64, f64)>) {
        let now = self.pass(now);
        let sum = self.window.sum(now);
        let known = sum.calls >= self.config.minimum_calls;
        (sum.calls, if known { sum.rates() } else { None })
    }

    /// How many probes run, of one that is half open.
    pub(super) fn probes(&self) -> Option<(u32, HalfOpen)> {
        match &self.phase {
            Phase::HalfOpen { probes, .. } => Some((probes.running, self.config.half_open)),
            _ => None,
        }
    }

    /// Whether a new one could take its place. It moves no state: who asks may hold a lock.
    pub(super) fn is_new(&mut self, now: u64) -> bool {
        let now = self.latest.max(now);
        matches!(self.phase, Phase::Closed) && self.window.sum(now) == Sum::default()
    }
}
