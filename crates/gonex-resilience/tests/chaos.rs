//! Faults on purpose: which calls they hit, that they are always the same, and that they can be switched off.

mod support;

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gonex_core::component::{Component, Health, Registry};
use gonex_core::{Context, Stop};
use gonex_resilience::chaos::{ChaosConfig, Decision, Fault};
use gonex_resilience::{CallError, Chaos, Policy, Retry};
use proptest::prelude::*;
use support::{by_hand, millis, poll, secs};

fn chaos(config: ChaosConfig) -> Chaos {
    Chaos::new(config).unwrap()
}

fn decisions(config: ChaosConfig, count: u64) -> Vec<Decision> {
    let chaos = chaos(config);
    (0..count).map(|_| chaos.decide()).collect()
}

#[test]
fn the_same_seed_decides_the_same_and_another_one_otherwise() {
    let config =
        ChaosConfig { seed: 42, delays: 0.3, errors: 0.2, panics: 0.1, ..Default::default() };
    let first = decisions(config, 1_000);
    assert_eq!(first, decisions(config, 1_000));
    assert_ne!(first, decisions(ChaosConfig { seed: 43, ..config }, 1_000));
    let numbers: Vec<_> = first.iter().map(|decision| decision.number).collect();
    assert_eq!(numbers, (1..=1_000).collect::<Vec<_>>());
    // Threads share the numbers, and each number has its decision.
    let chaos = chaos(config);
    let mut of_threads: Vec<_> = std::thread::scope(|scope| {
        let decide = || (0..250).map(|_| chaos.decide()).collect::<Vec<_>>();
        let threads = [(); 4].map(|()| scope.spawn(decide));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    of_threads.sort_by_key(|decision| decision.number);
    assert_eq!(of_threads, first);
}

#[test]
fn shares_are_kept() {
    let config =
        ChaosConfig { seed: 7, delays: 0.3, errors: 0.2, panics: 0.1, ..Default::default() };
    let all = decisions(config, 10_000);
    let share = |of: &dyn Fn(&Decision) -> bool| all.iter().filter(|decision| of(decision)).count();
    let delayed = share(&|decision| decision.delay.is_some());
    let failed = share(&|decision| decision.fault == Some(Fault::Error));
    let panicked = share(&|decision| decision.fault == Some(Fault::Panic));
    assert!((2_850..3_150).contains(&delayed), "{delayed}");
    assert!((1_880..2_120).contains(&failed), "{failed}");
    assert!((910..1_090).contains(&panicked), "{panicked}");
    let delays = || all.iter().filter_map(|decision| decision.delay);
    assert!(delays().min().unwrap() >= millis(10) && delays().max().unwrap() <= millis(100));
    assert!(delays().min().unwrap() < millis(11) && delays().max().unwrap() > millis(99));
}

#[test]
fn all_and_none_are_exact_and_a_delay_of_one_length_too() {
    let exact = ChaosConfig {
        min_delay: millis(7),
        max_delay: millis(7),
        delays: 1.0,
        ..Default::default()
    };
    assert!(decisions(exact, 500).iter().all(|d| d.delay == Some(millis(7)) && d.fault.is_none()));
    let all = ChaosConfig { errors: 0.5, panics: 0.5, ..Default::default() };
    assert!(decisions(all, 500).iter().all(|decision| decision.fault.is_some()));
    let none = decisions(ChaosConfig::default(), 500);
    assert!(none.iter().all(|decision| decision.fault.is_none() && decision.delay.is_none()));
}

#[test]
fn a_delay_is_waited_for_and_then_it_is_called() {
    by_hand(|manual| {
        let delays = ChaosConfig {
            delays: 1.0,
            min_delay: secs(2),
            max_delay: secs(2),
            ..Default::default()
        };
        let (chaos, called) = (chaos(delays), Cell::new(0));
        let mut call = pin!(chaos.call(|| {
            called.set(called.get() + 1);
            Ok::<_, ()>(7)
        }));
        assert!(poll(&mut call).is_pending());
        manual.advance(secs(2) - Duration::from_nanos(1));
        assert!(poll(&mut call).is_pending());
        assert_eq!(called.get(), 0);
        manual.advance(Duration::from_nanos(1));
        assert_eq!(poll(&mut call), Poll::Ready(Ok(7)));
        let stopped = chaos.call(|| Ok::<_, ()>(7)).timeout(secs(1));
        let stopped = support::drive(manual, secs(1), pin!(stopped));
        assert_eq!(stopped, Err(CallError::Stopped(Stop::Timeout)), "while it waited");
        assert_eq!(manual.timers(), 0);
        let metrics = chaos.metrics();
        assert_eq!((metrics.calls, metrics.delays, metrics.total_delay), (2, 2, secs(4)));
    });
}

#[test]
fn a_fault_is_counted_when_it_comes_and_says_the_seed_it_was_decided_by() {
    by_hand(|manual| {
        let fails = ChaosConfig { seed: 9, delays: 1.0, errors: 1.0, ..Default::default() };
        let (chaos, called) = (chaos(fails), || Ok::<_, ()>(7));
        let (context, canceller) = Context::background().with_cancel();
        let mut stopped = pin!(chaos.call(called).within(&context));
        let mut failed = pin!(chaos.call(called));
        assert!(poll(&mut stopped).is_pending() && poll(&mut failed).is_pending());
        assert_eq!((chaos.metrics().delays, chaos.metrics().errors), (2, 0));
        canceller.cancel("enough");
        let stopped = poll(&mut stopped);
        assert!(
            matches!(stopped, Poll::Ready(Err(CallError::Stopped(Stop::Cancelled(_))))),
            "{stopped:?}"
        );
        chaos.reconfigure(ChaosConfig { seed: 10, ..chaos.config() }).unwrap();
        manual.advance(secs(1));
        let Poll::Ready(Err(CallError::Refused(injected))) = poll(&mut failed) else {
            panic!("it fails when its wait is over")
        };
        assert_eq!((injected.number, injected.seed), (2, 9));
        assert_eq!((chaos.metrics().calls, chaos.metrics().errors), (2, 1));
        assert_eq!(chaos.decide().fault, Some(Fault::Error));
        assert_eq!(chaos.metrics().errors, 2, "who decides for himself follows at once");
    });
}

#[test]
fn a_panic_says_which_call_it_was_and_by_which_seed() {
    let chaos = chaos(ChaosConfig { panics: 1.0, seed: 9, ..Default::default() });
    let called = || -> Result<(), ()> { unreachable!("it is not called") };
    let caught =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| chaos.call(called).block()));
    let message = caught.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(*message, "chaos lets call 1 panic (seed 9)");
    assert_eq!(chaos.metrics().panics, 1);
}

#[test]
fn it_can_be_switched_and_counts_only_while_it_is_on() {
    let chaos = chaos(ChaosConfig { errors: 1.0, ..Default::default() });
    assert!(chaos.call(|| Ok::<_, ()>(7)).block().is_err());
    let clone = chaos.clone();
    clone.switch(false);
    for _ in 0..9 {
        assert_eq!(chaos.call(|| async { Ok::<_, ()>(7) }).block(), Ok(7));
    }
    clone.switch(true);
    let Err(CallError::Refused(second)) = chaos.call(|| Ok::<_, ()>(7)).block() else {
        panic!("it is on again")
    };
    assert_eq!((second.number, chaos.metrics().calls), (2, 2));
    chaos.reconfigure(ChaosConfig::default()).unwrap();
    assert_eq!(chaos.call(|| Ok::<_, ()>(7)).block(), Ok(7));
}

#[test]
fn a_retry_around_it_meets_one_decision_for_each_attempt() {
    let config = ChaosConfig { seed: 3, errors: 0.5, ..Default::default() };
    let chaos = chaos(config);
    let fails = |number| chaos.decision(number).fault.is_some();
    let attempts = (1..).find(|number| !fails(*number)).unwrap();
    let retry = Retry::custom(|_| Duration::ZERO).max_attempts(100);
    let policy = Policy::new().retry(retry.clone()).chaos(chaos.clone());
    assert_eq!(policy.call(|| Ok::<_, ()>(7)).block(), Ok(7));
    assert_eq!((retry.metrics().attempts, chaos.metrics().calls), (attempts, attempts));
    assert_eq!(policy.describe()[1], "chaos: 0 % wait, 50 % fail, 0 % panic, by seed 3");
}

#[test]
fn it_is_a_component_that_nobody_forgets() {
    let registry = Registry::new();
    let chaos = chaos(ChaosConfig { errors: 1.0, ..Default::default() }).named("disk");
    let _registered = registry.register(Arc::new(chaos.clone())).unwrap();
    assert_eq!(chaos.health(), Health::degraded("it injects faults"));
    assert!(chaos.call(|| Ok::<_, ()>(7)).block().is_err());
    assert_eq!(registry.metrics().count("errors"), Some(1));
    chaos.switch(false);
    assert_eq!(registry.health(), Health::Healthy);
    assert!(registry.shutdown_all(gonex_core::rt::now() + secs(1)).block().is_clean());
}

#[test]
fn everything_wrong_is_said_at_once_and_files_are_read() {
    let wrong = ChaosConfig {
        delays: 1.1,
        errors: 0.6,
        panics: 0.5,
        max_delay: millis(1),
        ..Default::default()
    };
    let invalid = wrong.validate().unwrap_err();
    assert!(
        ["delays", "panics", "max_delay"].iter().all(|field| invalid.names(field)),
        "{invalid}"
    );
    assert!(ChaosConfig { errors: f64::NAN, ..Default::default() }.validate().is_err());
    let read: ChaosConfig = toml::from_str("seed = 5\nerrors = 0.1\nmax_delay = \"1s\"").unwrap();
    let config = ChaosConfig { seed: 5, errors: 0.1, max_delay: secs(1), ..Default::default() };
    assert_eq!(read, config);
}

proptest! {
    #[test]
    fn more_faults_hit_the_same_calls_and_others(
        seed in any::<u64>(), few in 0.0..0.5_f64, more in 0.0..0.5_f64, number in 1..u64::MAX,
    ) {
        let some = chaos(ChaosConfig { seed, errors: few, delays: few, ..Default::default() });
        let many = ChaosConfig { errors: few + more, delays: few + more, ..some.config() };
        let many = chaos(many);
        let (before, after) = (some.decision(number), many.decision(number));
        prop_assert!(before.fault.is_none() || after.fault.is_some());
        prop_assert!(before.delay.is_none() || before.delay == after.delay);
    }
}
