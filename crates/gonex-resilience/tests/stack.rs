//! Policies around policies: what each counts, in all orders that make sense, and how they end.

mod support;

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use gonex_core::rt::Manual;
use gonex_core::{Context, Op};
use gonex_resilience::adaptive::AdaptiveConfig;
use gonex_resilience::breaker::BreakerConfig;
use gonex_resilience::bulkhead::BulkheadConfig;
use gonex_resilience::chaos::ChaosConfig;
use gonex_resilience::fallback::Value;
use gonex_resilience::hedge::{HedgeConfig, HedgeDelay};
use gonex_resilience::limit::TokenBucketConfig;
use gonex_resilience::retry::Work;
use gonex_resilience::shed::{Priority, ShedConfig};
use gonex_resilience::stack::{PolicyCall, PolicyConfig};
use gonex_resilience::timeout::TimeoutError;
use gonex_resilience::{
    AdaptiveLimit, Bulkhead, CallError, Chaos, CircuitBreaker, Fallback, Hedge, LoadShedder,
    Policy, Retry, RetryConfig, RetryError, Timeout, TokenBucket,
};
use support::{by_hand, drive, millis, poll, secs};

/// Three attempts, a breaker that opens after two failures, a limiter with so many tokens.
struct Parts {
    fallback: Fallback<Value<u8>>,
    retry: Retry,
    breaker: CircuitBreaker,
    limiter: TokenBucket,
    calls: Cell<u32>,
}

/// Calls made; those the breaker let in and refused; tokens taken and denied.
#[derive(Debug, PartialEq)]
struct Counts {
    calls: u32,
    breaker: (u64, u64),
    limiter: (u64, u64),
}

fn counts(calls: u32, breaker: (u64, u64), limiter: (u64, u64)) -> Counts {
    Counts { calls, breaker, limiter }
}

impl Parts {
    fn new(tokens: u32) -> Self {
        let consecutive = BreakerConfig::consecutive(2);
        Self {
            fallback: Fallback::value(7),
            retry: Retry::fixed().initial_delay(secs(1)).max_attempts(3),
            breaker: CircuitBreaker::new(consecutive).unwrap(),
            limiter: TokenBucket::new(TokenBucketConfig::per(tokens, secs(3600))).unwrap(),
            calls: Cell::new(0),
        }
    }

    /// Work that always fails.
    fn fails(&self) -> Result<u8, &'static str> {
        self.calls.set(self.calls.get() + 1);
        Err("down")
    }

    fn counts(&self) -> Counts {
        let (breaker, limiter) = (self.breaker.metrics(), self.limiter.metrics());
        Counts {
            calls: self.calls.get(),
            breaker: (breaker.permitted, breaker.refused),
            limiter: (limiter.allowed, limiter.denied),
        }
    }
}

fn ends<W: Work>(manual: &Manual, op: Op<PolicyCall<W>>) -> Result<W::Value, W::Error> {
    drive(manual, secs(1), pin!(op))
}

#[test]
fn fallback_retry_breaker_limiter() {
    by_hand(|manual| {
        let parts = Parts::new(9);
        let policy = Policy::new()
            .fallback(parts.fallback.clone())
            .retry(parts.retry.clone())
            .breaker(parts.breaker.clone())
            .limiter(parts.limiter.clone());
        assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
        assert_eq!(parts.counts(), counts(2, (2, 1), (2, 0)));
        assert_eq!((parts.retry.metrics().attempts, parts.fallback.metrics().recovered), (3, 1));
        // While it is open nothing is called, and no token is taken.
        assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
        assert_eq!(parts.counts(), counts(2, (2, 4), (2, 0)));
    });
}

#[test]
fn fallback_retry_limiter_breaker() {
    by_hand(|manual| {
        let parts = Parts::new(9);
        let policy = Policy::new()
            .fallback(parts.fallback.clone())
            .retry(parts.retry.clone())
            .limiter(parts.limiter.clone())
            .breaker(parts.breaker.clone());
        assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
        assert_eq!(parts.counts(), counts(2, (2, 1), (3, 0)), "what is refused took its token");
    });
}

#[test]
fn fallback_breaker_retry_limiter() {
    by_hand(|manual| {
        let parts = Parts::new(9);
        let policy = Policy::new()
            .fallback(parts.fallback.clone())
            .breaker(parts.breaker.clone())
            .retry(parts.retry.clone())
            .limiter(parts.limiter.clone());
        for calls in
            [counts(3, (1, 0), (3, 0)), counts(6, (2, 0), (6, 0)), counts(6, (2, 1), (6, 0))]
        {
            assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
            assert_eq!(parts.counts(), calls, "all attempts are one call for the breaker");
        }
    });
}

#[test]
fn fallback_breaker_limiter_retry() {
    by_hand(|manual| {
        let parts = Parts::new(9);
        let policy = Policy::new()
            .fallback(parts.fallback.clone())
            .breaker(parts.breaker.clone())
            .limiter(parts.limiter.clone())
            .retry(parts.retry.clone());
        for calls in
            [counts(3, (1, 0), (1, 0)), counts(6, (2, 0), (2, 0)), counts(6, (2, 1), (2, 0))]
        {
            assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
            assert_eq!(parts.counts(), calls, "all attempts have one token");
        }
    });
}

#[test]
fn fallback_limiter_breaker_retry() {
    by_hand(|manual| {
        let parts = Parts::new(9);
        let policy = Policy::new()
            .fallback(parts.fallback.clone())
            .limiter(parts.limiter.clone())
            .breaker(parts.breaker.clone())
            .retry(parts.retry.clone());
        for calls in
            [counts(3, (1, 0), (1, 0)), counts(6, (2, 0), (2, 0)), counts(6, (2, 1), (3, 0))]
        {
            assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
            assert_eq!(parts.counts(), calls, "what is refused took its token");
        }
    });
}

#[test]
fn fallback_limiter_retry_breaker() {
    by_hand(|manual| {
        let parts = Parts::new(1);
        let policy = Policy::new()
            .fallback(parts.fallback.clone())
            .limiter(parts.limiter.clone())
            .retry(parts.retry.clone())
            .breaker(parts.breaker.clone());
        assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
        assert_eq!(parts.counts(), counts(2, (2, 1), (1, 0)), "all attempts have one token");
        assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
        assert_eq!(parts.counts(), counts(2, (2, 1), (1, 1)), "a denial is made up for, too");
    });
}

#[test]
fn limiter_fallback_retry_breaker() {
    by_hand(|manual| {
        let parts = Parts::new(1);
        let policy = Policy::new()
            .limiter(parts.limiter.clone())
            .fallback(parts.fallback.clone())
            .retry(parts.retry.clone())
            .breaker(parts.breaker.clone());
        assert_eq!(ends(manual, policy.call(|| parts.fails())).ok(), Some(7));
        assert_eq!(parts.counts(), counts(2, (2, 1), (1, 0)));
        let denied = ends(manual, policy.call(|| parts.fails())).unwrap_err();
        assert!(
            matches!(denied, CallError::Refused(_)),
            "nothing makes up for a denial: {denied:?}"
        );
        assert_eq!(parts.counts(), counts(2, (2, 1), (1, 1)));
    });
}

#[test]
fn retry_fallback_breaker_limiter() {
    by_hand(|manual| {
        let parts = Parts::new(9);
        let policy = Policy::new()
            .retry(parts.retry.clone())
            .fallback(parts.fallback.clone())
            .breaker(parts.breaker.clone())
            .limiter(parts.limiter.clone());
        assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
        assert_eq!(parts.counts(), counts(1, (1, 0), (1, 0)), "there is nothing to retry");
    });
}

#[test]
fn retry_breaker_fallback_limiter() {
    by_hand(|manual| {
        let parts = Parts::new(9);
        let policy = Policy::new()
            .retry(parts.retry.clone())
            .breaker(parts.breaker.clone())
            .fallback(parts.fallback.clone())
            .limiter(parts.limiter.clone());
        for _ in 0..5 {
            assert_eq!(ends(manual, policy.call(|| parts.fails())), Ok(7));
        }
        assert_eq!(parts.counts(), counts(5, (5, 0), (5, 0)), "the breaker sees no failure");
    });
}

#[test]
fn a_denial_is_a_failure_for_a_breaker_around_it() {
    by_hand(|manual| {
        let parts = Parts::new(1);
        let policy = Policy::new()
            .retry(parts.retry.clone())
            .breaker(parts.breaker.clone())
            .limiter(parts.limiter.clone());
        let failed = ends(manual, policy.call(|| parts.fails())).unwrap_err();
        let RetryError::Exhausted { attempts: 3, last: Some(CallError::Refused(open)) } = failed
        else {
            panic!("{failed:?}")
        };
        assert_eq!(open.retry_after, Some(secs(59)), "a second after it opened");
        assert_eq!(parts.counts(), counts(1, (2, 1), (1, 1)));
    });
}

#[test]
fn a_time_out_inside_is_one_failure_each_and_outside_ends_all() {
    by_hand(|manual| {
        let retry = Retry::fixed().initial_delay(secs(1)).max_attempts(2);
        let limit = Timeout::new(secs(5)).unwrap();
        let forever = || std::future::pending::<Result<(), ()>>();
        let inside = Policy::new().retry(retry.clone()).timeout(limit.clone());
        let failed = ends(manual, inside.call(forever)).unwrap_err();
        let last = Some(TimeoutError::TimedOut { limit: secs(5) });
        assert_eq!(failed, RetryError::Exhausted { attempts: 2, last });
        assert_eq!((limit.metrics().calls, limit.metrics().timed_out), (2, 2));

        limit.reset_metrics();
        let outside = Policy::new().timeout(limit.clone()).retry(retry);
        let call = outside.call(|| async {
            gonex_core::rt::sleep(secs(3)).await;
            Err::<(), _>("down")
        });
        assert_eq!(ends(manual, call), Err(TimeoutError::TimedOut { limit: secs(5) }));
        assert_eq!(limit.metrics().calls, 1);
        assert_eq!(manual.timers(), 0);
    });
}

#[test]
fn a_time_out_lets_through_what_is_ready_at_its_limit() {
    by_hand(|manual| {
        let timeout = Timeout::new(secs(5)).unwrap();
        for (nanos, in_time) in
            [(4_999_999_999, true), (5_000_000_000, true), (5_000_000_001, false)]
        {
            let nap = Duration::from_nanos(nanos);
            let mut call = pin!(timeout.call(|| async move {
                gonex_core::rt::sleep(nap).await;
                Ok::<_, ()>(())
            }));
            assert!(poll(&mut call).is_pending());
            manual.advance(secs(5));
            let ended = drive(manual, secs(0), call);
            assert_eq!(ended.is_ok(), in_time, "{nap:?}");
        }
    });
}

/// Drives a call that never ends by itself to the limit of the time-out around, which is 5 s, and another
/// one in a context that ends before.
fn cut_off<W, E>(manual: &Manual, limit: &Timeout, call: impl Fn() -> Op<PolicyCall<W>>, what: &str)
where
    W: Work<Value = (), Error = TimeoutError<E>>,
    E: std::fmt::Debug + PartialEq,
{
    limit.reset_metrics();
    let ended = drive(manual, secs(1), pin!(call()));
    assert_eq!(ended, Err(TimeoutError::TimedOut { limit: secs(5) }), "{what}");
    assert_eq!(limit.metrics().timed_out, 1, "{what}");
    let context = Context::background().with_timeout(secs(3));
    let ended = context.run(|| drive(manual, secs(1), pin!(call())));
    assert!(matches!(ended, Err(TimeoutError::Failed(_))), "{what}: {ended:?}");
    assert_eq!((limit.metrics().calls, limit.metrics().timed_out), (2, 1), "{what}");
}

#[test]
fn a_time_out_around_what_lets_calls_in_is_one() {
    by_hand(|manual| {
        let limit = Timeout::new(secs(5)).unwrap();
        let around = || Policy::new().timeout(limit.clone());
        let forever = || std::future::pending::<Result<(), ()>>();
        let breaker = CircuitBreaker::new(BreakerConfig::default()).unwrap();
        let policy = around().breaker(breaker.clone());
        cut_off(manual, &limit, || policy.call(forever), "breaker");
        let shedder = LoadShedder::new(ShedConfig::default()).unwrap();
        let policy = around().shed(shedder.with_priority(Priority::High));
        cut_off(manual, &limit, || policy.call(forever), "load shedder");
        let policy = around().bulkhead(Bulkhead::new(BulkheadConfig::default()).unwrap());
        cut_off(manual, &limit, || policy.call(forever), "bulkhead");
        let policy = around().adaptive(AdaptiveLimit::new(AdaptiveConfig::default()).unwrap());
        cut_off(manual, &limit, || policy.call(forever), "adaptive limit");
        let pace = TokenBucket::new(TokenBucketConfig::per(9, secs(3600))).unwrap();
        let policy = around().pacer(pace);
        cut_off(manual, &limit, || policy.call(forever), "pacer");
        let slow = ChaosConfig {
            delays: 1.0,
            min_delay: secs(60),
            max_delay: secs(60),
            ..ChaosConfig::default()
        };
        let policy = around().chaos(Chaos::new(slow).unwrap());
        cut_off(manual, &limit, || policy.call(forever), "chaos");
    });
}

#[test]
fn what_fails_when_its_time_is_over_has_timed_out_and_before_it_has_failed() {
    by_hand(|manual| {
        let timeout = Timeout::new(secs(5)).unwrap();
        let fails_after = |nanos| {
            let mut call = pin!(timeout.call(|| async move {
                gonex_core::rt::sleep(Duration::from_nanos(nanos)).await;
                Err::<(), _>("down")
            }));
            assert!(poll(&mut call).is_pending());
            manual.advance(Duration::from_nanos(nanos));
            drive(manual, secs(0), call)
        };
        assert_eq!(fails_after(4_999_999_999), Err(TimeoutError::Failed("down")));
        let timed_out = Err(TimeoutError::TimedOut { limit: secs(5) });
        assert_eq!(fails_after(5_000_000_000), timed_out);
        assert_eq!((timeout.metrics().calls, timeout.metrics().timed_out), (2, 1));
    });
}

#[test]
fn a_pacer_and_a_bulkhead_hold_calls_back() {
    by_hand(|manual| {
        let pace = TokenBucket::new(TokenBucketConfig::per_second(1)).unwrap();
        let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(1)).unwrap();
        let policy = Policy::new().pacer(pace).bulkhead(bulkhead.clone());
        let mut runs = pin!(policy.call(std::future::pending::<Result<(), ()>>));
        assert!(poll(&mut runs).is_pending());
        assert_eq!(bulkhead.available(), 0);
        let mut next = pin!(policy.call(|| Ok::<(), ()>(())));
        assert!(poll(&mut next).is_pending(), "for its token");
        manual.advance(secs(1));
        let full = drive(manual, secs(0), next).unwrap_err();
        assert!(matches!(full, CallError::Failed(CallError::Refused(_))), "{full:?}");
    });
}

#[test]
fn a_stack_that_is_dropped_leaves_nothing_behind() {
    by_hand(|manual| {
        let parts = Parts::new(1);
        let policy = Policy::new()
            .retry(parts.retry.clone())
            .breaker(parts.breaker.clone())
            .pacer(parts.limiter.clone());
        assert!(parts.limiter.try_acquire(1).is_ok());
        {
            let mut call = pin!(policy.call(|| parts.fails()));
            assert!(poll(&mut call).is_pending());
            assert_eq!(parts.limiter.waiting(), 1);
        }
        assert_eq!((parts.limiter.waiting(), manual.timers()), (0, 0));
        let metrics = parts.breaker.metrics();
        assert_eq!((metrics.permitted, metrics.dropped, parts.calls.get()), (1, 1, 0));
        let stopped = policy.call(|| parts.fails()).timeout(millis(0)).block();
        assert!(stopped.is_err(), "{stopped:?}");
    });
}

#[test]
fn a_stack_is_read_from_a_file_and_says_what_it_does() {
    let read: PolicyConfig = toml::from_str(
        "timeout = \"2s\"\n[retry]\nmax_attempts = 4\n[breaker]\nminimum_calls = 5\n\
         window = { consecutive = { failures = 3 } }\n[limiter]\ncapacity = 5\n",
    )
    .unwrap();
    assert_eq!(read.retry, Some(RetryConfig { max_attempts: Some(4), ..RetryConfig::default() }));
    let policy = read.build().unwrap();
    assert_eq!(
        policy.describe()[..2],
        [
            "retry: 4 attempts at most, exponential delays from 100ms to 10s",
            "breaker: opens for 1m at 3 failures one after the other",
        ]
    );
    assert!(policy.describe()[2].starts_with("limiter: refuses at once"));
    assert_eq!(policy.describe()[3], "time-out: 2s for each call");
    let back: PolicyConfig = toml::from_str(&toml::to_string(&read).unwrap()).unwrap();
    assert_eq!(back, read);
    for preset in [PolicyConfig::http_client(), PolicyConfig::database(), PolicyConfig::batch()] {
        assert_eq!(preset.build().unwrap().call(|| Ok::<_, ()>(7)).block(), Ok(7));
    }
    let nothing = PolicyConfig::default().build().unwrap();
    let none = ["retry: one attempt, so none", "breaker: none", "limiter: none", "time-out: none"];
    assert_eq!(nothing.describe(), none);
}

#[test]
fn fallbacks_see_the_error_and_keep_the_latest() {
    let fallback = Fallback::or_else(|error: &str| Err::<u8, _>(format!("even so: {error}")));
    assert_eq!(fallback.call(|| Err("down")).block(), Err("even so: down".to_owned()));
    assert_eq!((fallback.metrics().recovered, fallback.metrics().failed), (0, 1));
    let latest = Fallback::latest(secs(60));
    let elsewhere = latest.clone();
    assert_eq!(latest.call(|| Ok::<_, &str>(8)).block(), Ok(8));
    assert_eq!(elsewhere.call(|| Err::<u8, _>("down")).block(), Ok(8), "clones share it");
}

/// Three attempts, all of which fail, through a shedder and an adaptive limit.
fn admitted(retry_outside: bool) -> (u64, u64) {
    by_hand(|manual| {
        let retry = Retry::fixed().initial_delay(secs(1)).max_attempts(3);
        let shedder = LoadShedder::new(ShedConfig::default()).unwrap();
        let limit = AdaptiveLimit::new(AdaptiveConfig::default()).unwrap();
        let (ranked, inner) = (shedder.with_priority(Priority::High), limit.clone());
        let fails = || Err::<(), _>("down");
        if retry_outside {
            let policy = Policy::new().retry(retry).shed(ranked).adaptive(inner);
            assert!(drive(manual, secs(1), pin!(policy.call(fails))).is_err());
        } else {
            let policy = Policy::new().shed(ranked).adaptive(inner).retry(retry);
            assert!(drive(manual, secs(1), pin!(policy.call(fails))).is_err());
        }
        assert_eq!((shedder.running(), limit.running()), (0, 0));
        (shedder.metrics().admitted.high, limit.metrics().admitted)
    })
}

#[test]
fn a_shedder_and_an_adaptive_limit_see_each_attempt_only_inside_of_a_retry() {
    assert_eq!(admitted(true), (3, 3));
    assert_eq!(admitted(false), (1, 1));
}

#[test]
fn a_hedge_around_a_limit_takes_a_place_for_each_attempt_and_inside_of_it_one_for_all() {
    by_hand(|manual| {
        let delay = HedgeDelay::Fixed { delay: secs(1) };
        let hedge = Hedge::new(HedgeConfig { delay, max_attempts: 2 }).unwrap();
        let limit = AdaptiveLimit::new(AdaptiveConfig::default()).unwrap();
        let never = || std::future::pending::<Result<(), ()>>();
        let (outside, inside) = (
            Policy::new().hedge(hedge.clone()).adaptive(limit.clone()),
            Policy::new().adaptive(limit.clone()).hedge(hedge.clone()),
        );
        let mut call = Box::pin(outside.call(never));
        assert!(poll(&mut call.as_mut()).is_pending());
        manual.advance(secs(1));
        assert!(poll(&mut call.as_mut()).is_pending());
        assert_eq!(limit.running(), 2);
        drop(call);
        let mut call = Box::pin(inside.call(never));
        assert!(poll(&mut call.as_mut()).is_pending());
        manual.advance(secs(1));
        assert!(poll(&mut call.as_mut()).is_pending());
        assert_eq!((limit.running(), hedge.metrics().hedges), (1, 2));
        drop(call);
        assert_eq!((limit.running(), limit.metrics().ignored), (0, 3));
    });
}

#[test]
fn new_policies_say_what_they_will_do() {
    let chaos = Chaos::new(ChaosConfig { errors: 0.1, ..ChaosConfig::default() }).unwrap();
    let shedder = LoadShedder::new(ShedConfig { target: Some(millis(50)), ..Default::default() });
    let policy = Policy::new()
        .shed(shedder.unwrap().with_priority(Priority::Low))
        .hedge(Hedge::new(HedgeConfig::default()).unwrap())
        .adaptive(AdaptiveLimit::new(AdaptiveConfig::default()).unwrap())
        .chaos(chaos.clone());
    assert_eq!(
        policy.describe(),
        [
            "load shedder: refuses calls of low priority when 50 run, or when calls wait for longer than 50ms",
            "hedge: asks again after 100ms, 2 times in all at most",
            "adaptive limit: 1 to 200 at once, as the long average of times says",
            "chaos: 0 % wait, 10 % fail, 0 % panic, by seed 0",
        ]
    );
    chaos.switch(false);
    assert_eq!(policy.describe()[3], "chaos: off");
}
