//! The policies as layers of tower: readiness, clones, what reaches the service and what does not.

mod support;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gonex_resilience::breaker::BreakerConfig;
use gonex_resilience::bulkhead::BulkheadConfig;
use gonex_resilience::limit::TokenBucketConfig;
use gonex_resilience::timeout::TimeoutError;
use gonex_resilience::{
    Bulkhead, CallError, CircuitBreaker, Fallback, Retry, RetryError, Timeout, TokenBucket,
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

#[test]
fn a_service_is_ready_when_the_one_inside_is() {
    by_hand(|_| {
        let (service, mut handle) = pair();
        let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1)).unwrap();
        let mut service = breaker.layer(service);
        handle.allow(0);
        assert!(!is_ready(&mut service));
        handle.allow(1);
        assert!(
            is_ready(&mut service),
            "and it takes the request, though a clone has not been asked"
        );
        let mut call = pin!(service.call("a"));
        assert!(poll(&mut call).is_pending());
        next(&mut handle).unwrap().send_response(7);
        let Poll::Ready(Ok(7)) = poll(&mut call) else { panic!("it has been answered") };
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
