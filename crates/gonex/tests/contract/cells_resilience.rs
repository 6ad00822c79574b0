//! Rows of the table: what lets calls in, and what stands around them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use gonex::adaptive::AdaptiveConfig;
use gonex::breaker::BreakerConfig;
use gonex::bulkhead::{BulkheadConfig, Full};
use gonex::chaos::ChaosConfig;
use gonex::hedge::{HedgeConfig, HedgeDelay};
use gonex::limit::{Denied, LeakyBucketConfig, TokenBucketConfig};
use gonex::timeout::TimeoutError;
use gonex::{
    AdaptiveLimit, Bulkhead, CallError, Chaos, CircuitBreaker, Context, Fallback, Hedge,
    LeakyBucket, Policy, Stop, Timeout, TokenBucket, rt,
};

use crate::support::{cancelled, leaves_nothing, poll_once};

const HOUR: Duration = Duration::from_secs(3600);

/// A limiter without a token for an hour.
fn empty() -> TokenBucket {
    let limiter = TokenBucket::new(TokenBucketConfig::per(1, HOUR)).unwrap();
    limiter.try_acquire(1).unwrap();
    limiter
}

fn bulkhead(max_queue: usize) -> Bulkhead {
    Bulkhead::new(BulkheadConfig { max_concurrent: 1, max_queue, max_wait: None }).unwrap()
}

fn adaptive(max_queue: usize) -> AdaptiveLimit {
    let config = AdaptiveConfig { initial_limit: 1, max_queue, ..AdaptiveConfig::default() };
    AdaptiveLimit::new(config).unwrap()
}

/// A leaky bucket with one thing in it, and room for no other.
fn full() -> LeakyBucket<u32> {
    let config = LeakyBucketConfig { capacity: 1, leak_rate: 1, leak_interval: HOUR };
    let bucket = LeakyBucket::new(config).unwrap();
    bucket.try_enqueue(1).unwrap();
    bucket
}

fn breaker() -> CircuitBreaker {
    CircuitBreaker::new(BreakerConfig::consecutive(1)).unwrap()
}

fn hedge() -> Hedge {
    let delay = HedgeDelay::Fixed { delay: HOUR };
    Hedge::new(HedgeConfig { delay, max_attempts: 2 }).unwrap()
}

/// A call that has every call wait for an hour first.
fn delays() -> Chaos {
    let config =
        ChaosConfig { delays: 1.0, min_delay: HOUR, max_delay: HOUR, ..Default::default() };
    Chaos::new(config).unwrap()
}

async fn endless() -> Result<u8, &'static str> {
    rt::sleep(HOUR).await;
    Err("late")
}

fn panics() -> Result<u8, &'static str> {
    resume_unwind(Box::new("oh"))
}

fn goes_through(call: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
}

fn is_cancelled(stop: &Stop) -> bool {
    matches!(stop, Stop::Cancelled(_))
}

crate::table::cells! {
    "limiter.acquire(n)" {
        "drop": "leaves the line with nothing taken; those behind move up" => || {
            let limiter = empty();
            leaves_nothing(limiter.acquire(1));
            assert_eq!((limiter.waiting(), limiter.metrics().abandoned), (0, 1));
        };
        "time-out": "yields `Denied::Stopped`; of the ambient context, if it would pass before: `TooLong`, at once" => || {
            let limiter = empty();
            let late = limiter.acquire(1).timeout(Duration::ZERO).block();
            assert_eq!(late, Err(Denied::Stopped(Stop::Timeout)));
            let context = Context::background().with_timeout(Duration::from_secs(60));
            let late = context.run(|| limiter.acquire(1).block());
            assert!(matches!(late, Err(Denied::TooLong { .. })));
        };
        "cancel": "yields `Denied::Stopped` with the cause" => || {
            let stopped = empty().acquire(1).within(&cancelled()).block();
            assert!(matches!(stopped, Err(Denied::Stopped(stop)) if is_cancelled(&stop)));
        };
        "close": "does not occur: a limiter is not closed";
        "panic": "does not occur: nothing of the program's runs in it";
        "bound reached": "of what can be there at once: `TooMany`; of those who wait: `QueueFull`; of the wait: `TooLong`, at once where that is known" => || {
            let limiter = empty().max_waiting(0);
            assert!(matches!(limiter.acquire(2).block(), Err(Denied::TooMany { .. })));
            assert!(matches!(limiter.acquire(1).block(), Err(Denied::QueueFull { .. })));
            let late = limiter.acquire_within(1, Duration::ZERO).block();
            assert!(matches!(late, Err(Denied::TooLong { .. })));
        };
    }
    "bulkhead.acquire(weight)" {
        "drop": "leaves the line; a place that came just then goes to the next" => || {
            let bulkhead = bulkhead(9);
            let _inside = bulkhead.try_acquire(1).unwrap();
            leaves_nothing(bulkhead.acquire(1));
            assert_eq!((bulkhead.queue_len(), bulkhead.metrics().abandoned), (0, 1));
        };
        "time-out": "yields `Full::Stopped`; a place that is there by then is not lost" => || {
            let bulkhead = bulkhead(9);
            let inside = bulkhead.try_acquire(1).unwrap();
            let late = bulkhead.acquire(1).timeout(Duration::ZERO).block();
            assert_eq!(late.unwrap_err(), Full::Stopped(Stop::Timeout));
            drop(inside);
            assert!(bulkhead.acquire(1).timeout(Duration::ZERO).block().is_ok());
        };
        "cancel": "yields `Full::Stopped` with the cause" => || {
            let bulkhead = bulkhead(9);
            let _inside = bulkhead.try_acquire(1).unwrap();
            let stopped = bulkhead.acquire(1).within(&cancelled()).block();
            assert!(matches!(stopped, Err(Full::Stopped(stop)) if is_cancelled(&stop)));
        };
        "close": "does not occur: a bulkhead is not closed";
        "panic": "of who is inside: its place is free" => || {
            let bulkhead = bulkhead(0);
            goes_through(|| drop(bulkhead.call(panics).block()));
            assert_eq!(bulkhead.available(), 1);
        };
        "bound reached": "of the queue: `Full::QueueFull`, or `Busy` where there is none; of the weight: `TooHeavy`; of `max_wait`: `WaitedTooLong`" => || {
            let bulkhead = bulkhead(0);
            let _inside = bulkhead.try_acquire(1).unwrap();
            assert_eq!(bulkhead.acquire(1).block().unwrap_err(), Full::Busy);
            assert!(matches!(bulkhead.acquire(2).block(), Err(Full::TooHeavy { .. })));
            let config = BulkheadConfig { max_queue: 1, max_wait: Some(Duration::from_millis(1)), ..bulkhead.config() };
            bulkhead.reconfigure(config).unwrap();
            assert!(matches!(bulkhead.acquire(1).block(), Err(Full::WaitedTooLong { .. })));
        };
    }
    "adaptive_limit.acquire()" {
        "drop": "as of a bulkhead" => || {
            let limit = adaptive(9);
            let _inside = limit.try_acquire().unwrap();
            leaves_nothing(limit.acquire());
            assert_eq!((limit.queue_len(), limit.running()), (0, 1));
        };
        "time-out": "as of a bulkhead; it moves no limit" => || {
            let limit = adaptive(9);
            let _inside = limit.try_acquire().unwrap();
            let late = limit.acquire().timeout(Duration::ZERO).block();
            assert_eq!(late.unwrap_err(), Full::Stopped(Stop::Timeout));
            assert_eq!((limit.limit(), limit.metrics().dropped), (1, 0));
        };
        "cancel": "as of a bulkhead" => || {
            let limit = adaptive(9);
            let _inside = limit.try_acquire().unwrap();
            let stopped = limit.acquire().within(&cancelled()).block();
            assert!(matches!(stopped, Err(Full::Stopped(stop)) if is_cancelled(&stop)));
        };
        "close": "does not occur: a limit is not closed";
        "panic": "of who is inside: its place is free, and it does not count" => || {
            let limit = adaptive(0);
            goes_through(|| drop(limit.call(panics).block()));
            assert_eq!((limit.running(), limit.metrics().ignored), (0, 1));
        };
        "bound reached": "of the queue: `Full::QueueFull`, or `Busy` where there is none; of `max_wait`: `WaitedTooLong`" => || {
            let limit = adaptive(0);
            let _inside = limit.try_acquire().unwrap();
            assert_eq!(limit.acquire().block().unwrap_err(), Full::Busy);
        };
    }
    "leaky_bucket.enqueue(thing)" {
        "drop": "the thing is dropped; those behind move up" => || {
            let bucket = full();
            leaves_nothing(bucket.enqueue(2));
            assert_eq!((bucket.len(), bucket.metrics().abandoned), (1, 1));
        };
        "time-out": "yields the thing, with `Stop::Timeout`" => || {
            let stopped = full().enqueue(2).timeout(Duration::ZERO).block().unwrap_err();
            assert_eq!((stopped.thing, stopped.stop), (2, Stop::Timeout));
        };
        "cancel": "yields the thing, with the cause" => || {
            let stopped = full().enqueue(2).within(&cancelled()).block().unwrap_err();
            assert!(stopped.thing == 2 && is_cancelled(&stopped.stop));
        };
        "close": "does not occur: a bucket is not closed";
        "panic": "does not occur: nothing of the program's runs in it";
        "bound reached": "of the capacity: it waits" => || {
            let bucket = full();
            let mut waits = pin!(bucket.enqueue(2));
            assert!(poll_once(&mut waits).is_pending());
            assert_eq!(bucket.dequeue(), Some(1));
            assert!(poll_once(&mut waits).is_ready());
        };
    }
    "breaker.call(work)" {
        "drop": "what runs is dropped; the call counts as `Dropped` says, and the place of a probe is free" => || {
            let breaker = breaker();
            leaves_nothing(breaker.call(endless));
            assert_eq!((breaker.metrics().dropped, breaker.is_closed()), (1, true));
        };
        "time-out": "yields `CallError::Stopped`; the call has failed" => || {
            let breaker = breaker();
            let stopped = breaker.call(endless).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(CallError::Stopped(Stop::Timeout)));
            assert!(breaker.is_open());
        };
        "cancel": "yields `CallError::Stopped`; the call counts as one that was dropped" => || {
            let breaker = breaker();
            let stopped = breaker.call(endless).within(&cancelled()).block();
            assert!(matches!(stopped, Err(CallError::Stopped(stop)) if is_cancelled(&stop)));
            assert!(breaker.is_closed());
        };
        "close": "is a state: an open one yields `CallError::Refused` with when to try again" => || {
            let breaker = breaker();
            assert!(breaker.call(|| Err::<(), _>("down")).block().is_err());
            let refused = breaker.call(|| Ok::<_, &str>(())).block().unwrap_err();
            assert!(refused.refusal().unwrap().retry_after.is_some());
        };
        "panic": "of the work: goes through; the call counts as one that was dropped" => || {
            let breaker = breaker();
            goes_through(|| drop(breaker.call(panics).block()));
            assert_eq!((breaker.metrics().dropped, breaker.is_closed()), (1, true));
        };
        "bound reached": "of probes while it is half open: `CallError::Refused`, when to try again unknown" => || {
            let config = BreakerConfig { break_duration: Duration::from_nanos(1), ..BreakerConfig::consecutive(1) };
            let breaker = CircuitBreaker::new(config).unwrap();
            breaker.try_acquire().unwrap().failure();
            let probe = loop {
                if let Ok(probe) = breaker.try_acquire() {
                    break probe;
                }
            };
            let refused = breaker.call(|| Ok::<_, &str>(())).block().unwrap_err();
            assert_eq!(refused.refusal().unwrap().retry_after, None);
            probe.success();
            assert!(breaker.is_closed());
        };
    }
    "breaker_events.recv()" {
        "drop": "no event is taken" => || {
            let breaker = breaker();
            let mut events = breaker.events();
            leaves_nothing(events.recv());
            breaker.disable();
            assert!(events.try_recv().is_some());
        };
        "time-out": "yields `Stop::Timeout`; no event is taken" => || {
            let mut events = breaker().events();
            assert_eq!(events.recv().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
        };
        "cancel": "yields `Stop::Cancelled`; of the ambient context, it unwinds to the task" => || {
            let mut events = breaker().events();
            let stopped = events.recv().within(&cancelled()).block();
            assert!(matches!(stopped, Err(Stop::Cancelled(_))));
        };
        "close": "does not occur: who reads keeps the breaker's log";
        "panic": "does not occur: nothing of the program's runs in it";
        "bound reached": "of the 256 events that are kept: the oldest are missed, and a gap in the numbers shows it" => || {
            let breaker = breaker();
            let mut events = breaker.events();
            for _ in 0..150 {
                breaker.force_open();
                breaker.force_close();
            }
            assert_eq!(events.recv().block().number, 45);
        };
    }
    "timeout.call(work)" {
        "drop": "what runs is dropped" => || leaves_nothing(Timeout::new(HOUR).unwrap().call(endless));
        "time-out": "of the policy: `TimeoutError::TimedOut`, what ran is dropped; of the operation: `Stopped`" => || {
            let limit = Duration::from_millis(1);
            let cut = Timeout::new(limit).unwrap().call(endless).block();
            assert_eq!(cut, Err(TimeoutError::TimedOut { limit }));
            let stopped = Timeout::new(HOUR).unwrap().call(endless).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TimeoutError::Stopped(Stop::Timeout)));
        };
        "cancel": "yields `TimeoutError::Stopped` with the cause" => || {
            let stopped = Timeout::new(HOUR).unwrap().call(endless).within(&cancelled()).block();
            assert!(matches!(stopped, Err(TimeoutError::Stopped(stop)) if is_cancelled(&stop)));
        };
        "close": "does not occur: a policy is not closed";
        "panic": "of the work: goes through" => || {
            goes_through(|| drop(Timeout::new(HOUR).unwrap().call(panics).block()));
        };
        "bound reached": "of its limit: as timed out";
    }
    "hedge.call(work)" {
        "drop": "all attempts are dropped" => || leaves_nothing(hedge().call(endless));
        "time-out": "yields `Stop::Timeout`; all attempts are dropped" => || {
            assert_eq!(hedge().call(endless).timeout(Duration::ZERO).block(), Err(Stop::Timeout));
        };
        "cancel": "yields `Stop::Cancelled`; of the ambient context, it unwinds to the task" => || {
            let stopped = hedge().call(endless).within(&cancelled()).block();
            assert!(matches!(stopped, Err(Stop::Cancelled(_))));
        };
        "close": "does not occur: a policy is not closed";
        "panic": "of an attempt: goes through, and the others are dropped" => || {
            goes_through(|| _ = hedge().call(panics).block());
        };
        "bound reached": "of attempts: no other is made; if all have failed, yields the last error" => || {
            assert_eq!(hedge().call(|| Err::<(), _>("down")).block(), Err("down"));
        };
    }
    "fallback.call(work)" {
        "drop": "what runs is dropped, of whichever way" => || {
            leaves_nothing(Fallback::value(7).call(endless));
            leaves_nothing(Fallback::or_else(|_: &str| endless()).call(|| Err("down")));
        };
        "time-out": "yields `Stop::Timeout`: there is no error to make up for" => || {
            let stopped = Fallback::value(7).call(endless).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(Stop::Timeout));
        };
        "cancel": "yields `Stop::Cancelled`; of the ambient context, it unwinds to the task" => || {
            let stopped = Fallback::value(7).call(endless).within(&cancelled()).block();
            assert!(matches!(stopped, Err(Stop::Cancelled(_))));
        };
        "close": "does not occur: a policy is not closed";
        "panic": "of the work: goes through, and the other way is not gone" => || {
            let fallback = Fallback::value(7);
            goes_through(|| _ = fallback.call(panics).block());
            assert_eq!(fallback.metrics().recovered, 0);
        };
        "bound reached": "of the age of a latest result: the error stays" => || {
            let latest = Fallback::latest(Duration::ZERO);
            assert_eq!(latest.call(|| Err::<u8, _>("down")).block(), Err("down"));
        };
    }
    "chaos.call(work)" {
        "drop": "a wait ends, what runs is dropped; its number is used up" => || {
            let chaos = delays();
            leaves_nothing(chaos.call(endless));
            assert_eq!(chaos.decide().number, 2);
        };
        "time-out": "`CallError::Stopped`; while it waits, nothing was called" => || {
            let stopped = delays().call(endless).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(CallError::Stopped(Stop::Timeout)));
            let chaos = Chaos::new(ChaosConfig::default()).unwrap();
            let stopped = chaos.call(endless).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(CallError::Stopped(Stop::Timeout)));
        };
        "cancel": "as timed out" => || {
            let stopped = delays().call(endless).within(&cancelled()).block();
            assert!(matches!(stopped, Err(CallError::Stopped(Stop::Cancelled(_)))));
        };
        "close": "does not occur: a policy is not closed";
        "panic": "on purpose, or of the work: goes through" => || {
            let chaos = Chaos::new(ChaosConfig { panics: 1.0, ..ChaosConfig::default() }).unwrap();
            goes_through(|| drop(chaos.call(|| Ok::<_, ()>(7)).block()));
        };
        "bound reached": "does not occur: it has none";
    }
    "policy.call(work)" {
        "drop": "what runs is dropped, and each policy makes of that what it makes of any call that is dropped" => || {
            let breaker = breaker();
            leaves_nothing(Policy::new().breaker(breaker.clone()).call(endless));
            assert_eq!(breaker.metrics().dropped, 1);
        };
        "time-out": "yields `Stop::Timeout`; what runs is dropped" => || {
            let stopped = Policy::new().call(endless).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(Stop::Timeout));
        };
        "cancel": "yields `Stop::Cancelled`; of the ambient context, what the policy inside makes of it" => || {
            let stopped = Policy::new().call(endless).within(&cancelled()).block();
            assert!(matches!(stopped, Err(Stop::Cancelled(_))));
        };
        "close": "does not occur: a policy is not closed";
        "panic": "of the work: goes through all of them" => || {
            goes_through(|| drop(Policy::new().timeout(Timeout::new(HOUR).unwrap()).call(panics).block()));
        };
        "bound reached": "of any of its policies: the error of that one, as what is around it makes of it" => || {
            let policy = Policy::new().fallback(Fallback::value(9)).limiter(empty());
            let Poll::Ready(made_up) = poll_once(&mut pin!(policy.call(|| Ok::<_, &str>(7)))) else {
                panic!("nothing waits")
            };
            assert_eq!(made_up, Ok(9));
        };
    }
}
