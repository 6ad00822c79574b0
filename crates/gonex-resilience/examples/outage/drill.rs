//! What the server is told to do and when, and what was seen.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use gonex_core::ManualClock;
use gonex_resilience::breaker::{BreakerConfig, BreakerEvent, BreakerState, HalfOpen, WindowKind};
use gonex_resilience::{CircuitBreaker, InvalidConfig};
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tower::ServiceExt;

use crate::client::{Answer, Http, resilient};
use crate::server::{Mode, PLACES, Served, Server};

/// So many calls are made at once in each round.
pub(crate) const CALLS: u32 = 12;

/// The server is told to be in a mode, for so many rounds at least, and until the breaker is in a state.
pub(crate) struct Step {
    pub(crate) mode: Mode,
    rounds: u32,
    until: BreakerState,
}

const fn step(mode: Mode, rounds: u32, until: BreakerState) -> Step {
    Step { mode, rounds, until }
}

pub(crate) const DRILL: [Step; 5] = [
    step(Mode::Well, 6, BreakerState::Closed),
    step(Mode::Fails, 12, BreakerState::Open),
    step(Mode::Well, 10, BreakerState::Closed),
    step(Mode::Stalls, 12, BreakerState::Open),
    step(Mode::Well, 10, BreakerState::Closed),
];

/// What passes between two rounds.
pub(crate) enum Pace {
    /// Time.
    Real(Duration),
    /// Nothing but the breaker's time.
    ByHand(Arc<ManualClock>),
}

/// So long is an answer waited for.
const PATIENCE: Duration = Duration::from_millis(30);
/// No machine is so busy that an answer which comes takes longer.
const LONG: Duration = Duration::from_secs(60);

/// So long is a round, or longer if its calls are.
pub(crate) const ROUND: Duration = Duration::from_millis(100);

impl Pace {
    pub(crate) fn by_hand() -> Self {
        Self::ByHand(Arc::new(ManualClock::new()))
    }

    /// Opens when half of the last 20 calls have failed, for four rounds, and closes when two of three succeed.
    fn breaker(&self) -> Result<CircuitBreaker, InvalidConfig> {
        let config = BreakerConfig {
            window: WindowKind::Count { calls: 20 },
            minimum_calls: 10,
            break_duration: ROUND * 4,
            half_open: HalfOpen::KOfN { successes: 2, calls: 3 },
            ..BreakerConfig::default()
        };
        match self {
            Self::Real(_) => CircuitBreaker::new(config),
            Self::ByHand(clock) => CircuitBreaker::with_clock(config, clock.clone()),
        }
    }

    /// By hand nothing depends on how busy the machine is: what is cut off is what never ends.
    fn patience(&self, mode: Mode) -> Duration {
        match self {
            Self::ByHand(_) if mode != Mode::Stalls => LONG,
            _ => PATIENCE,
        }
    }

    fn ticker(&self) -> Option<Interval> {
        let Self::Real(length) = self else { return None };
        let mut ticker = interval(*length);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(ticker)
    }
}

/// A round of calls.
pub(crate) struct Round {
    /// Which step of the drill it belongs to.
    pub(crate) phase: usize,
    pub(crate) mode: Mode,
    /// The breaker's state when it began, and what it came to in it.
    pub(crate) before: BreakerState,
    pub(crate) transitions: Vec<BreakerEvent>,
    pub(crate) answered: u32,
    /// The breaker refused them; users got what was kept.
    pub(crate) refused: u32,
    /// They failed in spite of retries; users got what was kept.
    pub(crate) fell_back: u32,
    /// What the server saw of it.
    pub(crate) served: Served,
}

/// All rounds.
pub(crate) struct Report {
    pub(crate) rounds: Vec<Round>,
    /// Calls that ended with an error for the user.
    pub(crate) failed: u32,
    /// The server's places that are free at the end, and all of them.
    pub(crate) places: (usize, usize),
}

pub(crate) fn state_name(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "closed",
        BreakerState::Open => "open",
        BreakerState::HalfOpen => "half open",
        _ => "forced",
    }
}

/// Runs the drill.
pub(crate) async fn run(drill: &[Step], pace: Pace) -> Result<Report, Box<dyn Error>> {
    let server = Server::start().await?;
    let http = Http::new(server.address);
    let breaker = pace.breaker()?;
    let mut events = breaker.events();
    let mut ticker = pace.ticker();
    let mut report = Report { rounds: Vec::new(), failed: 0, places: (0, PLACES) };
    for (phase, step) in drill.iter().enumerate() {
        http.send(Method::PUT, &format!("/mode/{}", step.mode.name())).await?;
        let service = resilient(http.clone(), breaker.clone(), pace.patience(step.mode))?;
        let mut rounds = 0;
        while rounds < step.rounds || breaker.state() != step.until {
            rounds += 1;
            match (&mut ticker, &pace) {
                (Some(ticker), _) => drop(ticker.tick().await),
                (None, Pace::ByHand(clock)) => drop(clock.advance(ROUND)),
                (None, Pace::Real(_)) => {}
            }
            let before = breaker.state();
            let mut calls = JoinSet::new();
            for _ in 0..CALLS {
                calls.spawn(service.clone().oneshot("/page"));
            }
            let ended = calls.join_all().await;
            // Who was left waiting is told apart from who was not only when the server has seen it go.
            while server.free_places() < PLACES {
                tokio::task::yield_now().await;
            }
            let answers = |wanted| {
                let like = ended.iter().filter(|end| end.as_ref().is_ok_and(|got| *got == wanted));
                like.count() as u32
            };
            report.failed += ended.iter().filter(|end| end.is_err()).count() as u32;
            report.rounds.push(Round {
                phase,
                mode: step.mode,
                before,
                transitions: std::iter::from_fn(|| events.try_recv()).collect(),
                answered: answers(Answer::Fresh),
                refused: answers(Answer::KeptSinceRefused),
                fell_back: answers(Answer::KeptSinceFailed),
                served: server.take_served(),
            });
        }
    }
    report.places.0 = server.free_places();
    Ok(report)
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states =
            std::iter::once(self.before).chain(self.transitions.iter().map(|event| event.to));
        let states = states.map(state_name).collect::<Vec<_>>().join(" → ");
        let Served { answered, failed, stalled, turned_away } = self.served;
        write!(
            f,
            "{:7} {answered:8} {failed:6} {stalled:7} {turned_away:11} │ {:8} {:12} {:11} │ {states}",
            self.mode.name(),
            self.answered,
            self.fell_back,
            self.refused,
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "      the server                                │ its client, {CALLS} calls a round"
        )?;
        writeln!(
            f,
            "round {:7} {:>8} {:>6} {:>7} {:>11} │ {:>8} {:>12} {:>11} │ breaker",
            "is",
            "answered",
            "failed",
            "stalled",
            "turned away",
            "answered",
            "kept: failed",
            "kept: open",
        )?;
        let mut phase = 0;
        for (index, round) in self.rounds.iter().enumerate() {
            if std::mem::replace(&mut phase, round.phase) != round.phase {
                writeln!(f)?;
            }
            writeln!(f, "{:5} {round}", index + 1)?;
        }
        let (free, places) = self.places;
        writeln!(
            f,
            "errors that users saw: {}; places free at the end: {free} of {places}",
            self.failed
        )
    }
}
