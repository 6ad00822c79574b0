//! What the options of a call say of failures: retries, a breaker, a fallback, a lesser place.
#![cfg(not(gonex_loom))]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use gonex_core::rt;
use gonex_resilience::Fallback;
use gonex_resilience::breaker::{BreakerState, Open};
use gonex_runtime::config::FaultTolerance;
use gonex_runtime::{ParallelError, ParallelismConfig, go_parallel, try_go_parallel};
use gonex_task::TaskError;

mod support;
use support::{by_hand, drive};

fn config() -> ParallelismConfig {
    ParallelismConfig::new()
}

const BREAK: Duration = Duration::from_secs(30);

/// Work that fails as long as it is told to, and counts.
#[derive(Clone, Default)]
struct Flaky {
    well: Arc<AtomicBool>,
    calls: Arc<AtomicU32>,
}

impl Flaky {
    fn work(&self) -> impl Fn() -> Result<u32, &'static str> + Send + Sync + 'static {
        let Self { well, calls } = self.clone();
        move || {
            let call = calls.fetch_add(1, Ordering::SeqCst);
            if well.load(Ordering::SeqCst) { Ok(call) } else { Err("down") }
        }
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

fn open<'a>(ended: &'a Result<u32, ParallelError<&'static str>>) -> Option<&'a Open> {
    match ended {
        Err(ParallelError::Open { open, .. }) => Some(open),
        _ => None,
    }
}

#[test]
fn calls_of_a_name_that_keep_failing_are_refused_for_a_while_and_one_says_whether_they_are_back() {
    by_hand(|manual| {
        let flaky = Flaky::default();
        let options = || config().name("prices").circuit_breaker(true);
        let call = || drive(manual, try_go_parallel(flaky.work()).options(options()));
        for _ in 0..5 {
            assert!(matches!(call(), Err(ParallelError::Failed { attempts: 1, .. })));
        }
        // Another name has another breaker.
        let other = config().name("pictures").circuit_breaker(true);
        assert_eq!(drive(manual, go_parallel(|| 7).options(other)), Ok(7));
        let refused = call();
        let retry_after = open(&refused).and_then(|open| open.retry_after).unwrap();
        assert!(retry_after <= BREAK && retry_after > BREAK / 2, "{retry_after:?}");
        assert_eq!(flaky.calls(), 5, "it has not been called");

        manual.advance(retry_after - Duration::from_nanos(1));
        assert!(call().is_err_and(|error| matches!(error, ParallelError::Open { .. })));
        manual.advance(Duration::from_nanos(1));
        assert!(matches!(call(), Err(ParallelError::Failed { .. })), "it is tried once");
        assert!(open(&call()).is_some_and(|open| open.state == BreakerState::Open));
        assert_eq!(flaky.calls(), 6);

        manual.advance(BREAK);
        flaky.well.store(true, Ordering::SeqCst);
        assert_eq!((call(), call()), (Ok(6), Ok(7)));
    });
}

#[test]
fn calls_without_a_name_share_a_breaker_with_those_from_their_place() {
    by_hand(|manual| {
        let flaky = Flaky::default();
        let options = || config().fault_tolerance(FaultTolerance::CircuitBreaker);
        let here = || drive(manual, try_go_parallel(flaky.work()).options(options()));
        for _ in 0..5 {
            assert!(here().is_err());
        }
        assert!(open(&here()).is_some());
        let there = drive(manual, try_go_parallel(flaky.work()).options(options()));
        assert!(matches!(there, Err(ParallelError::Failed { .. })), "{there:?}");
    });
}

#[test]
fn what_the_breaker_refuses_is_not_retried() {
    by_hand(|manual| {
        let flaky = Flaky::default();
        let options = config().name("retried").circuit_breaker(true).retry_attempts(9);
        let ended = drive(manual, try_go_parallel(flaky.work()).options(options));
        assert!(matches!(ended, Err(ParallelError::Open { attempts: 6, .. })), "{ended:?}");
        assert_eq!(flaky.calls(), 5);
    });
}

#[test]
fn panics_and_time_outs_are_failures_and_what_is_called_off_is_none() {
    by_hand(|manual| {
        let ends = |name: &str, kind: &str| -> u32 {
            let options = || config().name(name).circuit_breaker(true);
            let mut calls = 0;
            loop {
                let ended = match kind {
                    "panics" => {
                        let work = || -> u32 { std::panic::resume_unwind(Box::new("oh")) };
                        drive(manual, go_parallel(work).options(options()))
                    }
                    "is late" => {
                        let work = || rt::sleep(Duration::from_secs(3600)).block();
                        let options = options().timeout(Duration::from_millis(20));
                        drive(manual, go_parallel(move || (work(), 7).1).options(options))
                    }
                    _ => {
                        let work = std::future::pending::<Result<u32, std::convert::Infallible>>;
                        let mut op = Box::pin(try_go_parallel(work).options(options()));
                        let waker = std::task::Waker::noop();
                        let mut context = std::task::Context::from_waker(waker);
                        assert!(op.as_mut().poll(&mut context).is_pending());
                        Ok(0)
                    }
                };
                if matches!(ended, Err(ParallelError::Open { .. })) || calls == 20 {
                    return calls;
                }
                calls += 1;
            }
        };
        assert_eq!((ends("bad", "panics"), ends("slow", "is late")), (5, 5));
        assert_eq!(ends("unwanted", "is dropped"), 20);
    });
}

#[test]
fn the_fallback_that_the_options_name_answers_when_all_attempts_have_failed() {
    by_hand(|manual| {
        let flaky = Flaky::default();
        let cache = Fallback::latest(Duration::from_secs(60));
        let zero = Fallback::value(0);
        let call = |options: ParallelismConfig| {
            let work = try_go_parallel(flaky.work());
            let work = work.fallback("cached-result", &cache).fallback("zero", &zero);
            drive(manual, work.options(options))
        };
        let cached = || config().fallback_strategy("cached-result").retry_attempts(2);
        let empty = call(cached());
        assert_eq!(empty, Err(ParallelError::Failed { error: "down", attempts: 3 }));
        assert_eq!(call(config().fallback_strategy("zero").retry_attempts(1)), Ok(0));
        assert_eq!(flaky.calls(), 5, "the attempts come first");
        assert!(call(config()).is_err(), "no options, no fallback");

        flaky.well.store(true, Ordering::SeqCst);
        assert_eq!(call(cached()), Ok(6));
        flaky.well.store(false, Ordering::SeqCst);
        assert_eq!(call(cached()), Ok(6), "that is kept");
        manual.advance(Duration::from_secs(61));
        assert!(call(cached()).is_err(), "and too old by now");

        let breaker = || config().fallback_strategy("zero").name("behind").circuit_breaker(true);
        assert!((0..9).all(|_| call(breaker()) == Ok(0)), "it answers for an open breaker, too");
        let late = config().fallback_strategy("zero").timeout(Duration::from_millis(20));
        let sleeps = || -> Result<u32, &'static str> {
            rt::sleep(Duration::from_secs(3600)).block();
            Ok(1)
        };
        let late = try_go_parallel(sleeps).fallback("zero", &zero).options(late);
        assert_eq!(drive(manual, late), Ok(0), "and for a time-out");
    });
}

#[test]
fn a_fallback_that_is_not_there_is_refused_with_all_else() {
    let options = config().fallback_strategy("cache").worker_processes(4_usize);
    let work = go_parallel(|| 7).fallback("cached-result", &Fallback::value(0));
    let Err(ParallelError::Config(refused)) = work.options(options.clone()).block() else {
        panic!("nothing of that name is there")
    };
    assert!(refused.names("fallback_strategy") && refused.names("worker_processes"));
    assert!(refused.to_string().contains("one of cached-result"), "{refused}");
    let Err(ParallelError::Config(refused)) = go_parallel(|| 7).options(options).block() else {
        panic!("nothing is there")
    };
    assert!(refused.to_string().contains("`Parallel::fallback`"), "{refused}");
}

#[test]
fn what_its_own_place_does_not_take_runs_in_a_lesser_one() {
    let own = || config().thread_count(3_usize).name("degraded");
    let thread = || std::thread::current().name().map(str::to_owned).unwrap_or_default();
    let well = go_parallel(thread).options(own().graceful_degradation(true)).block().unwrap();
    assert!(well.starts_with("gonex-3-"), "{well}");

    let runtime = own().runtime().unwrap();
    let report = runtime.shutdown(rt::now() + Duration::from_secs(60)).block();
    assert_eq!(report.lost, 0, "{report:?}");
    let refused = go_parallel(thread).options(own()).block();
    assert!(
        matches!(refused, Err(ParallelError::Task { error: TaskError::Refused { .. }, .. })),
        "{refused:?}"
    );
    // Nor is it a failure of the work, which has not begun.
    let options = || own().graceful_degradation(true).circuit_breaker(true);
    for _ in 0..9 {
        let lesser = go_parallel(thread).options(options()).block().unwrap();
        assert!(lesser.starts_with("gonex-lesser-"), "{lesser}");
    }
    let fails = try_go_parallel(|| Err::<(), _>("down")).options(options()).block();
    assert_eq!(fails, Err(ParallelError::Failed { error: "down", attempts: 1 }));
    let future = || async { Ok::<_, &str>(7) };
    assert_eq!(try_go_parallel(future).options(options()).block(), Ok(7));
}
