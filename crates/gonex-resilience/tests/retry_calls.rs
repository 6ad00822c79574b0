//! What a call does with its attempts: time-outs, drops, panics, counters, budgets.

mod support;

use std::cell::{Cell, RefCell};
use std::future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use gonex_core::{Context, Stop, rt};
use gonex_resilience::retry::{FailedAttempt, Retrying};
use gonex_resilience::{BudgetConfig, Retry, RetryBudget, RetryError, RetryMetrics};
use support::{by_hand, drive, millis, poll, secs};

/// Work that waits for an hour in an operation that cannot fail.
fn sleeps() -> Result<(), &'static str> {
    rt::sleep(secs(3600)).block();
    Ok(())
}

fn fixed() -> Retry {
    Retry::fixed().initial_delay(secs(1)).max_delay(secs(60))
}

#[test]
fn a_future_that_takes_too_long_is_dropped_and_tried_again() {
    by_hand(|manual| {
        let alive = Arc::new(());
        let retry = fixed().attempt_timeout(secs(5));
        let call = retry.call_with(|attempt| {
            let alive = alive.clone();
            async move {
                if attempt.number() < 3 {
                    future::pending::<()>().await;
                }
                drop(alive);
                let took: Vec<_> = attempt.history().iter().map(|failed| failed.took).collect();
                let cut: Vec<_> = attempt.history().iter().map(|failed| failed.timed_out).collect();
                Ok::<_, ()>((rt::now(), took, cut))
            }
        });
        let start = rt::now();
        let mut call = pin!(call);
        assert!(poll(&mut call).is_pending());
        assert_eq!(Arc::strong_count(&alive), 2);
        manual.advance(secs(5));
        assert!(poll(&mut call).is_pending());
        assert_eq!(Arc::strong_count(&alive), 1, "the first attempt is gone during the delay");
        let (ended, took, cut) = drive(manual, secs(1), call).unwrap();
        assert_eq!(ended - start, secs(12), "two attempts of 5 s, and two delays");
        assert_eq!((took, cut), (vec![secs(5); 2], vec![true; 2]));
        assert_eq!(manual.timers(), 0);
    });
}

#[test]
fn attempts_that_only_time_out_leave_no_error() {
    by_hand(|manual| {
        let retry = fixed().attempt_timeout(secs(5)).max_attempts(2);
        let call = retry.call(future::pending::<Result<(), ()>>);
        let error = drive(manual, secs(1), pin!(call)).unwrap_err();
        assert_eq!(error, RetryError::Exhausted { attempts: 2, last: None });
    });
}

#[test]
fn what_is_ready_at_the_limit_of_an_attempt_is_not_lost() {
    by_hand(|manual| {
        let retry = fixed().attempt_timeout(secs(5));
        let call = retry.call(|| async {
            rt::sleep(secs(4)).await;
            future::ready(Ok::<_, ()>(7)).await
        });
        let mut call = pin!(call);
        assert!(poll(&mut call).is_pending());
        manual.advance(secs(9));
        assert_eq!(poll(&mut call), Poll::Ready(Ok(7)), "polled late, and ready");
    });
}

#[test]
fn what_waits_in_a_closure_is_stopped_by_the_limit_of_the_attempt() {
    // A sleep has no error to return, and unwinds. The limit of the attempt catches that.
    let retry = fixed().initial_delay(millis(1)).attempt_timeout(millis(1)).max_attempts(2);
    let error = retry.call(sleeps).block().unwrap_err();
    assert_eq!(error, RetryError::Exhausted { attempts: 2, last: None });

    // What has an error to return yields that.
    let error =
        retry.call(|| rt::sleep(secs(3600)).timeout(secs(3600)).block()).block().unwrap_err();
    assert_eq!(error, RetryError::Exhausted { attempts: 2, last: Some(Stop::Timeout) });
}

#[test]
fn a_stop_from_around_goes_through_the_limit_of_an_attempt() {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    let retry = fixed().attempt_timeout(secs(3600));
    let unwound = std::panic::catch_unwind(|| {
        Stop::inside_border(|| context.run(|| retry.call(sleeps).block()))
    });
    let stop = Stop::from_unwind(unwound.unwrap_err()).expect("it is a stop and no panic");
    assert_eq!(stop.to_string(), "cancelled: enough");
}

#[test]
fn an_attempt_sees_its_deadline() {
    let retry = fixed().attempt_timeout(secs(5));
    by_hand(|_| {
        let ends = rt::now() + secs(5);
        let seen = || Ok::<_, ()>(Context::current().deadline());
        assert_eq!(retry.call(seen).block(), Ok(Some(ends)));
        assert_eq!(retry.call(|| async move { seen() }).block(), Ok(Some(ends)));
        let around = Context::background().with_timeout(secs(2));
        assert_eq!(around.run(|| retry.call(seen).block()), Ok(around.deadline()));
    });
}

#[test]
fn the_history_tells_the_latest_attempts() {
    by_hand(|manual| {
        let lengths = RefCell::new(Vec::new());
        let retry = fixed().max_attempts(40);
        let call = retry.call_with(|attempt| {
            lengths.borrow_mut().push(attempt.history().len());
            let first = attempt.history().first().map(|failed: &FailedAttempt| failed.number);
            if attempt.is_last() { Ok(first) } else { Err(()) }
        });
        let first = drive(manual, secs(1), pin!(call)).unwrap();
        assert_eq!(first, Some(8), "the attempts 8 to 39");
        assert_eq!(lengths.borrow()[..3], [0, 1, 2]);
        assert_eq!(lengths.borrow().iter().max(), Some(&32));
    });
}

#[test]
fn who_is_notified_knows_the_attempt_and_the_delay() {
    by_hand(|manual| {
        let told = Arc::new(std::sync::Mutex::new(Vec::new()));
        let tell = told.clone();
        let retry = fixed().max_attempts(3).notify(move |retrying: &Retrying<'_, &str>| {
            let Retrying { error, attempt, delay, .. } = retrying;
            tell.lock().unwrap().push((error.copied(), attempt.number(), *delay));
        });
        let call = retry.call(|| Err::<(), _>("down"));
        assert!(drive(manual, secs(1), pin!(call)).is_err());
        let expected = vec![(Some("down"), 1, secs(1)), (Some("down"), 2, secs(1))];
        assert_eq!(*told.lock().unwrap(), expected, "not after the last attempt");
    });
}

#[test]
fn dropping_a_call_leaves_nothing_behind() {
    by_hand(|manual| {
        let budget = RetryBudget::new(BudgetConfig::default()).unwrap();
        let retry = fixed().budget(&budget);
        let full = budget.available();
        {
            let mut call = pin!(retry.call(|| Err::<(), _>("down")));
            assert!(poll(&mut call).is_pending());
            assert_eq!(budget.available(), full - 1);
            assert_eq!(manual.timers(), 1);
            manual.advance(millis(400));
        }
        assert_eq!(budget.available(), full, "the token was not used");
        assert_eq!(manual.timers(), 0);
        let metrics = retry.metrics();
        assert_eq!((metrics.calls, metrics.abandoned, metrics.retries), (1, 1, 0));
        assert_eq!(metrics.total_delay, millis(400));
        drop(retry.call(|| Err::<(), _>("never polled")));
        assert_eq!(retry.metrics().calls, 1);
    });
}

#[test]
fn a_panic_goes_through_and_is_counted() {
    let retry = fixed();
    let call = || retry.call(|| -> Result<(), ()> { std::panic::resume_unwind(Box::new("oh")) });
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| call().block()));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"oh"));
    let limited = retry.clone().attempt_timeout(secs(1));
    let call = || limited.call(|| -> Result<(), ()> { std::panic::resume_unwind(Box::new("oh")) });
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| call().block()));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"oh"));
    assert_eq!((retry.metrics().abandoned, limited.metrics().abandoned), (1, 1));
}

#[test]
fn the_counters_add_up() {
    by_hand(|manual| {
        let retry = fixed().max_attempts(3);
        for fails in 0..6 {
            let left = Cell::new(fails);
            let call = retry.call(|| {
                left.set(left.get() - 1);
                if left.get() < 0 { Ok(()) } else { Err(()) }
            });
            let ended = drive(manual, secs(1), pin!(call));
            assert_eq!(ended.is_ok(), fails < 3);
        }
        let mut dropped = Box::pin(retry.call(|| Err::<(), _>(())));
        assert!(poll(&mut dropped.as_mut()).is_pending());
        drop(dropped);
        let late = retry.call(|| Err::<(), _>(())).timeout(millis(1));
        assert!(drive(manual, millis(1), pin!(late)).is_err());
        let RetryMetrics {
            calls,
            attempts,
            retries,
            succeeded,
            gave_up,
            stopped,
            abandoned,
            total_delay,
            ..
        } = retry.metrics();
        assert_eq!((succeeded, gave_up, stopped, abandoned), (3, 3, 1, 1));
        assert_eq!((calls, attempts), (succeeded + gave_up + stopped + abandoned, calls + retries));
        assert_eq!(retries, 1 + 2 + 2 * 3);
        assert_eq!(total_delay, secs(retries) + millis(1));
        let clone = retry.clone();
        clone.reset_metrics();
        assert_eq!(retry.metrics(), RetryMetrics::default(), "clones share their metrics");
    });
}

#[test]
fn a_call_that_has_begun_keeps_to_its_settings() {
    by_hand(|manual| {
        let retry = fixed().max_attempts(2);
        let mut call = pin!(retry.call(|| Err::<(), _>("down")));
        assert!(poll(&mut call).is_pending());
        let mut config = retry.config();
        config.max_attempts = Some(9);
        retry.clone().reconfigure(config).unwrap();
        assert_eq!(drive(manual, secs(1), call).unwrap_err().attempts(), 2);
        let next = retry.call(|| Err::<(), _>("down"));
        assert_eq!(drive(manual, secs(1), pin!(next)).unwrap_err().attempts(), 9);
    });
}

#[test]
fn a_pause_of_no_length_still_lets_limits_be_seen() {
    by_hand(|_| {
        let (context, canceller) = Context::background().with_cancel();
        let retry = Retry::custom(|_| std::time::Duration::ZERO).max_attempts(u32::MAX);
        let calls = Cell::new(0);
        let call = retry.call(|| {
            calls.set(calls.get() + 1);
            if calls.get() == 3 {
                canceller.cancel("enough");
            }
            Err::<(), _>("down")
        });
        let error = call.within(&context).block().unwrap_err();
        assert!(matches!(error, RetryError::Stopped { attempts: 3, .. }), "{error}");
    });
}

#[test]
fn clones_share_the_budget_and_calls_bring_tokens() {
    by_hand(|manual| {
        let config = BudgetConfig { max_tokens: 2, per_call: 0.1, per_second: 0.0 };
        let budget = RetryBudget::new(config).unwrap();
        let (one, other) = (fixed().budget(&budget), fixed().max_attempts(2).budget(&budget));
        let fail = |retry: &Retry| {
            let call = retry.call(|| Err::<(), _>("down"));
            drive(manual, secs(1), pin!(call)).unwrap_err()
        };
        assert_eq!(fail(&one).attempts(), 3, "both tokens");
        let over = RetryError::OverBudget { attempts: 1, last: Some("down") };
        assert_eq!(fail(&other), over, "the other one has none left");
        for _ in 0..9 {
            assert!(drive(manual, secs(1), pin!(one.call(|| Ok::<_, ()>(())))).is_ok());
        }
        assert_eq!(fail(&other).attempts(), 2, "ten calls have brought one");
        for _ in 0..100 {
            assert!(drive(manual, secs(1), pin!(one.call(|| Ok::<_, ()>(())))).is_ok());
        }
        assert_eq!(budget.available(), 2, "never more than the maximum");
    });
}

#[test]
fn time_brings_tokens_to_a_budget() {
    by_hand(|manual| {
        let config = BudgetConfig { max_tokens: 3, per_call: 0.0, per_second: 0.5 };
        let budget = RetryBudget::new(config).unwrap();
        let retry = fixed().max_attempts(4).initial_delay(millis(1)).budget(&budget);
        assert!(drive(manual, millis(1), pin!(retry.call(|| Err::<(), _>(())))).is_err());
        assert_eq!(budget.available(), 0);
        manual.advance(secs(2));
        assert_eq!(budget.available(), 1);
        manual.advance(secs(3600));
        assert_eq!(budget.available(), 3, "idle time does not bank past the maximum");
    });
}

#[test]
fn errors_say_what_happened_and_lead_to_their_cause() {
    use std::error::Error;
    let parse = || "x".parse::<u32>();
    let retry = fixed().max_attempts(1);
    let error = retry.call(parse).block().unwrap_err();
    assert_eq!(error.to_string(), "all 1 attempts failed: invalid digit found in string");
    assert!(error.source().unwrap().is::<std::num::ParseIntError>());
    assert_eq!((error.attempts(), error.last()), (1, parse().as_ref().err()));
    assert_eq!(error.into_last(), parse().err());
}
