//! A breaker beside a slow model that is obviously right, and under several threads.

mod support;

use gonex_resilience::CircuitBreaker;
use gonex_resilience::breaker::{BreakerConfig, BreakerPermit, BreakerState, HalfOpen, WindowKind};
use proptest::prelude::*;
use support::Told;

/// The three states, with all calls since the last transition.
struct Model {
    state: BreakerState,
    since: u64,
    /// Whether each call that ended in this state failed.
    ended: Vec<bool>,
    running: usize,
    generation: u64,
}

const BREAK: u64 = 1_000;
const WINDOW: usize = 5;
const PROBES: usize = 3;

impl Model {
    fn enter(&mut self, state: BreakerState, now: u64) {
        *self =
            Self { state, since: now, ended: vec![], running: 0, generation: self.generation + 1 };
    }

    fn admit(&mut self, now: u64) -> bool {
        if self.state == BreakerState::Open && now >= self.since + BREAK {
            self.enter(BreakerState::HalfOpen, now);
        }
        let admits = match self.state {
            BreakerState::Closed => true,
            BreakerState::HalfOpen => self.running + self.ended.len() < PROBES,
            _ => false,
        };
        self.running += usize::from(admits);
        admits
    }

    fn end(&mut self, generation: u64, failed: Option<bool>, now: u64) {
        if generation != self.generation {
            return;
        }
        self.running -= 1;
        self.ended.extend(failed);
        let probing = self.state == BreakerState::HalfOpen;
        let size = if probing { PROBES } else { WINDOW };
        let latest = &self.ended[self.ended.len().saturating_sub(size)..];
        if latest.len() < size {
            return;
        }
        let failures = latest.iter().filter(|failed| **failed).count();
        if failures * 2 >= size {
            self.enter(BreakerState::Open, now);
        } else if probing {
            self.enter(BreakerState::Closed, now);
        }
    }
}

fn config() -> BreakerConfig {
    BreakerConfig {
        window: WindowKind::Count { calls: 5 },
        minimum_calls: 5,
        break_duration: std::time::Duration::from_nanos(BREAK),
        half_open: HalfOpen::Rate { calls: 3 },
        ..BreakerConfig::default()
    }
}

proptest! {
    #[test]
    fn a_breaker_is_the_machine_one_imagines(
        steps in prop::collection::vec((0..6_u8, -300..900_i64, any::<prop::sample::Index>()), 1..300),
    ) {
        let clock = Told::new();
        let breaker = CircuitBreaker::with_clock(config(), clock.clone()).unwrap();
        let state = BreakerState::Closed;
        let mut model = Model { state, since: 0, ended: vec![], running: 0, generation: 0 };
        let (mut told, mut now) = (0_u64, 0_u64);
        let mut running: Vec<(BreakerPermit, u64)> = Vec::new();
        for (what, step, index) in steps {
            match what {
                0..=2 => {
                    let admitted = breaker.try_acquire();
                    prop_assert_eq!(admitted.is_ok(), model.admit(now));
                    if let Ok(permit) = admitted {
                        running.push((permit, model.generation));
                    } else if let Err(open) = admitted
                        && let Some(after) = open.retry_after
                    {
                        let left = model.since + BREAK - now;
                        prop_assert_eq!(after.as_nanos(), u128::from(left));
                    }
                }
                3 => {
                    told = told.saturating_add_signed(step);
                    clock.set(told);
                    now = now.max(told);
                }
                _ if running.is_empty() => {}
                _ => {
                    let (permit, generation) = running.remove(index.index(running.len()));
                    let failed = (what == 4).then_some(step % 2 == 0);
                    match failed {
                        Some(true) => permit.failure(),
                        Some(false) => permit.success(),
                        None => drop(permit),
                    }
                    model.end(generation, failed, now);
                }
            }
            prop_assert_eq!(breaker.state(), model.state);
        }
        let (metrics, left) = (breaker.metrics(), running.len() as u64);
        let ended = metrics.succeeded + metrics.failed + metrics.ignored + metrics.dropped;
        prop_assert_eq!(metrics.permitted, ended + left);
    }
}

#[test]
fn threads_together_get_so_many_probes_and_no_more() {
    for _ in 0..200 {
        let clock = Told::new();
        let breaker = CircuitBreaker::with_clock(config(), clock.clone()).unwrap();
        for _ in 0..5 {
            breaker.try_acquire().unwrap().failure();
        }
        clock.set(BREAK);
        let probes: Vec<_> = std::thread::scope(|scope| {
            let run = |_| {
                let breaker = &breaker;
                scope.spawn(move || (0..4).filter_map(|_| breaker.try_acquire().ok()).collect())
            };
            let threads: Vec<_> = (0..4).map(run).collect();
            let joined = threads.into_iter().map(|thread| thread.join().unwrap());
            joined.flat_map(|probes: Vec<_>| probes).collect()
        });
        assert_eq!(probes.len(), PROBES);
        std::thread::scope(|scope| {
            for probe in probes {
                scope.spawn(|| probe.success());
            }
        });
        assert!(breaker.is_closed());
    }
}
