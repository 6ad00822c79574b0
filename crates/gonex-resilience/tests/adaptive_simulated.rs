//! An adaptive limit before a server that has a knee: up to so many calls at once take as long as one, and
//! beyond that each takes longer for all. Time is simulated, and no chance is in it.

mod support;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use gonex_resilience::AdaptiveLimit;
use gonex_resilience::adaptive::{AdaptiveConfig, AdaptivePermit, Algorithm};
use proptest::prelude::*;
use support::{Told, millis};

const MILLI: u64 = 1_000_000;
const KNEE: usize = 20;

/// A server, its callers, and the limit between them.
struct World {
    limit: AdaptiveLimit,
    clock: Arc<Told>,
    now: u64,
    /// How long a call takes that is not alone but below the knee.
    base: u64,
    /// Varies times by a tenth up and down.
    noise: u64,
    /// When each running call ends.
    ends: BinaryHeap<Reverse<(u64, usize)>>,
    permits: Vec<Option<AdaptivePermit>>,
}

impl World {
    fn new(algorithm: Algorithm, initial_limit: usize) -> Self {
        let clock = Told::new();
        let config = AdaptiveConfig {
            algorithm,
            initial_limit,
            window: millis(20),
            ..AdaptiveConfig::default()
        };
        let limit = AdaptiveLimit::with_clock(config, clock.clone()).unwrap();
        let (ends, permits) = (BinaryHeap::new(), Vec::new());
        Self { limit, clock, now: 0, base: 10 * MILLI, noise: 1, ends, permits }
    }

    /// Lets so many callers call again and again until so many calls have ended; says the lowest limit and
    /// the highest meanwhile.
    fn run(&mut self, callers: usize, calls: usize) -> (usize, usize) {
        let (mut low, mut high) = (usize::MAX, 0);
        for _ in 0..calls {
            while self.limit.running() < callers
                && let Ok(permit) = self.limit.try_acquire()
            {
                let over = self.limit.running().max(KNEE) as u64;
                self.noise = self.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let share = 90 + (self.noise >> 33) % 21;
                let took = self.base * over / KNEE as u64 * share / 100;
                self.ends.push(Reverse((self.now + took, self.permits.len())));
                self.permits.push(Some(permit));
            }
            let Reverse((end, index)) = self.ends.pop().expect("somebody runs");
            self.now = end;
            self.clock.set(end);
            self.permits[index].take().expect("it ends once").success();
            let limit = self.limit.limit();
            (low, high) = (low.min(limit), high.max(limit));
        }
        (low, high)
    }
}

fn algorithms() -> [Algorithm; 3] {
    let too_slow = Some(millis(20));
    [Algorithm::Aimd { backoff: 0.9, too_slow }, Algorithm::vegas(), Algorithm::gradient()]
}

#[test]
fn the_knee_is_found_and_found_again_after_the_server_was_slow() {
    for algorithm in algorithms() {
        let mut world = World::new(algorithm, 5);
        world.run(100, 6_000);
        let (low, high) = world.run(100, 2_000);
        assert!(low >= KNEE && high <= 5 * KNEE / 2, "{algorithm:?}: {low} to {high}");

        world.base = 50 * MILLI;
        let (low, _) = world.run(100, 3_000);
        assert!(low <= KNEE / 2, "{algorithm:?}: {low} while it is slow");

        world.base = 10 * MILLI;
        let mut calls = 0;
        while world.limit.limit() < KNEE {
            world.run(100, 100);
            calls += 100;
            assert!(calls <= 4_000, "{algorithm:?}: {} after {calls} calls", world.limit.limit());
        }
        // The gradient takes the slow time for the usual one for a while, and grows beyond the knee then: its
        // highest limit is what bounds it.
        if !matches!(algorithm, Algorithm::Gradient { .. }) {
            world.run(100, 8_000);
            let (low, high) = world.run(100, 2_000);
            assert!(low >= KNEE && high <= 5 * KNEE / 2, "{algorithm:?}: {low} to {high} again");
        }
    }
}

#[test]
fn callers_who_are_few_do_not_grow_it() {
    for algorithm in algorithms() {
        let mut world = World::new(algorithm, 20);
        let (_, high) = world.run(9, 5_000);
        assert_eq!(high, 20, "{algorithm:?}");
    }
}

/// What a law says, from all windows that there were: slow, and obviously right.
fn model(algorithm: Algorithm, initial: f64, windows: &[Vec<(u64, usize, bool)>]) -> f64 {
    let mut limit = initial;
    let mut means: Vec<f64> = Vec::new();
    let mut long = 0.0_f64;
    for window in windows {
        let well: Vec<f64> = window
            .iter()
            .filter(|(_, _, dropped)| !dropped)
            .map(|(took, ..)| *took as f64)
            .collect();
        let running = window.iter().map(|(_, running, _)| *running).max().unwrap() as f64;
        let dropped = well.len() < window.len();
        let mean = (!well.is_empty()).then(|| well.iter().sum::<f64>() / well.len() as f64);
        let bounded = running * 2.0 >= limit;
        match algorithm {
            Algorithm::Aimd { backoff, .. } => {
                if dropped {
                    limit *= backoff;
                } else if bounded {
                    limit += 1.0;
                }
            }
            Algorithm::Gradient { tolerance, queue, smoothing, long_window } => {
                if let Some(mean) = mean {
                    means.push(mean);
                    long = if means.len() <= 10 {
                        long + (mean - long) / means.len() as f64
                    } else {
                        long + (mean - long) * 2.0 / (f64::from(long_window) + 1.0)
                    };
                    if long > mean * 2.0 {
                        long *= 0.95;
                    }
                }
                let wanted = match mean {
                    Some(_) if !dropped && !bounded => continue,
                    Some(mean) if !dropped => {
                        limit * (tolerance * long / mean).clamp(0.5, 1.0) + f64::from(queue)
                    }
                    _ => limit * 0.5,
                };
                limit += (wanted - limit) * smoothing;
            }
            Algorithm::Vegas { .. } => unreachable!("it has a table"),
        }
        limit = limit.clamp(1.0, 200.0);
    }
    limit
}

proptest! {
    #[test]
    fn the_limit_is_what_all_windows_together_say(
        windows in prop::collection::vec(
            prop::collection::vec((1_000..100_000_u64, prop::bool::weighted(0.1)), 2..12), 1..60),
        gradient in any::<bool>(),
    ) {
        let algorithm = if gradient { Algorithm::gradient() } else { Algorithm::aimd() };
        let clock = Told::new();
        let config = AdaptiveConfig {
            algorithm,
            window: std::time::Duration::from_nanos(1),
            ..AdaptiveConfig::default()
        };
        let limit = AdaptiveLimit::with_clock(config, clock.clone()).unwrap();
        let (mut now, mut seen) = (0, Vec::new());
        for window in &windows {
            let length = u32::try_from(window.len()).unwrap();
            limit.reconfigure(AdaptiveConfig { window_samples: length, ..config }).unwrap();
            // All begin at once, as many as there is room for, and end one after the other.
            let mut permits = Vec::new();
            let mut samples = Vec::new();
            for _ in window {
                let Ok(permit) = limit.try_acquire() else { break };
                permits.push(permit);
            }
            let room = u32::try_from(permits.len()).unwrap();
            prop_assume!(room >= 2);
            limit.reconfigure(AdaptiveConfig { window_samples: room, ..config }).unwrap();
            let began = now;
            for (index, (permit, (took, dropped))) in permits.into_iter().zip(window).enumerate() {
                now += took;
                clock.set(now);
                if *dropped { permit.dropped() } else { permit.success() }
                samples.push((now - began, index + 1, *dropped));
            }
            seen.push(samples);
            let expected = model(algorithm, 20.0, &seen);
            let got = limit.limit() as f64;
            prop_assert!(
                got <= expected + 1e-6 && expected < got + 1.0 + 1e-6,
                "{got} instead of {expected}"
            );
            prop_assert!((1.0..=200.0).contains(&got));
        }
        prop_assert_eq!(limit.running(), 0);
    }
}
