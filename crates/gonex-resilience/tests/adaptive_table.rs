//! How an adaptive limit moves, window by window: each law at its boundaries, what does not move it, and what
//! becomes of calls.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gonex_core::Stop;
use gonex_core::component::{Component, Health, Registry};
use gonex_resilience::adaptive::{AdaptiveConfig, AdaptivePermit, Algorithm};
use gonex_resilience::bulkhead::Full;
use gonex_resilience::{AdaptiveLimit, CallError};
use support::{Told, by_hand, millis, poll, secs};

const MILLI: u64 = 1_000_000;

fn adaptive(algorithm: Algorithm, initial_limit: usize) -> (AdaptiveLimit, Arc<Told>, Clocked) {
    let clock = Told::new();
    let config = AdaptiveConfig {
        algorithm,
        initial_limit,
        window: Duration::from_nanos(1),
        window_samples: 2,
        ..AdaptiveConfig::default()
    };
    (AdaptiveLimit::with_clock(config, clock.clone()).unwrap(), clock, Clocked(0))
}

/// The moment that the clock tells.
struct Clocked(u64);

impl Clocked {
    /// One window: so many run at once, each of them for exactly so long.
    fn window(&mut self, limit: &AdaptiveLimit, clock: &Told, running: usize, took: u64, end: End) {
        let mut early: Vec<_> =
            (1..running).map(|_| limit.try_acquire().expect("there is a place")).collect();
        self.pass(clock, 1);
        let last = limit.try_acquire().expect("there is a place");
        self.pass(clock, took - 1);
        let dropped = (end == End::OneDropped).then(|| early.pop()).flatten();
        dropped.into_iter().for_each(AdaptivePermit::dropped);
        early.into_iter().for_each(AdaptivePermit::success);
        self.pass(clock, 1);
        last.success();
    }

    fn pass(&mut self, clock: &Told, nanos: u64) {
        self.0 += nanos;
        clock.set(self.0);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    AllWell,
    OneDropped,
}

#[test]
fn aimd_grows_by_one_and_shrinks_by_a_share() {
    let (limit, clock, mut time) = adaptive(Algorithm::aimd(), 20);
    // With fewer than half as many at once the limit is not what bounds them.
    for (running, end, expected) in [
        (9, End::AllWell, 20),
        (10, End::AllWell, 21),
        (10, End::AllWell, 21),
        (11, End::AllWell, 22),
        (2, End::OneDropped, 19),
        (2, End::OneDropped, 17),
    ] {
        limit_is(&limit, &mut time, &clock, running, end, expected);
    }
    let metrics = limit.metrics();
    assert_eq!((metrics.raised, metrics.lowered, metrics.dropped), (2, 2, 2));
}

fn limit_is(
    limit: &AdaptiveLimit,
    time: &mut Clocked,
    clock: &Told,
    running: usize,
    end: End,
    expected: usize,
) {
    // Each window has as many samples as calls.
    let config = AdaptiveConfig {
        window_samples: u32::try_from(running).unwrap(),
        initial_limit: limit.limit(),
        ..limit.config()
    };
    limit.reconfigure(config).unwrap();
    time.window(limit, clock, running, 10 * MILLI, end);
    assert_eq!(limit.limit(), expected, "{running} at once");
}

#[test]
fn aimd_takes_what_is_longer_than_it_may_for_a_drop() {
    let algorithm = Algorithm::Aimd { backoff: 0.5, too_slow: Some(millis(10)) };
    let (limit, clock, mut time) = adaptive(algorithm, 2);
    time.window(&limit, &clock, 2, 10 * MILLI, End::AllWell);
    assert_eq!(limit.limit(), 3, "as long as it may");
    time.window(&limit, &clock, 2, 10 * MILLI + 1, End::AllWell);
    assert_eq!(limit.limit(), 1, "half of three, of which one is whole");
    let config = AdaptiveConfig { initial_limit: 8, ..limit.config() };
    let (limit, clock) = (AdaptiveLimit::with_clock(config, clock.clone()).unwrap(), clock);
    let least = AdaptiveConfig { min_limit: 8, ..config };
    limit.reconfigure(least).unwrap();
    time.window(&limit, &clock, 2, 99 * MILLI, End::AllWell);
    assert_eq!(limit.limit(), 8, "never lower than the lowest");
}

#[test]
fn vegas_keeps_a_few_in_the_queue() {
    // With a limit of 100 a unit is 2: up to 2 in the queue it grows by 12, below 6 by 2, above 12 it shrinks
    // by 2. So many queue as the share of the time that is above the fastest.
    for (took, expected) in [
        (1_000, 112),
        (1_020, 112),
        (1_021, 102),
        (1_052, 102),
        (1_064, 100),
        (1_136, 100),
        (1_137, 98),
        (9_000, 98),
    ] {
        let (limit, clock, mut time) = adaptive(Algorithm::vegas(), 100);
        let one = AdaptiveConfig { window_samples: 50, initial_limit: 100, ..limit.config() };
        limit.reconfigure(one).unwrap();
        // The fastest time is learned by few, which move nothing.
        let few = AdaptiveConfig { window_samples: 2, ..one };
        limit.reconfigure(few).unwrap();
        time.window(&limit, &clock, 2, 1_000, End::AllWell);
        assert_eq!(limit.limit(), 100);
        limit.reconfigure(one).unwrap();
        time.window(&limit, &clock, 50, took, End::AllWell);
        assert_eq!(limit.limit(), expected, "{took} ns");
    }
}

#[test]
fn vegas_shrinks_at_a_drop_and_forgets_the_fastest_time_in_the_end() {
    let (limit, clock, mut time) = adaptive(Algorithm::Vegas { probe: 1 }, 4);
    time.window(&limit, &clock, 2, 1_000, End::OneDropped);
    assert_eq!(limit.limit(), 3, "by one, where the logarithm is smaller");
    // Three in the queue of three: it stays, and by the third window the slow time is the fastest known.
    for expected in [3, 3] {
        time.window(&limit, &clock, 2, 1_000_000, End::AllWell);
        assert_eq!(limit.limit(), expected);
    }
    time.window(&limit, &clock, 2, 1_000_000, End::AllWell);
    assert_eq!(limit.limit(), 9, "nothing queues");
}

#[test]
fn the_gradient_moves_by_a_share_of_the_way() {
    let (limit, clock, mut time) = adaptive(Algorithm::gradient(), 20);
    let twelve = AdaptiveConfig { window_samples: 12, ..limit.config() };
    limit.reconfigure(twelve).unwrap();
    // A fifth of the 4 that may queue: 20.8, 21.6.
    for expected in [20, 21] {
        time.window(&limit, &clock, 12, 1_000, End::AllWell);
        assert_eq!(limit.limit(), expected);
    }
    // 10 of 21.6 are fewer than half: not bounded by the limit, and nothing moves.
    let ten = AdaptiveConfig { window_samples: 10, ..twelve };
    limit.reconfigure(ten).unwrap();
    time.window(&limit, &clock, 10, 1_000, End::AllWell);
    assert_eq!(limit.limit(), 21);
    let eleven = AdaptiveConfig { window_samples: 11, ..ten };
    limit.reconfigure(eleven).unwrap();
    // A drop takes half, of which a fifth: 21.6 * 0.9 = 19.44.
    time.window(&limit, &clock, 11, 1_000, End::OneDropped);
    assert_eq!(limit.limit(), 19);
    // 100 times as long: no more than half, and 4 may queue: 19.44 * 0.8 + (9.72 + 4) * 0.2 = 18.3.
    time.window(&limit, &clock, 11, 100_000, End::AllWell);
    assert_eq!(limit.limit(), 18);
}

#[test]
fn a_window_ends_at_its_time_and_its_number_of_samples_and_not_before() {
    let clock = Told::new();
    let config = AdaptiveConfig {
        algorithm: Algorithm::aimd(),
        window: Duration::from_nanos(100),
        window_samples: 3,
        ..AdaptiveConfig::default()
    };
    let limit = AdaptiveLimit::with_clock(config, clock.clone()).unwrap();
    let drop_at = |nanos| {
        clock.set(nanos);
        limit.try_acquire().unwrap().dropped();
        limit.limit()
    };
    assert_eq!((drop_at(1_000), drop_at(1_050), drop_at(1_099)), (20, 20, 20), "too short");
    assert_eq!(drop_at(1_100), 18);
    assert_eq!((drop_at(2_000), drop_at(9_000)), (18, 18), "too few");
    assert_eq!(drop_at(9_000), 16);
}

#[test]
fn what_does_not_count_moves_nothing() {
    by_hand(|manual| {
        let config = AdaptiveConfig {
            algorithm: Algorithm::aimd(),
            window: Duration::from_nanos(1),
            window_samples: 1,
            ..AdaptiveConfig::default()
        };
        let limit = AdaptiveLimit::new(config).unwrap();
        for _ in 0..9 {
            manual.advance(millis(1));
            assert_eq!(
                limit.call(|| Err::<(), _>("no such page")).block(),
                Err(CallError::Failed("no such page"))
            );
            drop(limit.try_acquire().unwrap());
            limit.try_acquire().unwrap().ignore();
            let mut dropped = Box::pin(limit.call(std::future::pending::<Result<(), ()>>));
            assert!(poll(&mut dropped.as_mut()).is_pending());
        }
        let metrics = limit.metrics();
        assert_eq!((limit.limit(), metrics.ignored, metrics.admitted), (20, 36, 36));
        assert_eq!((limit.running(), metrics.succeeded, metrics.dropped), (0, 0, 0));
        // A time-out of the operation is a drop.
        for _ in 0..2 {
            let call = limit.call(std::future::pending::<Result<(), ()>>).timeout(millis(5));
            let stopped = support::drive(manual, millis(5), pin!(call));
            assert_eq!(stopped, Err(CallError::Stopped(Stop::Timeout)));
        }
        assert_eq!((limit.limit(), limit.metrics().dropped), (18, 2));
    });
}

#[test]
fn who_waits_gets_in_when_the_limit_grows_and_in_turn() {
    by_hand(|manual| {
        let config = AdaptiveConfig {
            algorithm: Algorithm::aimd(),
            initial_limit: 1,
            window: Duration::from_nanos(1),
            window_samples: 2,
            max_queue: 1,
            max_wait: Some(secs(5)),
            ..AdaptiveConfig::default()
        };
        let limit = AdaptiveLimit::new(config).unwrap();
        limit.try_acquire().unwrap().success();
        let inside = limit.try_acquire().unwrap();
        let mut first = pin!(limit.acquire());
        assert!(poll(&mut first).is_pending());
        assert_eq!(limit.acquire().block().unwrap_err(), Full::QueueFull { waiting: 1 });
        assert_eq!(limit.try_acquire().unwrap_err(), Full::Busy);
        manual.advance(millis(1));
        inside.success();
        assert_eq!(limit.limit(), 2);
        let Poll::Ready(Ok(one)) = poll(&mut first) else { panic!("there are two places") };
        let two = limit.try_acquire().unwrap();
        let mut late = pin!(limit.acquire());
        assert!(poll(&mut late).is_pending());
        manual.advance(secs(5));
        let Poll::Ready(Err(full)) = poll(&mut late) else { panic!("its time is over") };
        assert_eq!(full, Full::WaitedTooLong { waited: secs(5) });
        let mut stopped = pin!(limit.call(|| Ok::<_, ()>(7)).timeout(secs(1)));
        assert!(poll(&mut stopped).is_pending());
        manual.advance(secs(1));
        let stopped = poll(&mut stopped);
        let full = CallError::Refused(Full::Stopped(Stop::Timeout));
        assert_eq!(stopped, Poll::Ready(Err(full)));
        drop((one, two));
        let metrics = limit.metrics();
        // The one that was stopped was not refused, as for a bulkhead.
        assert_eq!((metrics.admitted, metrics.refused, limit.queue_len()), (4, 3, 0));
    });
}

#[test]
fn a_limit_that_shrinks_is_paid_back_by_those_inside() {
    let (limit, clock, _) = adaptive(Algorithm::aimd(), 4);
    let mut inside: Vec<_> = (0..4).map(|_| limit.try_acquire().unwrap()).collect();
    inside.pop().unwrap().dropped();
    clock.set(5);
    inside.pop().unwrap().dropped();
    assert_eq!((limit.limit(), limit.running()), (3, 2));
    let third = limit.try_acquire().unwrap();
    assert!(limit.try_acquire().is_err());
    clock.set(10);
    third.dropped();
    clock.set(15);
    inside.pop().unwrap().dropped();
    assert_eq!((limit.limit(), limit.running()), (3, 1), "3.6 and 3.24");
    limit.reset();
    assert_eq!(limit.limit(), 4);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let wrong = AdaptiveConfig {
        initial_limit: 500,
        min_limit: 0,
        window: Duration::ZERO,
        window_samples: 0,
        max_queue: 1,
        max_wait: Some(Duration::ZERO),
        algorithm: Algorithm::Gradient { tolerance: 0.9, queue: 0, smoothing: 0.0, long_window: 0 },
        ..AdaptiveConfig::default()
    };
    let invalid = wrong.validate().unwrap_err();
    for field in [
        "initial_limit",
        "min_limit",
        "window",
        "window_samples",
        "max_wait",
        "tolerance",
        "queue",
        "smoothing",
        "long_window",
    ] {
        assert!(invalid.names(field), "{field}: {invalid}");
    }
    for backoff in [0.49, 1.0, f64::NAN] {
        let algorithm = Algorithm::Aimd { backoff, too_slow: Some(Duration::ZERO) };
        let wrong = AdaptiveConfig { algorithm, ..AdaptiveConfig::default() };
        let invalid = wrong.validate().unwrap_err();
        assert!(invalid.names("backoff") && invalid.names("too_slow"), "{invalid}");
    }
    let limit = AdaptiveLimit::new(AdaptiveConfig::default()).unwrap();
    assert!(limit.reconfigure(wrong).is_err());
    assert_eq!(limit.config(), AdaptiveConfig::default(), "nothing was changed");
}

#[test]
fn settings_are_read_from_files() {
    let read: AdaptiveConfig = toml::from_str(
        "max_limit = 50\nwindow = \"250ms\"\n[algorithm.aimd]\nbackoff = 0.8\ntoo_slow = \"1s\"",
    )
    .unwrap();
    let algorithm = Algorithm::Aimd { backoff: 0.8, too_slow: Some(secs(1)) };
    let config = AdaptiveConfig {
        algorithm,
        max_limit: 50,
        window: millis(250),
        ..AdaptiveConfig::default()
    };
    assert_eq!(read, config);
    assert_eq!(toml::from_str(&toml::to_string(&config).unwrap()), Ok(config));
}

#[test]
fn it_is_a_component() {
    let registry = Registry::new();
    let config = AdaptiveConfig { initial_limit: 1, ..AdaptiveConfig::default() };
    let limit = AdaptiveLimit::new(config).unwrap().named("search");
    let _registered = registry.register(Arc::new(limit.clone())).unwrap();
    let inside = limit.try_acquire().unwrap();
    assert_eq!(limit.health(), Health::degraded("its limit is 1, the lowest, and all are taken"));
    inside.success();
    assert_eq!(registry.health(), Health::Healthy);
    assert_eq!(registry.metrics().count("succeeded"), Some(1));
    assert_eq!(registry.metrics().value("limit"), Some(1.0));
    assert!(registry.shutdown_all(gonex_core::rt::now() + secs(1)).block().is_clean());
    assert!(!limit.is_running());
}
