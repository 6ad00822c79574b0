//! The laws of the delay: any settings, any attempt.

use std::time::Duration;

use gonex_resilience::retry::{Jitter, Strategy as Backoff};
use gonex_resilience::{Retry, RetryConfig};
use proptest::prelude::*;

fn config(jitter: impl Strategy<Value = Jitter>) -> impl Strategy<Value = RetryConfig> {
    let strategy = prop_oneof![
        Just(Backoff::Fixed),
        Just(Backoff::Linear),
        Just(Backoff::Exponential),
        Just(Backoff::Fibonacci),
    ];
    let span = || prop_oneof![1..10_000_u64, 1..u64::MAX].prop_map(Duration::from_nanos);
    let multiplier = prop_oneof![Just(1.0), Just(2.0), 1.001..1e6_f64];
    (strategy, span(), span(), multiplier, jitter).prop_map(
        |(strategy, one, other, multiplier, jitter)| RetryConfig {
            strategy,
            initial_delay: one.min(other),
            max_delay: one.max(other),
            multiplier,
            jitter,
            ..RetryConfig::default()
        },
    )
}

fn jitter() -> impl Strategy<Value = Jitter> {
    prop::sample::select(vec![Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated])
}

fn attempt() -> impl Strategy<Value = u32> {
    prop_oneof![0..200_u32, any::<u32>()]
}

proptest! {
    #[test]
    fn delays_never_shrink_and_stay_between_the_bounds(
        config in config(Just(Jitter::None)),
        attempt in attempt(),
        later in attempt(),
    ) {
        let (initial, max) = (config.initial_delay, config.max_delay);
        let retry = Retry::try_from(config).unwrap();
        let (attempt, later) = (attempt.min(later), attempt.max(later));
        prop_assert!(retry.delay(attempt) <= retry.delay(later));
        prop_assert!(retry.delay(attempt) >= initial && retry.delay(later) <= max);
        prop_assert_eq!(retry.delay(1), initial);
        prop_assert_eq!(retry.delay(0), initial, "there is no attempt before the first");
    }

    #[test]
    fn chance_keeps_to_its_range(
        config in config(jitter()),
        attempt in attempt(),
        before in prop::option::of(any::<u64>().prop_map(Duration::from_nanos)),
        random in prop_oneof![Just(0), Just(u64::MAX), any::<u64>()],
    ) {
        let RetryConfig { initial_delay: initial, max_delay: max, jitter, .. } = config;
        let retry = Retry::try_from(config).unwrap();
        let (whole, drawn) = (retry.delay(attempt), retry.jittered_delay(attempt, before, random));
        prop_assert!(drawn <= max);
        match jitter {
            Jitter::None => prop_assert_eq!(drawn, whole),
            Jitter::Full => prop_assert!(drawn <= whole),
            Jitter::Equal => prop_assert!(whole / 2 <= drawn && drawn <= whole),
            Jitter::Decorrelated => {
                prop_assert!(drawn >= initial);
                let top = before.unwrap_or(initial).saturating_mul(3).max(initial);
                prop_assert!(drawn <= top);
            }
        }
    }

    #[test]
    fn nothing_overflows_whatever_the_settings(
        initial in any::<(u64, u32)>(),
        max in any::<(u64, u32)>(),
        multiplier in any::<f64>(),
        attempt in any::<u32>(),
        random in any::<u64>(),
        jitter in jitter(),
    ) {
        // Not checked on purpose: what is wrong is said by a call, and arithmetic must not panic.
        let span = |(secs, nanos): (u64, u32)| Duration::new(secs, nanos % 1_000_000_000);
        let retry = Retry::exponential()
            .initial_delay(span(initial))
            .max_delay(span(max))
            .multiplier(multiplier)
            .jitter(jitter);
        prop_assert!(retry.delay(attempt) <= span(max));
        prop_assert!(retry.jittered_delay(attempt, Some(span(initial)), random) <= span(max));
    }
}

#[test]
fn the_ends_of_each_range_are_reached() {
    let retry = |jitter| Retry::linear().initial_delay(Duration::from_nanos(10)).jitter(jitter);
    let ends = |jitter, before: u64| {
        let before = Some(Duration::from_nanos(before));
        let drawn = |random| retry(jitter).jittered_delay(3, before, random).as_nanos();
        (drawn(0), drawn(u64::MAX))
    };
    assert_eq!(ends(Jitter::None, 20), (30, 30));
    assert_eq!(ends(Jitter::Full, 20), (0, 30));
    assert_eq!(ends(Jitter::Equal, 20), (15, 30));
    assert_eq!(ends(Jitter::Decorrelated, 20), (10, 60));
}

/// Found by the first of the laws: as fractions of 53 bits, long delays grew by a nanosecond.
#[test]
fn long_delays_are_exact() {
    let initial = Duration::from_nanos(9_097_266_984_877_547);
    let max_delay = initial * 2;
    let config = RetryConfig {
        initial_delay: initial,
        max_delay,
        multiplier: 1.0,
        ..RetryConfig::default()
    };
    let retry = Retry::try_from(config).unwrap();
    assert_eq!((retry.delay(1), retry.delay(7)), (initial, initial));
}
