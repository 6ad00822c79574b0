//! Breakers that are closed and see calls succeed, and breakers that are open.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use failsafe::CircuitBreaker as _;
use failsafe::failure_policy::{consecutive_failures, success_rate_over_time_window};
use gonex_resilience::CircuitBreaker;
use gonex_resilience::breaker::{BreakerConfig, WindowKind};
use recloser::Recloser;
use tower::Layer;
use tower_resilience::circuitbreaker::CircuitBreakerLayer;

use super::party::{self, Drivers, Party, calls};
use super::services::{Echo, serves};
use crate::rounds::Case;

const HOUR: Duration = Duration::from_secs(3600);
const TEN_SECONDS: Duration = Duration::from_secs(10);

pub fn cases(count: usize, drivers: &Arc<Drivers>) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut cases = party::cases("breaker by failures in a row", count, drivers, in_a_row())?;
    cases.extend(party::cases("breaker by the last 100", count, drivers, of_the_last())?);
    cases.extend(party::cases("breaker by the last 10 s", count, drivers, of_a_time())?);
    cases.extend(party::cases("breaker, open", count, drivers, open())?);
    cases.extend(party::cases("breaker by the last 100, service", count, drivers, served())?);
    Ok(cases)
}

fn ours(window: WindowKind) -> Result<CircuitBreaker, Box<dyn Error>> {
    Ok(CircuitBreaker::new(BreakerConfig { window, ..BreakerConfig::default() })?)
}

fn through(window: WindowKind) -> Party {
    Party::ours("gonex CircuitBreaker", move || {
        let breaker = ours(window)?;
        Ok(calls(move |n| breaker.call(|| Ok::<_, ()>(n)).block() == Ok(n)))
    })
}

fn permits(window: WindowKind) -> Party {
    Party::ours("gonex, by permit", move || {
        let breaker = ours(window)?;
        Ok(calls(move |_| breaker.try_acquire().map(|permit| permit.success()).is_ok()))
    })
}

fn in_a_row() -> Vec<Party> {
    let window = WindowKind::Consecutive { failures: 5 };
    vec![
        through(window),
        permits(window),
        Party::rival("failsafe", || {
            let policy = consecutive_failures(5, failsafe::backoff::constant(TEN_SECONDS));
            let breaker = failsafe::Config::new().failure_policy(policy).build();
            Ok(calls(move |n| matches!(breaker.call(|| Ok::<_, ()>(n)), Ok(got) if got == n)))
        }),
    ]
}

fn of_the_last() -> Vec<Party> {
    let window = WindowKind::Count { calls: 100 };
    vec![
        through(window),
        permits(window),
        Party::rival("recloser", || {
            let breaker = Recloser::custom().error_rate(0.5).closed_len(100).build();
            Ok(calls(move |n| matches!(breaker.call(|| Ok::<_, ()>(n)), Ok(got) if got == n)))
        }),
    ]
}

fn of_a_time() -> Vec<Party> {
    // Its own counts the calls in five parts of the time, too.
    let window = WindowKind::Time { length: TEN_SECONDS, parts: 5 };
    vec![
        through(window),
        permits(window),
        Party::rival("failsafe", || {
            let backoff = failsafe::backoff::constant(TEN_SECONDS);
            let policy = success_rate_over_time_window(0.5, 100, TEN_SECONDS, backoff);
            let breaker = failsafe::Config::new().failure_policy(policy).build();
            Ok(calls(move |n| matches!(breaker.call(|| Ok::<_, ()>(n)), Ok(got) if got == n)))
        }),
    ]
}

fn open() -> Vec<Party> {
    vec![
        Party::ours("gonex CircuitBreaker", || {
            let config = BreakerConfig { break_duration: HOUR, ..BreakerConfig::consecutive(1) };
            let breaker = CircuitBreaker::new(config)?;
            breaker.try_acquire()?.failure();
            Ok(calls(move |n| breaker.call(|| Ok::<_, ()>(n)).block().is_err()))
        }),
        Party::rival("failsafe", || {
            let policy = consecutive_failures(1, failsafe::backoff::constant(HOUR));
            let breaker = failsafe::Config::new().failure_policy(policy).build();
            breaker.on_error();
            Ok(calls(move |n| breaker.call(|| Ok::<_, ()>(n)).is_err()))
        }),
        Party::rival("recloser", || {
            let breaker = Recloser::custom().closed_len(2).open_wait(HOUR).build();
            // It has to have seen more than its window before it says anything.
            for _ in 0..10 {
                assert!(breaker.call(|| Err::<(), _>("down")).is_err());
            }
            Ok(calls(move |n| breaker.call(|| Ok::<_, ()>(n)).is_err()))
        }),
    ]
}

fn served() -> Vec<Party> {
    vec![
        Party::ours("gonex CircuitBreaker", || {
            Ok(serves(ours(WindowKind::Count { calls: 100 })?.layer(Echo)))
        }),
        Party::rival("tower-resilience", || {
            let layer = CircuitBreakerLayer::builder()
                .sliding_window_size(100)
                .failure_rate_threshold(0.5)
                .minimum_number_of_calls(100)
                .build()?;
            Ok(serves(layer.layer_fn(Echo)))
        }),
    ]
}
