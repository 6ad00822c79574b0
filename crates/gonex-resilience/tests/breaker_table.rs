//! The state machine of a breaker under a clock by hand: each boundary before it, at it, after it.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::component::{Component, Health, Snapshot};
use gonex_core::rt::Manual;
use gonex_core::{Context, Stop};
use gonex_resilience::breaker::{
    BreakerConfig, BreakerPermit, BreakerState, Dropped, EventKind, HalfOpen, KeyedBreaker, Open,
    WindowKind,
};
use gonex_resilience::{CallError, CircuitBreaker};
use support::{Told, by_hand, drive, millis, poll, secs};

const SECOND: u64 = 1_000_000_000;

fn breaker(config: BreakerConfig) -> (CircuitBreaker, Arc<Told>) {
    let clock = Told::new();
    (CircuitBreaker::with_clock(config, clock.clone()).unwrap(), clock)
}

/// Half of four calls, breaks of 10 s, two probes.
fn small() -> BreakerConfig {
    BreakerConfig {
        window: WindowKind::Count { calls: 4 },
        minimum_calls: 4,
        break_duration: secs(10),
        half_open: HalfOpen::Rate { calls: 2 },
        ..BreakerConfig::default()
    }
}

fn end(breaker: &CircuitBreaker, results: &[bool]) {
    for good in results {
        let permit = breaker.try_acquire().unwrap();
        if *good { permit.success() } else { permit.failure() }
    }
}

/// One that is half open.
fn half_open(config: BreakerConfig) -> (CircuitBreaker, Arc<Told>, BreakerPermit) {
    let (breaker, clock) = breaker(config);
    end(&breaker, &[false; 4]);
    assert_eq!(breaker.state(), BreakerState::Open);
    clock.set(10 * SECOND);
    let probe = breaker.try_acquire().unwrap();
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    (breaker, clock, probe)
}

#[test]
fn nothing_is_said_before_the_minimum_and_it_opens_at_equality() {
    let (breaker, _) = breaker(small());
    end(&breaker, &[false, false, false]);
    assert_eq!((breaker.state(), breaker.metrics().failure_rate), (BreakerState::Closed, None));
    end(&breaker, &[true]);
    assert_eq!(breaker.state(), BreakerState::Open, "three of four");

    let (breaker, _) = self::breaker(small());
    end(&breaker, &[true, true, true, false]);
    assert_eq!(breaker.metrics().failure_rate, Some(0.25));
    assert_eq!(breaker.state(), BreakerState::Closed);
    end(&breaker, &[false]);
    assert_eq!(breaker.state(), BreakerState::Open, "half of them is enough");
}

#[test]
fn the_count_window_slides() {
    let (breaker, _) = breaker(small());
    for _ in 0..10 {
        end(&breaker, &[false, true, true, true]);
    }
    assert_eq!(breaker.state(), BreakerState::Closed, "never two of the latest four");
    end(&breaker, &[false, false]);
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn a_time_window_forgets_by_parts() {
    let (breaker, clock) = breaker(BreakerConfig {
        window: WindowKind::Time { length: secs(10), parts: 10 },
        minimum_calls: 2,
        ..small()
    });
    end(&breaker, &[false]);
    clock.set(10 * SECOND);
    end(&breaker, &[false]);
    assert_eq!(breaker.state(), BreakerState::Closed, "the first has left");
    clock.set(20 * SECOND - 1);
    end(&breaker, &[false]);
    assert_eq!(breaker.state(), BreakerState::Open, "the second has not");
}

#[test]
fn slow_means_strictly_longer() {
    let (breaker, clock) = breaker(BreakerConfig { slow_call: Some(secs(1)), ..small() });
    let mut now = 0;
    let mut call = |took: u64| {
        let permit = breaker.try_acquire().unwrap();
        now += took;
        clock.set(now);
        permit.success();
    };
    for _ in 0..8 {
        call(SECOND);
    }
    assert_eq!((breaker.metrics().slow, breaker.state()), (0, BreakerState::Closed));
    for _ in 0..4 {
        call(SECOND + 1);
    }
    assert_eq!((breaker.metrics().slow, breaker.state()), (4, BreakerState::Open));
    let mut events = breaker.events();
    assert_eq!(events.try_recv(), None, "a stream begins where it is made");
}

#[test]
fn an_open_one_says_when_and_lets_a_probe_in_then() {
    let (breaker, clock) = breaker(small());
    end(&breaker, &[false; 4]);
    let refused = |state, nanos| {
        let retry_after = Some(Duration::from_nanos(nanos));
        let open = breaker.try_acquire().unwrap_err();
        assert_eq!((open.state, open.retry_after), (state, retry_after));
    };
    refused(BreakerState::Open, 10 * SECOND);
    clock.set(10 * SECOND - 1);
    refused(BreakerState::Open, 1);
    clock.set(SECOND);
    refused(BreakerState::Open, 1);
    clock.set(10 * SECOND);
    assert_eq!(breaker.state(), BreakerState::Open, "until a call comes");
    let _probe = breaker.try_acquire().unwrap();
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
}

/// The breaker of the seeds (S0:438) never does.
#[test]
fn a_breaker_leaves_the_open_state() {
    let (breaker, clock) = breaker(BreakerConfig::consecutive(5));
    end(&breaker, &[false; 5]);
    assert!(breaker.is_open());
    clock.set(60 * SECOND);
    end(&breaker, &[true]);
    assert!(breaker.is_closed());
}

#[test]
fn half_open_lets_so_many_in_and_decides_when_all_have_ended() {
    let (breaker, _, first) = half_open(small());
    let second = breaker.try_acquire().unwrap();
    let full = breaker.try_acquire().unwrap_err();
    assert_eq!((full.state, full.retry_after), (BreakerState::HalfOpen, None));
    first.success();
    assert!(breaker.try_acquire().is_err(), "its place is used up");
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    second.success();
    assert_eq!(breaker.state(), BreakerState::Closed);

    let (breaker, clock, first) = half_open(small());
    first.success();
    breaker.try_acquire().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Open, "half of them failed");
    clock.set(20 * SECOND - 1);
    assert!(breaker.try_acquire().is_err(), "the break begins anew");
}

#[test]
fn a_place_of_a_probe_without_a_result_is_free_again() {
    let (breaker, _, first) = half_open(small());
    first.ignore();
    drop(breaker.try_acquire().unwrap());
    let (one, two) = (breaker.try_acquire().unwrap(), breaker.try_acquire().unwrap());
    assert!(breaker.try_acquire().is_err());
    one.success();
    two.success();
    assert_eq!(breaker.state(), BreakerState::Closed);
    let metrics = breaker.metrics();
    assert_eq!((metrics.ignored, metrics.dropped, metrics.stale), (1, 1, 0));
}

#[test]
fn what_is_dropped_counts_as_the_settings_say() {
    let table = [
        (Dropped::Ignore, BreakerState::Closed, None),
        (Dropped::Rate, BreakerState::Closed, Some(0.25)),
        (Dropped::Failure, BreakerState::Open, None),
    ];
    for (dropped, state, rate) in table {
        let (breaker, _) = breaker(BreakerConfig { dropped, ..small() });
        end(&breaker, &[false, true, true]);
        drop(breaker.try_acquire().unwrap());
        assert_eq!(breaker.metrics().failure_rate, rate, "{dropped:?}");
        assert_eq!(breaker.state(), state, "{dropped:?}");
    }
}

#[test]
fn a_call_of_an_earlier_generation_moves_nothing() {
    let (breaker, clock) = breaker(small());
    let old: Vec<_> = (0..4).map(|_| breaker.try_acquire().unwrap()).collect();
    end(&breaker, &[false; 4]);
    clock.set(10 * SECOND);
    let mut old = old.into_iter();
    let probe = breaker.try_acquire().unwrap();
    // They were let in while it was closed, and are no probes.
    old.next().unwrap().success();
    old.next().unwrap().failure();
    drop(old);
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    let second = breaker.try_acquire().unwrap();
    assert!(breaker.try_acquire().is_err(), "no place was made by them");
    probe.success();
    second.success();
    assert_eq!((breaker.state(), breaker.metrics().stale), (BreakerState::Closed, 4));
}

#[test]
fn k_of_n_decides_as_soon_as_it_is_certain() {
    let config = BreakerConfig { half_open: HalfOpen::KOfN { successes: 2, calls: 3 }, ..small() };
    let table: [(&[bool], BreakerState); 5] = [
        (&[true], BreakerState::HalfOpen),
        (&[true, true], BreakerState::Closed),
        (&[true, false], BreakerState::HalfOpen),
        (&[false, true, true], BreakerState::Closed),
        (&[false, false], BreakerState::Open),
    ];
    for (results, state) in table {
        let (breaker, _, first) = half_open(config.clone());
        if results[0] {
            first.success();
        } else {
            first.failure();
        }
        end(&breaker, &results[1..]);
        assert_eq!(breaker.state(), state, "{results:?}");
    }
}

#[test]
fn progressive_probes_double_as_long_as_all_succeed() {
    let config = BreakerConfig { half_open: HalfOpen::Progressive { stages: 3 }, ..small() };
    let (breaker, _, first) = half_open(config.clone());
    assert!(breaker.try_acquire().is_err(), "one at first");
    first.success();
    for together in [2, 4] {
        let probes: Vec<_> = (0..together).map(|_| breaker.try_acquire().unwrap()).collect();
        assert!(breaker.try_acquire().is_err(), "{together} at once");
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        probes.into_iter().for_each(BreakerPermit::success);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);

    let (breaker, _, first) = half_open(config);
    first.success();
    breaker.try_acquire().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn breaks_grow_until_it_closes() {
    let config = BreakerConfig {
        break_growth: 2.0,
        max_break: secs(35),
        half_open: HalfOpen::KOfN { successes: 1, calls: 1 },
        ..small()
    };
    let (breaker, clock) = breaker(config);
    end(&breaker, &[false; 4]);
    let mut now = 0;
    for (seconds, good) in [(10, false), (20, false), (35, false), (35, true)] {
        let after = breaker.try_acquire().unwrap_err().retry_after;
        assert_eq!(after, Some(secs(seconds)));
        now += seconds * SECOND;
        clock.set(now);
        end(&breaker, &[good]);
    }
    end(&breaker, &[false; 4]);
    assert_eq!(breaker.try_acquire().unwrap_err().retry_after, Some(secs(10)), "from the start");
}

#[test]
fn half_open_without_a_decision_opens_again() {
    let (breaker, clock, _probe) =
        half_open(BreakerConfig { max_half_open: Some(secs(5)), ..small() });
    clock.set(15 * SECOND - 1);
    let _second = breaker.try_acquire().unwrap();
    clock.set(15 * SECOND);
    let open = breaker.try_acquire().unwrap_err();
    assert_eq!((open.state, open.retry_after), (BreakerState::Open, Some(secs(10))));
}

#[test]
fn forced_states_hold_whatever_happens() {
    let (breaker, clock) = breaker(small());
    breaker.force_open();
    clock.set(1_000_000 * SECOND);
    let open = breaker.try_acquire().unwrap_err();
    assert_eq!((open.state, open.retry_after), (BreakerState::ForcedOpen, None));
    breaker.disable();
    end(&breaker, &[false; 9]);
    assert_eq!((breaker.state(), breaker.metrics().failure_rate), (BreakerState::Disabled, None));
    breaker.metrics_only();
    end(&breaker, &[false; 9]);
    assert_eq!(breaker.metrics().failure_rate, Some(1.0));
    assert_eq!(breaker.state(), BreakerState::MetricsOnly);
    breaker.force_close();
    end(&breaker, &[false; 3]);
    assert!(breaker.is_closed(), "its window was empty");
    end(&breaker, &[false]);
    assert!(breaker.is_open());
    breaker.reset();
    assert!(breaker.is_closed());
    assert_eq!(breaker.metrics().opened, 0);
}

#[test]
fn events_come_in_their_order_and_once() {
    by_hand(|_| {
        let (breaker, clock) = breaker(small());
        let mut events = breaker.events();
        let mut waiting = pin!(events.recv());
        assert!(poll(&mut waiting).is_pending());
        end(&breaker, &[false; 4]);
        let opened = drive(&Manual::new(), secs(0), waiting);
        assert_eq!(
            (opened.number, opened.from, opened.to),
            (1, BreakerState::Closed, BreakerState::Open)
        );
        let mut late = breaker.events();
        clock.set(10 * SECOND);
        end(&breaker, &[true, true]);
        breaker.force_open();
        breaker.force_open();
        let kinds: Vec<_> =
            std::iter::from_fn(|| late.try_recv()).map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::BreakOver, EventKind::Recovered, EventKind::Forced]);
    });
}

#[test]
fn a_stream_that_falls_behind_sees_the_gap() {
    let (breaker, _) = breaker(small());
    let mut events = breaker.events();
    for _ in 0..200 {
        breaker.disable();
        breaker.force_close();
    }
    let first = events.try_recv().unwrap();
    assert_eq!(first.number, 400 - 256 + 1);
    assert_eq!(std::iter::from_fn(|| events.try_recv()).count(), 255);
}

#[test]
fn how_a_call_ends_is_what_counts() {
    by_hand(|manual| {
        let breaker = CircuitBreaker::new(small()).unwrap();
        let forever = || std::future::pending::<Result<(), ()>>();
        // A time-out is a failure.
        let mut timed = pin!(breaker.call(forever).timeout(millis(5)));
        assert!(poll(&mut timed).is_pending());
        manual.advance(millis(5));
        assert_eq!(drive(manual, secs(0), timed), Err(CallError::Stopped(Stop::Timeout)));
        // A cancelled call, and one that is dropped, have no result.
        let (context, canceller) = Context::background().with_cancel();
        let mut cancelled = pin!(breaker.call(forever).within(&context));
        assert!(poll(&mut cancelled).is_pending());
        canceller.cancel("enough");
        assert!(matches!(
            drive(manual, secs(0), cancelled),
            Err(CallError::Stopped(Stop::Cancelled(_)))
        ));
        {
            let mut dropped = pin!(breaker.call(forever));
            assert!(poll(&mut dropped).is_pending());
        }
        // So has one that panics.
        let panics = std::panic::AssertUnwindSafe(|| {
            breaker.call(|| -> Result<(), ()> { panic!("oh") }).block()
        });
        assert!(std::panic::catch_unwind(panics).is_err());
        // One that was never polled was never let in.
        drop(breaker.call(forever));
        let metrics = breaker.metrics();
        assert_eq!((metrics.permitted, metrics.failed, metrics.dropped), (4, 1, 3));
    });
}

#[test]
fn a_call_that_is_refused_is_not_made() {
    let (breaker, _) = breaker(small());
    breaker.force_open();
    let refused = breaker.call(|| -> Result<(), ()> { unreachable!("it is refused") }).block();
    assert!(matches!(refused, Err(CallError::Refused(Open { .. }))));
    assert_eq!(breaker.metrics().refused, 1);
}

#[test]
fn keys_make_room_for_each_other() {
    let clock = Told::new();
    let keyed = KeyedBreaker::with_clock(BreakerConfig::consecutive(1), 2, clock).unwrap();
    keyed.of(&'a').try_acquire().unwrap().failure();
    let _ = keyed.of(&'b');
    let _ = keyed.of(&'a');
    let _ = keyed.of(&'c');
    assert!(keyed.of(&'a').is_open(), "the other knew nothing, and went");
    let held = keyed.of(&'c');
    let _ = keyed.of(&'d');
    assert_eq!(keyed.len(), 2);
    held.force_open();
    assert!(keyed.of(&'c').is_open(), "it was held, and stayed");
}

#[test]
fn a_breaker_is_a_component() {
    let (breaker, _) = breaker(small());
    let part = breaker.clone().named("search");
    assert_eq!(
        (part.name(), part.kind(), part.health()),
        ("search", "circuit breaker", Health::Healthy)
    );
    breaker.force_open();
    assert_eq!(part.health(), Health::unhealthy("it is forced open"));
    assert_eq!(part.snapshot().get("state"), Some(&Snapshot::Text("forced open".into())));
    assert!(breaker.try_acquire().is_err());
    assert_eq!(Component::metrics(&part).count("refused"), Some(1));
}

#[test]
fn settings_are_read_from_files() {
    let read: BreakerConfig = toml::from_str(
        "failure_rate = 0.25\nrecoveryTimeout = 30000\nslow_call = \"250ms\"\nminimum_calls = 5\n\
         window = { time = { length = \"1m\", parts = 6 } }\nhalf_open = { k_of_n = { successes = 2, \
         calls = 3 } }\ndropped = \"failure\"",
    )
    .unwrap();
    let config = BreakerConfig {
        window: WindowKind::Time { length: secs(60), parts: 6 },
        failure_rate: 0.25,
        break_duration: secs(30),
        slow_call: Some(millis(250)),
        minimum_calls: 5,
        half_open: HalfOpen::KOfN { successes: 2, calls: 3 },
        dropped: Dropped::Failure,
        ..BreakerConfig::default()
    };
    assert_eq!(read, config);
    let json = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<BreakerConfig>(&json).unwrap(), config);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let wrong = BreakerConfig {
        window: WindowKind::Count { calls: 0 },
        failure_rate: 0.0,
        slow_rate: f64::NAN,
        slow_call: Some(Duration::ZERO),
        minimum_calls: 0,
        break_duration: Duration::ZERO,
        break_growth: 0.5,
        max_break: Duration::ZERO,
        half_open: HalfOpen::Progressive { stages: 17 },
        max_half_open: Some(Duration::ZERO),
        dropped: Dropped::Ignore,
    };
    let invalid = wrong.validate().unwrap_err();
    let fields: Vec<_> = invalid.problems().iter().map(gonex_resilience::Problem::field).collect();
    assert_eq!(
        fields,
        [
            "window",
            "minimum_calls",
            "failure_rate",
            "slow_rate",
            "break_duration",
            "slow_call",
            "max_half_open",
            "break_growth",
            "half_open",
        ]
    );
    let short = BreakerConfig { max_break: secs(1), ..BreakerConfig::default() };
    assert!(short.validate().unwrap_err().names("max_break"));
    let few = BreakerConfig { minimum_calls: 101, ..BreakerConfig::default() };
    assert!(few.validate().unwrap_err().names("minimum_calls"));
}
