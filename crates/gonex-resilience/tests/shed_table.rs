//! Whom a load shedder refuses, and why: each boundary before, at and after it.

mod support;

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gonex_core::component::{Component, Health, Registry};
use gonex_core::{Kind, Stop};
use gonex_resilience::shed::{Priority, Shed, ShedConfig};
use gonex_resilience::{CallError, LoadShedder, Policy, Retry};
use proptest::prelude::*;
use support::{Told, by_hand, drive, millis, secs};

const MILLI: u64 = 1_000_000;

fn by_delay() -> (LoadShedder, Arc<Told>) {
    let clock = Told::new();
    let config = ShedConfig::by_delay(millis(5));
    (LoadShedder::with_clock(config, clock.clone()).unwrap(), clock)
}

/// Who is let in now, of a call of each priority that has waited for so long: the lowest first.
fn let_in(shedder: &LoadShedder, delay: Duration) -> [bool; 4] {
    Priority::ALL.map(|priority| shedder.try_acquire_after(priority, delay).is_ok())
}

#[test]
fn each_priority_has_its_share_of_the_places() {
    let config = ShedConfig { max_running: Some(20), ..ShedConfig::default() };
    let shedder = LoadShedder::new(config).unwrap();
    let places = Priority::ALL.map(|priority| shedder.places(priority).unwrap());
    assert_eq!(places, [10, 16, 19, 20]);
    let mut inside = Vec::new();
    for (priority, places) in Priority::ALL.into_iter().zip(places) {
        while inside.len() < places {
            inside.push(shedder.try_acquire(priority).unwrap());
        }
        let refused = shedder.try_acquire(priority).unwrap_err();
        assert_eq!(refused, Shed::Full { priority, running: places, places });
        assert_eq!((refused.priority(), refused.retry_after()), (priority, None));
    }
    inside.pop();
    assert!(shedder.try_acquire(Priority::High).is_err(), "that place is for critical calls");
    assert!(shedder.try_acquire(Priority::Critical).is_ok());
    drop(inside);
    let metrics = shedder.metrics();
    assert_eq!((shedder.running(), metrics.admitted.total(), metrics.full.total()), (0, 21, 5));
    assert_eq!((metrics.admitted.low, metrics.full.high, metrics.late.total()), (10, 2, 0));
}

#[test]
fn each_priority_has_a_place_at_least() {
    let config = ShedConfig { max_running: Some(1), ..ShedConfig::default() };
    let shedder = LoadShedder::new(config).unwrap();
    assert!(Priority::ALL.into_iter().all(|priority| shedder.try_acquire(priority).is_ok()));
}

#[test]
fn the_shortest_delay_of_an_interval_counts_and_not_the_longest() {
    let (shedder, clock) = by_delay();
    for interval in 0..5 {
        clock.set(interval * 100 * MILLI);
        assert_eq!(let_in(&shedder, secs(9)), [true; 4]);
        clock.set(interval * 100 * MILLI + 1);
        assert_eq!(let_in(&shedder, millis(5)), [true; 4], "at the target, which is good");
    }
    assert_eq!(shedder.lowest(), Some(Priority::Low));
}

#[test]
fn one_priority_more_is_refused_after_each_bad_interval_and_the_critical_one_last() {
    let (shedder, clock) = by_delay();
    let late = millis(5) + Duration::from_nanos(1);
    let table = [
        (0, [true; 4]),
        (99_999_999, [true; 4]),
        (100_000_000, [false, true, true, true]),
        (199_999_999, [false, true, true, true]),
        (200_000_000, [false, false, true, true]),
        (300_000_000, [false, false, false, true]),
        (400_000_000, [false; 4]),
        (500_000_000, [false; 4]),
    ];
    for (now, expected) in table {
        clock.set(now);
        assert_eq!(let_in(&shedder, late), expected, "at {now}");
    }
    // As fast as it came, it goes.
    let table = [
        (599_999_999, [false; 4]),
        (600_000_000, [false, false, false, true]),
        (700_000_000, [false, false, true, true]),
        (800_000_000, [false, true, true, true]),
        (900_000_000, [true; 4]),
    ];
    for (now, expected) in table {
        clock.set(now);
        assert_eq!(let_in(&shedder, millis(5)), expected, "at {now}");
    }
    let late = shedder.metrics().late;
    assert!(late.low > late.normal && late.normal > late.high && late.high > late.critical);
}

#[test]
fn an_interval_without_calls_is_a_good_one() {
    let (shedder, clock) = by_delay();
    for now in [0, 100, 200, 300] {
        clock.set(now * MILLI);
        let_in(&shedder, secs(1));
    }
    assert_eq!(shedder.lowest(), Some(Priority::Critical));
    // The interval from 300 on was bad, and the three from 400 on were empty.
    clock.set(700 * MILLI);
    assert_eq!(let_in(&shedder, secs(1)), [false, true, true, true]);
    clock.set(600 * MILLI);
    assert_eq!(let_in(&shedder, secs(1)), [false, true, true, true], "a clock that goes back");
}

#[test]
fn a_refusal_says_why_and_until_when() {
    let (shedder, clock) = by_delay();
    drop(shedder.try_acquire_after(Priority::Low, millis(6)).unwrap());
    clock.set(100 * MILLI);
    let refused = shedder.try_acquire_after(Priority::Low, millis(7)).unwrap_err();
    let Shed::Late { priority: Priority::Low, delay, target, .. } = refused else {
        panic!("{refused}")
    };
    assert_eq!((delay, target), (millis(7), millis(5)));
    assert_eq!(refused.retry_after(), Some(millis(100)));
    let said = refused.to_string();
    assert!(
        said.contains("low priority") && said.contains("5ms") && said.contains("7ms"),
        "{said}"
    );
}

#[test]
fn a_call_counts_the_time_until_it_is_polled() {
    by_hand(|manual| {
        let shedder = LoadShedder::new(ShedConfig::by_delay(millis(5))).unwrap();
        for _ in 0..2 {
            let call = shedder.call(Priority::High, || Ok::<_, ()>(7));
            manual.advance(millis(100));
            assert_eq!(call.block(), Ok(7));
        }
        assert_eq!(shedder.lowest(), Some(Priority::Normal));
        let refused = shedder.call(Priority::Low, || Ok::<_, ()>(7)).block();
        assert!(matches!(refused, Err(CallError::Refused(Shed::Late { .. }))), "{refused:?}");
        let late = shedder.call_after(Priority::Normal, secs(1), || async { Err::<(), _>("down") });
        assert_eq!(late.block(), Err(CallError::Failed("down")));
        assert_eq!(shedder.running(), 0);
    });
}

#[test]
fn a_policy_counts_the_time_until_its_call_is_polled_for_the_first_attempt_alone() {
    by_hand(|manual| {
        let shedder = LoadShedder::new(ShedConfig::by_delay(millis(5))).unwrap();
        let retry = Retry::custom(|_| Duration::ZERO).max_attempts(2);
        let policy = Policy::new().retry(retry).shed(shedder.with_priority(Priority::Critical));
        for _ in 0..2 {
            let call = policy.call(|| Ok::<_, ()>(7));
            manual.advance(millis(100));
            assert_eq!(call.block(), Ok(7));
        }
        assert_eq!(shedder.lowest(), Some(Priority::Normal));
        let attempts = Cell::new(0);
        let call = policy.call(|| {
            attempts.set(attempts.get() + 1);
            if attempts.get() < 2 { Err("down") } else { Ok(7) }
        });
        manual.advance(millis(100));
        assert_eq!(drive(manual, Duration::ZERO, pin!(call)), Ok(7));
        assert_eq!((attempts.get(), shedder.lowest()), (2, Some(Priority::High)));
        manual.advance(millis(100));
        assert_eq!(shedder.lowest(), Some(Priority::Normal), "the second attempt was not late");
    });
}

#[test]
fn how_it_is_can_be_seen_without_calls() {
    let (shedder, clock) = by_delay();
    for now in [0, 100, 200, 300, 400] {
        clock.set(now * MILLI);
        let_in(&shedder, secs(1));
    }
    let looks = |now: u64| {
        clock.set(now * MILLI);
        (shedder.lowest(), shedder.health())
    };
    let unhealthy = || Health::unhealthy("critical calls are refused");
    let degraded = || Health::degraded("calls of normal priority are refused");
    assert_eq!(looks(500), (None, unhealthy()), "the last interval was bad");
    assert_eq!(looks(700), (Some(Priority::High), degraded()), "and two were empty since");
    assert_eq!(shedder.snapshot().get("lowest_let_in"), Some(&"high".into()));
    assert_eq!(looks(900), (Some(Priority::Low), Health::Healthy), "as were two more");
    assert_eq!(let_in(&shedder, secs(1)), [true; 4], "calls meet what was said");
}

#[test]
fn one_that_is_stopped_before_it_is_asked_is_not_said_to_be_refused() {
    let shedder = LoadShedder::new(ShedConfig::default()).unwrap();
    let call = shedder.call(Priority::Low, || Ok::<_, ()>(7)).into_kind();
    assert_eq!(pin!(call).stop(Stop::Timeout), Err(CallError::Stopped(Stop::Timeout)));
    assert_eq!(shedder.metrics().shed().total(), 0);
}

#[test]
fn settings_can_be_changed_and_everything_wrong_is_said_at_once() {
    let wrong = ShedConfig {
        max_running: Some(0),
        low: 0.9,
        normal: 0.0,
        high: f64::NAN,
        target: Some(millis(100)),
        interval: millis(100),
    };
    let invalid = wrong.validate().unwrap_err();
    for field in ["max_running", "low", "normal", "high", "interval"] {
        assert!(invalid.names(field), "{field}: {invalid}");
    }
    let shedder = LoadShedder::new(ShedConfig::default()).unwrap();
    assert!(shedder.reconfigure(wrong).is_err());
    assert_eq!(shedder.config(), ShedConfig::default());
    let read: ShedConfig = toml::from_str("max_running = 7\nlow = 0.25\ntarget = 50").unwrap();
    let config = ShedConfig {
        max_running: Some(7),
        low: 0.25,
        target: Some(millis(50)),
        ..ShedConfig::default()
    };
    assert_eq!(read, config);
    shedder.reconfigure(config).unwrap();
    assert_eq!(shedder.places(Priority::Low), Some(1));
}

#[test]
fn it_is_a_component() {
    let registry = Registry::new();
    let config = ShedConfig { max_running: Some(2), ..ShedConfig::default() };
    let shedder = LoadShedder::new(config).unwrap().named("front");
    let _registered = registry.register(Arc::new(shedder.clone())).unwrap();
    assert_eq!(registry.health(), Health::Healthy);
    let one = shedder.try_acquire(Priority::Normal).unwrap();
    assert_eq!(shedder.health(), Health::degraded("calls of normal priority are refused"));
    let two = shedder.try_acquire(Priority::Critical).unwrap();
    assert_eq!(shedder.health(), Health::unhealthy("critical calls are refused"));
    assert!(shedder.try_acquire(Priority::Low).is_err());
    drop((one, two));
    assert_eq!(registry.metrics().count("admitted_critical"), Some(1));
    assert_eq!(registry.metrics().count("shed_full_low"), Some(1));
    assert!(registry.shutdown_all(gonex_core::rt::now() + secs(1)).block().is_clean());
    assert!(!Component::is_running(&shedder));
}

#[test]
fn threads_never_have_more_places_than_there_are() {
    let config = ShedConfig { max_running: Some(3), ..ShedConfig::default() };
    let shedder = LoadShedder::new(config).unwrap();
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    if let Ok(permit) = shedder.try_acquire(Priority::Critical) {
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(permit);
                    }
                }
            });
        }
    });
    assert!(most.load(Ordering::SeqCst) <= 3);
    assert_eq!(shedder.running(), 0);
}

/// Of which rank one has to be, from all delays that there were: slow, and obviously right.
fn level(delays: &[(u64, u64)]) -> usize {
    let (first, now) = (delays[0].0, delays[delays.len() - 1].0);
    let mut level: usize = 0;
    for interval in 0..(now - first) / 100 {
        let within = |moment: u64| (moment - first) / 100 == interval;
        let shortest = delays.iter().filter(|(moment, _)| within(*moment)).map(|(_, d)| *d).min();
        level = match shortest {
            Some(shortest) if shortest > 50 => (level + 1).min(4),
            _ => level.saturating_sub(1),
        };
    }
    level
}

proptest! {
    #[test]
    fn who_is_refused_is_what_all_intervals_together_say(
        steps in prop::collection::vec((0..80_u64, 30..90_u64), 1..80),
    ) {
        let clock = Told::new();
        let config = ShedConfig {
            target: Some(Duration::from_nanos(50)),
            interval: Duration::from_nanos(100),
            ..ShedConfig::by_delay(secs(1))
        };
        let shedder = LoadShedder::with_clock(config, clock.clone()).unwrap();
        let (mut now, mut seen) = (0, Vec::new());
        for (step, delay) in steps {
            now += step;
            clock.set(now);
            seen.push((now, delay));
            let lets_in = shedder.try_acquire_after(Priority::Normal, Duration::from_nanos(delay)).is_ok();
            prop_assert_eq!(lets_in, level(&seen) <= 1);
            prop_assert_eq!(shedder.lowest(), Priority::ALL.get(level(&seen)).copied());
        }
    }
}
