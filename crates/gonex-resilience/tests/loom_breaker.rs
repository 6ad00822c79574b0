//! Every interleaving of calls that end without the lock of a breaker and those that take it. Run with
//! `RUSTFLAGS="--cfg gonex_loom" cargo test --release -p gonex-resilience --test loom_breaker loom_`.
#![cfg(gonex_loom)]

use std::sync::Arc;

use gonex_core::rt::{self, Manual};
use gonex_resilience::CircuitBreaker;
use gonex_resilience::breaker::{BreakerConfig, WindowKind};
use loom::thread;

/// A model in which time stands.
fn model(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(3));
    builder.check(move || rt::enter(Arc::new(Manual::new()), &body));
}

fn of_the_last(calls: u32) -> CircuitBreaker {
    let window = WindowKind::Count { calls };
    // All have to fail: what these do never opens it.
    let config =
        BreakerConfig { window, minimum_calls: 4, failure_rate: 1.0, ..BreakerConfig::default() };
    CircuitBreaker::new(config).unwrap()
}

/// Three successes and a failure are in the window in the end, in whatever order they came.
#[test]
fn loom_no_success_is_lost_to_who_takes_them() {
    model(|| {
        let breaker = of_the_last(8);
        let other = breaker.clone();
        let successes = thread::spawn(move || {
            other.try_acquire().unwrap().success();
            other.try_acquire().unwrap().success();
        });
        breaker.try_acquire().unwrap().failure();
        breaker.try_acquire().unwrap().success();
        successes.join().unwrap();
        assert_eq!(breaker.metrics().failure_rate, Some(0.25));
        assert_eq!(breaker.metrics().stale, 0);
    });
}

/// A success that ends in another generation than it began in is stale, and none is counted in both.
#[test]
fn loom_a_success_lands_in_its_generation_or_is_stale() {
    model(|| {
        let breaker = of_the_last(8);
        let late = breaker.try_acquire().unwrap();
        let other = breaker.clone();
        let success = thread::spawn(move || {
            late.success();
            // Before or after: it is of the generation that is there now.
            other.try_acquire().unwrap().success();
        });
        breaker.force_close();
        success.join().unwrap();
        assert!(breaker.metrics().stale <= 2);
        for _ in 0..2 {
            breaker.try_acquire().unwrap().failure();
            breaker.try_acquire().unwrap().success();
        }
        // At most the second of the other thread is there beside these four.
        let rate = breaker.metrics().failure_rate.unwrap();
        assert!((0.4..=0.5).contains(&rate), "{rate}");
    });
}

/// Whoever comes after the failure that opens it is refused, and who is let in counts once.
#[test]
fn loom_an_open_breaker_refuses() {
    model(|| {
        let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1)).unwrap();
        let other = breaker.clone();
        let caller = thread::spawn(move || match other.try_acquire() {
            Ok(permit) => permit.success(),
            Err(open) => assert!(open.retry_after.is_some_and(|after| !after.is_zero())),
        });
        breaker.try_acquire().unwrap().failure();
        assert!(breaker.try_acquire().is_err());
        caller.join().unwrap();
        assert!(breaker.is_open());
        let metrics = breaker.metrics();
        assert_eq!(metrics.permitted + metrics.refused, 3);
    });
}
