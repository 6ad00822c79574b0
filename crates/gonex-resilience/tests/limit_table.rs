//! What a limiter says at each boundary: before it, at it, and after it.

mod support;

use std::sync::Arc;
use std::time::Duration;

use gonex_core::component::{Component, Health, Registry};
use gonex_resilience::limit::{
    AtBound, Denied, Gcra, KeyedLimiter, LeakyBucket, LeakyBucketConfig, Refill, Sliding,
    SlidingWindow, SlidingWindowConfig, TokenBucket, TokenBucketConfig,
};
use support::{Told, millis, secs};

const SECOND: u64 = 1_000_000_000;

fn bucket(config: TokenBucketConfig) -> (TokenBucket, Arc<Told>) {
    let clock = Told::new();
    (TokenBucket::with_clock(config, clock.clone()).unwrap(), clock)
}

fn window(config: SlidingWindowConfig) -> (SlidingWindow, Arc<Told>) {
    let clock = Told::new();
    (SlidingWindow::with_clock(config, clock.clone()).unwrap(), clock)
}

fn not_yet(nanos: u64) -> Result<(), Denied> {
    Err(Denied::NotYet { retry_after: Duration::from_nanos(nanos) })
}

#[test]
fn a_token_comes_back_at_its_moment_and_not_before() {
    let (limiter, clock) = bucket(TokenBucketConfig::per_second(4));
    assert_eq!(limiter.try_acquire(4), Ok(()));
    assert_eq!(limiter.try_acquire(1), not_yet(SECOND / 4));
    clock.set(SECOND / 4 - 1);
    assert_eq!(limiter.try_acquire(1), not_yet(1));
    assert_eq!(limiter.available(), 0);
    clock.set(SECOND / 4);
    assert_eq!(limiter.available(), 1);
    assert_eq!(limiter.try_acquire(2), not_yet(SECOND / 4), "a denial takes nothing");
    assert_eq!(limiter.try_acquire(1), Ok(()));
    clock.set(SECOND / 4 + 1);
    assert_eq!(limiter.try_acquire(1), not_yet(SECOND / 4 - 1));
}

#[test]
fn idle_time_never_banks_more_than_the_bucket_holds() {
    let (limiter, clock) = bucket(TokenBucketConfig::per_second(4));
    clock.set(1_000_000 * SECOND);
    assert_eq!(limiter.available(), 4);
    assert_eq!(limiter.try_acquire(5), Err(Denied::TooMany { wanted: 5, most: 4 }));
    assert_eq!(limiter.try_acquire(4), Ok(()));
    assert_eq!(limiter.try_acquire(1), not_yet(SECOND / 4));
}

#[test]
fn stepped_tokens_come_all_at_once() {
    let config = TokenBucketConfig {
        capacity: 5,
        refill: Refill::Stepped,
        ..TokenBucketConfig::per(3, secs(1))
    };
    let (limiter, clock) = bucket(config);
    assert_eq!(limiter.try_acquire(5), Ok(()));
    clock.set(SECOND - 1);
    assert_eq!((limiter.available(), limiter.try_acquire(1)), (0, not_yet(1)));
    clock.set(SECOND);
    assert_eq!((limiter.available(), limiter.try_acquire(4)), (3, not_yet(SECOND)));
    assert_eq!(limiter.try_acquire(3), Ok(()));
    clock.set(3 * SECOND);
    assert_eq!(limiter.available(), 5, "six have come, and five have room");
}

#[test]
fn without_bursts_tokens_are_evenly_spaced() {
    let (limiter, clock) =
        bucket(TokenBucketConfig { burst: false, ..TokenBucketConfig::per_second(4) });
    clock.set(9 * SECOND);
    assert_eq!(limiter.try_acquire(2), Err(Denied::TooMany { wanted: 2, most: 1 }));
    assert_eq!((limiter.try_acquire(1), limiter.try_acquire(1)), (Ok(()), not_yet(SECOND / 4)));
    clock.set(9 * SECOND + SECOND / 4);
    assert_eq!((limiter.try_acquire(1), limiter.try_acquire(1)), (Ok(()), not_yet(SECOND / 4)));
}

#[test]
fn a_clock_that_goes_back_brings_nothing_and_takes_nothing() {
    let (limiter, clock) = bucket(TokenBucketConfig::per_second(4));
    clock.set(8 * SECOND);
    assert_eq!(limiter.try_acquire(3), Ok(()));
    clock.set(2 * SECOND);
    assert_eq!(limiter.available(), 1);
    assert_eq!(limiter.try_acquire(1), Ok(()), "it is not denied for what the clock does");
    assert_eq!(limiter.try_acquire(1), not_yet(SECOND / 4));
    clock.set(8 * SECOND);
    assert_eq!(limiter.available(), 0);
}

#[test]
fn the_fastest_and_the_slowest_rates_do_not_overflow() {
    let (fast, clock) = bucket(TokenBucketConfig::per_second(1_000_000_000));
    assert_eq!(fast.try_acquire(1_000_000_000), Ok(()));
    assert_eq!(fast.try_acquire(1), not_yet(1));
    clock.set(SECOND);
    assert_eq!(fast.available(), 1_000_000_000);

    let year = secs(366 * 24 * 3600);
    let (slow, clock) =
        bucket(TokenBucketConfig { capacity: 10, ..TokenBucketConfig::per(1, year) });
    assert_eq!(slow.try_acquire(10), Ok(()));
    assert_eq!(slow.time_until(10), Some(year * 10));
    clock.set(u64::try_from(year.as_nanos()).unwrap());
    assert_eq!(slow.available(), 1);
    clock.set(u64::MAX / 64);
    assert_eq!(slow.available(), 9, "nine years are full");
}

#[test]
fn a_reservation_gives_back_what_nobody_has_built_upon() {
    let (limiter, clock) = bucket(TokenBucketConfig::per_second(4));
    let used = limiter.reserve(4, Duration::ZERO).unwrap();
    assert!(used.wait().is_zero());
    assert_eq!(used.cancel(), 0, "its moment has come");
    assert_eq!(
        limiter.reserve(1, millis(249)).unwrap_err(),
        Denied::TooLong { needed: millis(250), allowed: millis(249) }
    );
    assert_eq!(limiter.try_acquire(0), Ok(()), "nothing is always there");
    let three = limiter.reserve(3, millis(750)).unwrap();
    assert_eq!(limiter.try_acquire(0), Ok(()), "also where others have reserved");
    let one = limiter.reserve(1, secs(1)).unwrap();
    assert_eq!((three.wait(), one.wait()), (millis(750), secs(1)));
    assert_eq!(three.cancel(), 2);
    assert_eq!(one.wait(), secs(1), "it keeps its moment");
    assert_eq!(limiter.time_until(1), Some(millis(750)));
    clock.set(SECOND - 1);
    assert_eq!(one.cancel(), 1);
    assert_eq!(limiter.try_acquire(1), Ok(()));
}

#[test]
fn a_reservation_from_before_a_reset_gives_nothing_back() {
    let (limiter, _) = bucket(TokenBucketConfig::per_second(4));
    limiter.try_acquire(4).unwrap();
    let before = limiter.reserve(2, secs(9)).unwrap();
    limiter.reset();
    assert_eq!((limiter.available(), before.cancel(), limiter.available()), (4, 0, 4));
    let before = limiter.reserve(4, secs(9)).and_then(|_| limiter.reserve(2, secs(9))).unwrap();
    limiter.reconfigure(TokenBucketConfig::per_second(8)).unwrap();
    assert_eq!(before.cancel(), 0);
}

#[test]
fn what_was_available_survives_new_settings() {
    let (limiter, clock) = bucket(TokenBucketConfig::per_second(10));
    limiter.try_acquire(4).unwrap();
    limiter.reconfigure(TokenBucketConfig::per_second(100)).unwrap();
    assert_eq!(limiter.available(), 6);
    limiter.reconfigure(TokenBucketConfig::per_second(2)).unwrap();
    assert_eq!(limiter.available(), 2, "no more than it holds now");
    limiter.try_acquire(2).unwrap();
    let stepped = TokenBucketConfig { refill: Refill::Stepped, ..TokenBucketConfig::per_second(5) };
    limiter.reconfigure(stepped).unwrap();
    assert_eq!(limiter.available(), 0);
    clock.set(SECOND);
    assert_eq!(limiter.available(), 5);
    let wrong = limiter.reconfigure(TokenBucketConfig::per_second(0)).unwrap_err();
    assert!(wrong.names("capacity") && wrong.names("refill_rate"));
    assert_eq!(limiter.config(), stepped, "nothing was changed");
}

#[test]
fn an_exact_window_slides_by_the_nanosecond() {
    let config = SlidingWindowConfig { precision: None, ..SlidingWindowConfig::per_second(3) };
    let (limiter, clock) = window(config);
    clock.set(100);
    assert_eq!(limiter.try_acquire(2), Ok(()));
    clock.set(200);
    assert_eq!(limiter.try_acquire(2), not_yet(SECOND - 100));
    assert_eq!(limiter.try_acquire(1), Ok(()));
    clock.set(SECOND + 99);
    assert_eq!((limiter.available(), limiter.try_acquire(1)), (0, not_yet(1)));
    clock.set(SECOND + 100);
    assert_eq!(limiter.available(), 2);
    clock.set(50);
    assert_eq!(limiter.available(), 2, "a clock that goes back brings nothing");
    clock.set(SECOND + 200);
    assert_eq!((limiter.available(), limiter.waiting()), (3, 0));
    assert_eq!(limiter.try_acquire(4), Err(Denied::TooMany { wanted: 4, most: 3 }));
}

#[test]
fn a_window_of_counters_forgets_a_part_with_its_last_request() {
    let config = SlidingWindowConfig {
        window_size: Duration::from_nanos(100),
        max_requests: 3,
        precision: Some(4),
    };
    let (limiter, clock) = window(config);
    limiter.try_acquire(1).unwrap();
    clock.set(24);
    limiter.try_acquire(1).unwrap();
    clock.set(25);
    limiter.try_acquire(1).unwrap();
    clock.set(123);
    assert_eq!(limiter.available(), 0, "the first part is as young as its last request");
    clock.set(124);
    assert_eq!(limiter.available(), 2);
    clock.set(125);
    assert_eq!(limiter.available(), 3);
}

#[test]
fn a_window_that_shrinks_is_paid_back_first() {
    let config = SlidingWindowConfig { precision: None, ..SlidingWindowConfig::per_second(3) };
    let (limiter, clock) = window(config);
    for now in [0, 10, 20] {
        clock.set(now);
        limiter.try_acquire(1).unwrap();
    }
    limiter.reconfigure(SlidingWindowConfig { max_requests: 2, ..config }).unwrap();
    assert_eq!(limiter.try_acquire(1), not_yet(SECOND + 10 - 20));
    assert_eq!(limiter.try_acquire(2), not_yet(SECOND));
    limiter.reset();
    assert_eq!(limiter.available(), 2);
}

#[test]
fn a_leaky_queue_lets_out_evenly_and_makes_up_for_nothing() {
    let clock = Told::new();
    let config = LeakyBucketConfig { capacity: 3, leak_rate: 2, leak_interval: secs(1) };
    let bucket = LeakyBucket::with_clock(config, clock.clone()).unwrap();
    clock.set(100 * SECOND);
    for thing in 0..3 {
        bucket.try_enqueue(thing).unwrap();
    }
    assert!(bucket.is_full());
    assert_eq!((bucket.dequeue(), bucket.dequeue()), (Some(0), None));
    assert_eq!(bucket.time_until_next(), Some(millis(500)));
    clock.set(100 * SECOND + SECOND / 2 - 1);
    assert_eq!(bucket.dequeue(), None);
    clock.set(100 * SECOND + SECOND / 2);
    assert_eq!((bucket.dequeue(), bucket.dequeue()), (Some(1), None));
    assert_eq!((bucket.len(), bucket.capacity(), bucket.is_full()), (1, 3, false));
}

#[test]
fn who_waits_for_room_in_a_leaky_queue_gets_it_in_order() {
    use std::pin::pin;
    let config = LeakyBucketConfig { capacity: 1, leak_rate: 1, leak_interval: secs(1) };
    let bucket = LeakyBucket::new(config).unwrap();
    bucket.try_enqueue(1).unwrap();
    let mut second = pin!(bucket.enqueue(2));
    assert!(support::poll(&mut second).is_pending());
    assert_eq!(bucket.try_enqueue(3), Err(3));
    assert_eq!(bucket.dequeue(), Some(1));
    assert_eq!(bucket.try_enqueue(3), Err(3), "nobody overtakes the one who waits");
    assert!(support::poll(&mut second).is_ready());
    assert_eq!(bucket.len(), 1);
}

#[test]
fn keys_have_a_limit_each_and_a_bound_together() {
    let clock = Told::new();
    let config = TokenBucketConfig::per_second(2);
    let keyed = KeyedLimiter::<u32, Gcra>::with(config, 2, AtBound::Refuse, clock.clone()).unwrap();
    assert!(keyed.try_acquire(&1, 2).is_ok());
    clock.set(1);
    assert!(keyed.try_acquire(&2, 1).is_ok());
    assert_eq!(keyed.try_acquire(&3, 1), Err(Denied::TooManyKeys { keys: 2 }));
    clock.set(SECOND / 2);
    assert_eq!(keyed.try_acquire(&3, 1), Err(Denied::TooManyKeys { keys: 2 }), "not at rest yet");
    clock.set(SECOND / 2 + 1);
    let held = keyed.of(&3).unwrap();
    assert_eq!(keyed.len(), 2, "the second was at rest, and made room");
    assert!(keyed.try_acquire(&1, 2).is_err());
    clock.set(2 * SECOND);
    assert!(keyed.try_acquire(&4, 1).is_ok(), "in the place of the first");
    assert_eq!(keyed.try_acquire(&5, 1), Err(Denied::TooManyKeys { keys: 2 }), "one is held");
    drop(held);
    assert!(keyed.try_acquire(&5, 1).is_ok());
    assert_eq!(keyed.metrics().denied, 4);
}

#[test]
fn the_oldest_key_goes_where_that_is_wanted() {
    let clock = Told::new();
    let config = SlidingWindowConfig::per_second(1);
    let keyed =
        KeyedLimiter::<String, Sliding>::with(config, 2, AtBound::EvictOldest, clock).unwrap();
    for name in ["a", "b"] {
        keyed.try_acquire(name, 1).unwrap();
    }
    assert!(keyed.try_acquire("a", 1).is_err(), "and was asked for lately");
    keyed.try_acquire("c", 1).unwrap();
    assert!(keyed.try_acquire("a", 1).is_err(), "it has stayed");
    assert!(keyed.try_acquire("b", 1).is_ok(), "it has begun anew");
    assert_eq!(keyed.len(), 2);
}

#[test]
fn new_settings_reach_all_keys() {
    let keyed = KeyedLimiter::<u8, Gcra>::new(TokenBucketConfig::per(1, secs(60)), 9).unwrap();
    keyed.try_acquire(&1, 1).unwrap();
    keyed.reconfigure(TokenBucketConfig::per(5, secs(60))).unwrap();
    assert!(keyed.try_acquire(&1, 1).is_err(), "nothing was available, and stays so");
    assert!(keyed.try_acquire(&2, 5).is_ok());
    assert!(keyed.reconfigure(TokenBucketConfig::per(0, secs(60))).is_err());
}

#[test]
fn a_limiter_is_a_component() {
    let registry = Registry::new();
    let limiter = TokenBucket::new(TokenBucketConfig::per(1, secs(60))).unwrap().named("search");
    let _registered = registry.register(Arc::new(limiter.clone())).unwrap();
    assert!(limiter.try_acquire(1).is_ok() && limiter.try_acquire(1).is_err());
    assert_eq!(registry.metrics().count("denied"), Some(1));
    assert_eq!(registry.health(), Health::Healthy);
    let snapshot = limiter.snapshot();
    assert_eq!(snapshot.get("available"), Some(&0_u32.into()));
    let report = registry.shutdown_all(gonex_core::rt::now() + secs(1)).block();
    assert!(report.is_clean(), "{report:?}");
    assert!(!limiter.is_running());
}

#[test]
fn settings_are_read_from_files() {
    let read: TokenBucketConfig =
        toml::from_str("capacity = 5\nrefillRate = 1\nrefillInterval = 250\nenableBurst = false")
            .unwrap();
    let config =
        TokenBucketConfig { capacity: 5, burst: false, ..TokenBucketConfig::per(1, millis(250)) };
    assert_eq!(read, config);
    assert_eq!(toml::from_str::<TokenBucketConfig>(&toml::to_string(&config).unwrap()), Ok(config));
    let wrong = toml::from_str::<LeakyBucketConfig>("leak_interval = -5").unwrap_err();
    assert!(wrong.to_string().contains("not negative"), "{wrong}");
    let window: SlidingWindowConfig =
        toml::from_str("windowSize = \"1m\"\nmaxRequests = 7\nprecision = 3").unwrap();
    let expected =
        SlidingWindowConfig { window_size: secs(60), max_requests: 7, precision: Some(3) };
    assert_eq!(window, expected);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let table = [
        (TokenBucketConfig::per(1, Duration::ZERO), "refill_interval"),
        (TokenBucketConfig::per(1, secs(366 * 24 * 3600 + 1)), "refill_interval"),
        (TokenBucketConfig::per(2, Duration::from_nanos(1)), "refill_rate"),
        (
            TokenBucketConfig { capacity: 11, ..TokenBucketConfig::per(1, secs(366 * 24 * 3600)) },
            "capacity",
        ),
    ];
    for (config, field) in table {
        assert!(config.validate().unwrap_err().names(field), "{config:?}");
    }
    let all = TokenBucketConfig { capacity: 0, ..TokenBucketConfig::per(0, Duration::ZERO) };
    assert_eq!(all.validate().unwrap_err().problems().len(), 3);
    let long =
        SlidingWindowConfig { precision: None, ..SlidingWindowConfig::per_second(2_000_000) };
    assert!(long.validate().unwrap_err().names("precision"));
}
