//! The policies as layers of tower: readiness, clones, what reaches the service and what does not.

mod support;

use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gonex_resilience::adaptive::{AdaptiveConfig, Algorithm};
use gonex_resilience::breaker::BreakerConfig;
use gonex_resilience::bulkhead::BulkheadConfig;
use gonex_resilience::chaos::ChaosConfig;
use gonex_resilience::hedge::{HedgeConfig, HedgeDelay};
use gonex_resilience::limit::TokenBucketConfig;
use gonex_resilience::shed::{Priority, Shed, ShedConfig};
use gonex_resilience::timeout::TimeoutError;
use gonex_resilience::{
    AdaptiveLimit, Bulkhead, CallError, Chaos, CircuitBreaker, Fallback, Hedge, LoadShedder,
    Policy, Retry, RetryError, Timeout, TokenBucket,
};
use support::{by_hand, drive, poll, secs};
use tower_layer::Layer;
use tower_service::Service;
use tower_test::mock::{self, Mock};

type Request = &'static str;

/// A service whose readiness and answers are given by hand.
fn pair() -> (Mock<Request, u8>, mock::Handle<Request, u8>) {
    mock::pair()
}

fn is_ready<S: Service<Request>>(service: &mut S) -> bool {
    match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(())) => true,
        Poll::Ready(Err(_)) => panic!("the mock is there"),
        Poll::Pending => false,
    }
}

/// What reaches the service now, if something does.
fn next(handle: &mut mock::Handle<Request, u8>) -> Option<mock::SendResponse<u8>> {
    let next = pin!(handle.next_request());
    match Future::poll(next, &mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some((_, answer))) => Some(answer),
        _ => None,
    }
}

/// What holds of every layer: readiness is that of the service inside, is kept by the very instance that has
/// it, and is used up by its call.
fn keeps_readiness<S>(layer: &str, wrap: impl Fn(Mock<Request, u8>) -> S)
where
    S: Service<Request, Response = u8> + Clone,
    S::Error: Debug,
{
    let (service, mut handle) = pair();
    let mut service = wrap(service);
    handle.allow(0);
    assert!(!is_ready(&mut service), "{layer}: the one inside is not");
    handle.allow(1);
    assert!(is_ready(&mut service), "{layer}: the one inside is");
    handle.allow(0);
    let mut clone = service.clone();
    assert!(!is_ready(&mut clone), "{layer}: a clone has to be asked for itself");
    assert!(is_ready(&mut service), "{layer}: it still is");
    {
        let mut call = pin!(service.call("a"));
        assert!(poll(&mut call).is_pending());
        next(&mut handle).unwrap().send_response(7);
        let Poll::Ready(Ok(7)) = poll(&mut call) else { panic!("{layer}: it has been answered") };
    }
    assert!(!is_ready(&mut service), "{layer}: what was ready has been called");
    handle.allow(1);
    assert!(is_ready(&mut clone), "{layer}: the one inside is again");
    drop(clone);
    handle.send_error("gone");
    let asked = service.poll_ready(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Err(error)) = asked else { panic!("{layer}: it will never be ready") };
    assert!(format!("{error:?}").contains("gone"), "{layer}: {error:?}");
}

#[test]
fn a_service_is_ready_when_the_one_inside_is() {
    by_hand(|_| {
        let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1)).unwrap();
        keeps_readiness("breaker", |mock| breaker.layer(mock));
        let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(1)).unwrap();
        keeps_readiness("bulkhead", |mock| bulkhead.layer(mock));
        let limiter = TokenBucket::new(TokenBucketConfig::per_second(9)).unwrap();
        keeps_readiness("limiter", |mock| limiter.layer(mock));
        keeps_readiness("retry", |mock| Retry::fixed().layer(mock));
        let timeout = Timeout::new(secs(1)).unwrap();
        keeps_readiness("time-out", |mock| timeout.layer(mock));
        keeps_readiness("fallback", |mock| Fallback::value(9_u8).layer(mock));
        keeps_readiness("all of them", |mock| {
            let inside = bulkhead.layer(limiter.layer(timeout.layer(mock)));
            Retry::fixed().layer(breaker.layer(inside))
        });
    });
}

#[test]
fn clones_share_the_breaker() {
    by_hand(|_| {
        let (service, mut handle) = pair();
        let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1)).unwrap();
        let mut service = breaker.layer(service);
        let mut clone = service.clone();
        assert!(is_ready(&mut service));
        let mut call = pin!(service.call("a"));
        assert!(poll(&mut call).is_pending());
        next(&mut handle).unwrap().send_error("down");
        assert!(matches!(poll(&mut call), Poll::Ready(Err(CallError::Failed(_)))));
        assert!(is_ready(&mut clone));
        let mut refused = pin!(clone.call("b"));
        assert!(matches!(poll(&mut refused), Poll::Ready(Err(CallError::Refused(_)))));
        assert!(next(&mut handle).is_none(), "it has not been called");
    });
}

#[test]
fn a_place_is_held_from_the_call_to_its_end_and_by_nobody_who_is_only_ready() {
    by_hand(|_| {
        let (service, mut handle) = pair();
        let bulkhead = Bulkhead::new(BulkheadConfig { max_concurrent: 1, ..Default::default() });
        let bulkhead = bulkhead.unwrap();
        let mut service = bulkhead.layer(service);
        let mut idle = service.clone();
        assert!(is_ready(&mut idle) && is_ready(&mut service));
        assert_eq!(bulkhead.available(), 1);
        let mut other = service.clone();
        let mut waiting = pin!(idle.call("b"));
        {
            let mut call = pin!(service.call("a"));
            assert!(poll(&mut call).is_pending());
            assert_eq!(bulkhead.available(), 0);
            assert!(poll(&mut waiting).is_pending());
            next(&mut handle).unwrap();
            assert!(next(&mut handle).is_none(), "the other waits");
        }
        assert!(poll(&mut waiting).is_pending());
        next(&mut handle).unwrap().send_response(8);
        assert!(matches!(poll(&mut waiting), Poll::Ready(Ok(8))));
        assert_eq!(bulkhead.available(), 1);
        assert!(is_ready(&mut other));
    });
}

#[test]
fn a_limiter_has_calls_wait_for_their_token() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let limiter = TokenBucket::new(TokenBucketConfig::per_second(1)).unwrap();
        let mut service = limiter.layer(service);
        assert!(is_ready(&mut service));
        let mut first = pin!(service.call("a"));
        assert!(poll(&mut first).is_pending());
        next(&mut handle).unwrap().send_response(1);
        assert!(is_ready(&mut service));
        let mut second = pin!(service.call("b"));
        assert!(poll(&mut second).is_pending());
        assert!(next(&mut handle).is_none());
        manual.advance(secs(1));
        assert!(poll(&mut second).is_pending());
        assert!(next(&mut handle).is_some());
    });
}

#[test]
fn clones_share_the_tokens_and_what_waits_is_refused_beyond_its_bound() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let limiter = TokenBucket::new(TokenBucketConfig::per_second(1)).unwrap().max_waiting(1);
        let mut first = limiter.layer(service);
        let (mut second, mut third) = (first.clone(), first.clone());
        assert!(is_ready(&mut first) && is_ready(&mut second) && is_ready(&mut third));
        assert_eq!(limiter.available(), 1, "to be ready takes none");
        let mut called = pin!(first.call("a"));
        assert!(poll(&mut called).is_pending());
        next(&mut handle).unwrap();
        {
            let mut waits = pin!(second.call("b"));
            assert!(poll(&mut waits).is_pending());
            let mut refused = pin!(third.call("c"));
            assert!(matches!(poll(&mut refused), Poll::Ready(Err(CallError::Refused(_)))));
            assert_eq!((limiter.waiting(), next(&mut handle).is_none()), (1, true));
        }
        assert_eq!((limiter.waiting(), manual.timers()), (0, 0), "who is dropped waits no more");
    });
}

#[test]
fn clones_share_the_numbers_of_retries_time_outs_and_fallbacks() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let retry = Retry::fixed().max_attempts(1);
        let timeout = Timeout::new(secs(1)).unwrap();
        let fallback = Fallback::value(9_u8);
        let service = fallback.layer(retry.layer(timeout.layer(service)));
        for _ in 0..2 {
            let mut clone = service.clone();
            assert!(is_ready(&mut clone));
            let mut call = pin!(clone.call("a"));
            assert!(poll(&mut call).is_pending());
            let _unanswered = next(&mut handle).unwrap();
            manual.advance(secs(1));
            assert!(matches!(poll(&mut call), Poll::Ready(Ok(9))));
        }
        assert_eq!((retry.metrics().attempts, timeout.metrics().timed_out), (2, 2));
        assert_eq!(fallback.metrics().recovered, 2);
    });
}

#[test]
fn a_call_that_is_dropped_is_none_for_the_service_and_none_for_the_policy() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1)).unwrap();
        let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(1)).unwrap();
        let timeout = Timeout::new(secs(1)).unwrap();
        let mut service = breaker.layer(bulkhead.layer(timeout.layer(service)));
        assert!(is_ready(&mut service));
        drop(service.call("never polled"));
        assert!(next(&mut handle).is_none());
        assert!(is_ready(&mut service));
        {
            let mut call = pin!(service.call("a"));
            assert!(poll(&mut call).is_pending());
            assert_eq!(bulkhead.available(), 0);
            next(&mut handle).unwrap();
        }
        assert_eq!((bulkhead.available(), manual.timers()), (1, 0));
        assert!(breaker.is_closed());
        assert_eq!((breaker.metrics().permitted, breaker.metrics().dropped), (1, 1));
    });
}

#[test]
fn a_retry_waits_until_its_service_is_ready_again() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let retry = Retry::fixed().initial_delay(secs(1)).max_attempts(2);
        let mut service = retry.layer(service);
        handle.allow(1);
        assert!(is_ready(&mut service));
        let mut call = pin!(service.call("a"));
        assert!(poll(&mut call).is_pending());
        next(&mut handle).unwrap().send_error("down");
        assert!(poll(&mut call).is_pending());
        manual.advance(secs(1));
        assert!(poll(&mut call).is_pending(), "it is not ready");
        assert!(next(&mut handle).is_none());
        handle.allow(1);
        assert!(poll(&mut call).is_pending());
        next(&mut handle).unwrap().send_error("down still");
        let Poll::Ready(Err(RetryError::Exhausted { attempts: 2, .. })) = poll(&mut call) else {
            panic!("there are two")
        };
    });
}

#[test]
fn a_time_out_cuts_off_and_a_fallback_makes_up_for_it() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let timeout = Timeout::new(secs(1)).unwrap();
        let mut service = Fallback::value(9_u8).layer(timeout.layer(service));
        assert!(is_ready(&mut service));
        let mut call = pin!(service.call("a"));
        assert!(poll(&mut call).is_pending());
        let _unanswered = next(&mut handle).unwrap();
        manual.advance(secs(1));
        assert_eq!(drive(manual, secs(0), call).unwrap(), 9);
        assert_eq!(timeout.metrics().timed_out, 1);

        let (service, _handle) = pair();
        let mut alone = timeout.layer(service);
        assert!(is_ready(&mut alone));
        let error: TimeoutError<_> = drive(manual, secs(1), pin!(alone.call("b"))).unwrap_err();
        assert!(!error.to_string().is_empty());
    });
}

#[test]
fn a_hedge_asks_again_when_its_service_is_ready_and_takes_the_first_answer() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let delay = HedgeDelay::Fixed { delay: secs(1) };
        let hedge = Hedge::new(HedgeConfig { delay, max_attempts: 2 }).unwrap();
        let mut service = hedge.layer(service);
        handle.allow(1);
        assert!(is_ready(&mut service));
        let mut call = pin!(service.call("a"));
        assert!(poll(&mut call).is_pending());
        let unanswered = next(&mut handle).unwrap();
        manual.advance(secs(1));
        assert!(poll(&mut call).is_pending());
        assert!(next(&mut handle).is_none(), "it is not ready for another one");
        handle.allow(1);
        assert!(poll(&mut call).is_pending());
        next(&mut handle).unwrap().send_response(7);
        assert!(matches!(poll(&mut call), Poll::Ready(Ok(7))));
        drop(unanswered);
        assert_eq!(hedge.metrics().won_by_hedge, 1);
    });
}

#[test]
fn a_shedder_asks_the_request_for_its_priority() {
    by_hand(|_| {
        let (service, mut handle) = pair();
        let config = ShedConfig { max_running: Some(2), ..ShedConfig::default() };
        let shedder = LoadShedder::new(config).unwrap();
        let by = shedder.by(|request: &Request| match *request {
            "pay" => (Priority::Critical, secs(0)),
            _ => (Priority::Low, secs(0)),
        });
        let mut service = by.layer(service);
        let mut clone = service.clone();
        assert!(is_ready(&mut service) && is_ready(&mut clone));
        let mut report = pin!(service.call("report"));
        assert!(poll(&mut report).is_pending());
        let _unanswered = next(&mut handle).unwrap();
        let mut other = pin!(clone.call("report"));
        let Poll::Ready(Err(CallError::Refused(shed))) = poll(&mut other) else {
            panic!("half of the places are for others")
        };
        assert_eq!(shed, Shed::Full { priority: Priority::Low, running: 1, places: 1 });
        assert!(is_ready(&mut clone));
        let mut pays = pin!(clone.call("pay"));
        assert!(poll(&mut pays).is_pending());
        next(&mut handle).unwrap().send_response(7);
        assert!(matches!(poll(&mut pays), Poll::Ready(Ok(7))));
        assert_eq!(shedder.running(), 1);
    });
}

#[test]
fn an_adaptive_limit_and_a_chaos_are_layers_whose_clones_share_them() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let config = AdaptiveConfig {
            algorithm: Algorithm::aimd(),
            initial_limit: 1,
            ..AdaptiveConfig::default()
        };
        let limit = AdaptiveLimit::new(config).unwrap();
        let chaos = Chaos::new(ChaosConfig { errors: 1.0, ..ChaosConfig::default() }).unwrap();
        chaos.switch(false);
        let mut service = limit.layer(chaos.layer(service));
        let mut clone = service.clone();
        assert!(is_ready(&mut service) && is_ready(&mut clone));
        let mut first = pin!(service.call("a"));
        assert!(poll(&mut first).is_pending());
        let answer = next(&mut handle).unwrap();
        let mut second = pin!(clone.call("b"));
        assert!(matches!(poll(&mut second), Poll::Ready(Err(CallError::Refused(_)))));
        manual.advance(secs(1));
        answer.send_response(7);
        assert!(matches!(poll(&mut first), Poll::Ready(Ok(7))));
        assert_eq!((limit.running(), limit.metrics().succeeded), (0, 1));
        chaos.switch(true);
        assert!(is_ready(&mut clone));
        let mut injected = pin!(clone.call("c"));
        let Poll::Ready(Err(CallError::Failed(CallError::Refused(injected)))) = poll(&mut injected)
        else {
            panic!("it was to fail")
        };
        assert_eq!(injected.number, 1);
        assert!(next(&mut handle).is_none(), "it has not been called");
    });
}

#[test]
fn a_policy_is_one_layer_and_each_attempt_waits_for_its_service() {
    by_hand(|manual| {
        let (service, mut handle) = pair();
        let breaker = CircuitBreaker::new(BreakerConfig::consecutive(2)).unwrap();
        let policy = Policy::new()
            .fallback(Fallback::value(9_u8))
            .retry(Retry::fixed().initial_delay(secs(1)).max_attempts(3))
            .breaker(breaker.clone());
        let mut service = policy.into_layer().layer(service);
        handle.allow(0);
        assert!(!is_ready(&mut service));
        handle.allow(1);
        assert!(is_ready(&mut service));
        let mut clone = service.clone();
        let mut call = pin!(service.call("a"));
        assert!(poll(&mut call).is_pending());
        next(&mut handle).unwrap().send_error("down");
        assert!(poll(&mut call).is_pending());
        manual.advance(secs(1));
        assert!(poll(&mut call).is_pending(), "the second attempt waits until it is ready");
        assert!(next(&mut handle).is_none());
        handle.allow(1);
        assert!(poll(&mut call).is_pending());
        next(&mut handle).unwrap().send_error("down");
        assert!(poll(&mut call).is_pending());
        assert!(breaker.is_open());
        manual.advance(secs(1));
        assert!(matches!(poll(&mut call), Poll::Ready(Ok(9))), "made up for");
        assert_eq!(breaker.metrics().refused, 1);

        // One that will never be ready fails the call, through the policies.
        handle.send_error("gone");
        assert!(is_ready(&mut clone));
        breaker.reset();
        let mut call = pin!(clone.call("b"));
        assert!(poll(&mut call).is_pending(), "the first attempt has failed, and there is another");
        assert_eq!(breaker.metrics().failed, 1);
    });
}
