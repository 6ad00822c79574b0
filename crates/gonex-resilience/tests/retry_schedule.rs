//! When attempts begin, under a clock moved by hand: every limit just before, at, and after its bound.

mod support;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Context, Stop};
use gonex_resilience::retry::{Jitter, Rules};
use gonex_resilience::{Retry, RetryError};
use support::{by_hand, drive, millis, poll, secs};

/// The moments of all attempts of a call that always fails, in seconds from the first, and its end.
fn moments<R>(retry: &Retry<R>) -> (Vec<u64>, RetryError<&'static str>)
where
    R: Rules<&'static str> + Clone,
{
    by_hand(|manual| {
        let start = rt::now();
        let moments = RefCell::new(Vec::new());
        let call = retry.call(|| {
            moments.borrow_mut().push((rt::now() - start).as_secs());
            Err::<(), _>("down")
        });
        let error = drive(manual, secs(1), pin!(call)).unwrap_err();
        (moments.into_inner(), error)
    })
}

fn of_seconds(retry: Retry) -> Retry {
    retry.initial_delay(secs(1)).max_delay(secs(60))
}

#[test]
fn each_strategy_keeps_its_schedule() {
    let exhausted = |attempts| RetryError::Exhausted { attempts, last: Some("down") };
    let fixed = of_seconds(Retry::fixed()).max_attempts(4);
    assert_eq!(moments(&fixed), (vec![0, 1, 2, 3], exhausted(4)));
    let linear = of_seconds(Retry::linear()).max_attempts(4);
    assert_eq!(moments(&linear), (vec![0, 1, 3, 6], exhausted(4)));
    let exponential = of_seconds(Retry::exponential()).max_attempts(5);
    assert_eq!(moments(&exponential), (vec![0, 1, 3, 7, 15], exhausted(5)));
    let tripled = of_seconds(Retry::exponential()).multiplier(3.0).max_attempts(4);
    assert_eq!(moments(&tripled), (vec![0, 1, 4, 13], exhausted(4)));
    let fibonacci = of_seconds(Retry::fibonacci()).max_attempts(6);
    assert_eq!(moments(&fibonacci), (vec![0, 1, 2, 4, 7, 12], exhausted(6)));
    let custom = Retry::custom(|attempt| secs(10 - u64::from(attempt))).max_attempts(3);
    assert_eq!(moments(&custom), (vec![0, 9, 17], exhausted(3)));
}

#[test]
fn no_delay_is_longer_than_the_maximum() {
    let retry = of_seconds(Retry::exponential()).max_delay(secs(4)).max_attempts(6);
    assert_eq!(moments(&retry).0, [0, 1, 3, 7, 11, 15]);
}

#[test]
fn max_attempts_counts_the_first_call() {
    for attempts in 1..5 {
        let (moments, error) = moments(&of_seconds(Retry::fixed()).max_attempts(attempts));
        assert_eq!(moments.len(), attempts as usize);
        assert_eq!(error.attempts(), attempts);
    }
}

#[test]
fn no_attempt_begins_later_than_max_elapsed_allows() {
    let retry = |elapsed| of_seconds(Retry::fixed()).unlimited_attempts_for(elapsed);
    let elapsed = |elapsed, attempts| RetryError::Elapsed { attempts, elapsed, last: Some("down") };
    assert_eq!(moments(&retry(millis(2999))), (vec![0, 1, 2], elapsed(secs(2), 3)));
    assert_eq!(moments(&retry(secs(3))), (vec![0, 1, 2, 3], elapsed(secs(3), 4)), "at the bound");
    assert_eq!(moments(&retry(millis(3001))), (vec![0, 1, 2, 3], elapsed(secs(3), 4)));
}

#[test]
fn the_time_an_attempt_takes_counts_as_elapsed() {
    by_hand(|manual| {
        let retry = of_seconds(Retry::fixed()).max_elapsed(secs(5));
        let call = retry.call(|| {
            manual.advance(secs(5));
            Err::<(), _>("slow")
        });
        let error = drive(manual, secs(1), pin!(call)).unwrap_err();
        let expected = RetryError::Elapsed { attempts: 1, elapsed: secs(5), last: Some("slow") };
        assert_eq!(error, expected);
    });
}

#[test]
fn what_an_error_asks_for_is_waited_if_it_is_longer() {
    let retry = |asked: Duration| {
        of_seconds(Retry::fixed()).max_delay(secs(9)).retry_after(move |_: &&str| Some(asked))
    };
    assert_eq!(moments(&retry(millis(500))).0, [0, 1, 2], "the own delay is longer");
    assert_eq!(moments(&retry(secs(9))).0, [0, 9, 18], "as long as the maximum");
    let deferred = RetryError::Deferred { attempts: 1, retry_after: millis(9001), last: "down" };
    assert_eq!(moments(&retry(millis(9001))), (vec![0], deferred));
}

#[test]
fn the_condition_is_asked_once_for_each_attempt_the_last_one_included() {
    let asked = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counts = asked.clone();
    let retry = of_seconds(Retry::fixed()).max_attempts(3).retry_if(move |_: &&str| {
        counts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        true
    });
    assert_eq!(moments(&retry).0.len(), 3);
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 3);

    let never = of_seconds(Retry::fixed()).max_attempts(1).retry_if(|_: &&str| false);
    assert_eq!(moments(&never).1, RetryError::Rejected { attempts: 1, last: "down" });
}

#[test]
fn chance_comes_from_the_seam() {
    let retry = of_seconds(Retry::exponential()).jitter(Jitter::Full).max_attempts(8);
    assert_eq!(moments(&retry), moments(&retry), "the same seed");
}

#[test]
fn a_context_that_ends_during_the_delay_ends_the_call() {
    by_hand(|manual| {
        let (context, canceller) = Context::background().with_cancel();
        let calls = RefCell::new(0);
        let retry = of_seconds(Retry::fixed());
        let call = context.run(|| {
            context.wrap(retry.call(|| {
                *calls.borrow_mut() += 1;
                Err::<(), _>("down")
            }))
        });
        let mut call = pin!(call);
        assert!(poll(&mut call).is_pending());
        canceller.cancel("enough");
        manual.advance(secs(1));
        let Poll::Ready(Err(RetryError::Stopped { stop, attempts: 1, last: Some("down") })) =
            poll(&mut call)
        else {
            panic!("it goes on")
        };
        assert_eq!(stop.to_string(), "cancelled: enough");
        assert_eq!(*calls.borrow(), 1, "no further call");
        assert_eq!(manual.timers(), 0);
        let metrics = retry.metrics();
        assert_eq!((metrics.stopped, metrics.total_delay), (1, secs(1)));
    });
}

#[test]
fn a_deadline_before_the_next_attempt_ends_the_call_at_once() {
    let ended = |deadline| {
        by_hand(|manual| {
            let context = Context::background().with_timeout(deadline);
            let retry = of_seconds(Retry::fixed()).max_attempts(2);
            let call = context.wrap(retry.call(|| Err::<(), _>("down")));
            let start = rt::now();
            let error = drive(manual, millis(500), pin!(call)).unwrap_err();
            (error, rt::now() - start)
        })
    };
    let stopped = RetryError::Stopped { stop: Stop::Timeout, attempts: 1, last: Some("down") };
    assert_eq!(ended(millis(999)), (stopped.clone(), Duration::ZERO));
    assert_eq!(ended(secs(1)), (stopped, Duration::ZERO), "the deadline goes first");
    let exhausted = RetryError::Exhausted { attempts: 2, last: Some("down") };
    assert_eq!(ended(millis(1001)), (exhausted, secs(1)));
}

#[test]
fn an_explicit_limit_ends_the_delay() {
    by_hand(|manual| {
        let retry = of_seconds(Retry::fixed());
        let call = retry.call(|| Err::<(), _>("down")).timeout(millis(500));
        let error = drive(manual, millis(500), pin!(call)).unwrap_err();
        let stop = Stop::Timeout;
        assert_eq!(error, RetryError::Stopped { stop, attempts: 1, last: Some("down") });
    });
}

#[test]
fn a_thread_waits_by_the_same_clock() {
    let manual = Arc::new(Manual::new());
    let theirs = manual.clone();
    let caller = thread::spawn(move || {
        rt::enter(theirs, || {
            let start = rt::now();
            let retry = of_seconds(Retry::exponential()).max_attempts(3);
            let error = retry.call(|| Err::<(), _>("down")).block().unwrap_err();
            (error.attempts(), rt::now() - start)
        })
    });
    for delay in [1, 2] {
        while manual.timers() == 0 {
            thread::yield_now();
        }
        manual.advance(secs(delay));
    }
    assert_eq!(caller.join().unwrap(), (3, secs(3)));
}
