//! Who waits at a limiter: in which order, for how long, and what is left when they go away.

mod support;

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use gonex_core::rt::Manual;
use gonex_core::{Context, Stop};
use gonex_resilience::CallError;
use gonex_resilience::limit::{Denied, TokenBucket, TokenBucketConfig};
use support::{by_hand, millis, poll, secs};

/// Four a second, and none left.
fn empty() -> TokenBucket {
    let limiter = TokenBucket::new(TokenBucketConfig::per_second(4)).unwrap();
    limiter.try_acquire(4).unwrap();
    limiter
}

fn advance(manual: &Manual, nanos: u64) {
    manual.advance(Duration::from_nanos(nanos));
}

#[test]
fn who_waits_gets_its_token_at_its_moment() {
    by_hand(|manual| {
        let limiter = empty();
        let mut one = pin!(limiter.acquire(1));
        assert!(poll(&mut one).is_pending());
        advance(manual, 249_999_999);
        assert!(poll(&mut one).is_pending());
        advance(manual, 1);
        assert_eq!(poll(&mut one), Poll::Ready(Ok(())));
        assert_eq!((limiter.available(), limiter.waiting(), manual.timers()), (0, 0, 0));
        assert_eq!(limiter.metrics().total_wait, millis(250));
    });
}

#[test]
fn a_large_one_is_not_starved_and_nobody_overtakes() {
    by_hand(|manual| {
        let limiter = empty();
        let (mut large, mut small) = (pin!(limiter.acquire(4)), pin!(limiter.acquire(1)));
        assert!(poll(&mut large).is_pending() && poll(&mut small).is_pending());
        advance(manual, 500_000_000);
        assert_eq!(limiter.available(), 2);
        assert!(poll(&mut small).is_pending(), "two are there, and not for it");
        assert_eq!(
            limiter.try_acquire(1),
            Err(Denied::NotYet { retry_after: secs(1) }),
            "six are wanted then"
        );
        assert!(matches!(limiter.reserve(1, secs(9)), Err(Denied::NotYet { .. })));
        advance(manual, 500_000_000);
        assert_eq!(poll(&mut large), Poll::Ready(Ok(())));
        assert!(poll(&mut small).is_pending());
        advance(manual, 250_000_000);
        assert_eq!(poll(&mut small), Poll::Ready(Ok(())));
    });
}

#[test]
fn one_that_goes_away_leaves_everything_to_the_next() {
    by_hand(|manual| {
        let limiter = empty();
        let mut small = pin!(limiter.acquire(1));
        {
            let mut large = pin!(limiter.acquire(4));
            assert!(poll(&mut large).is_pending() && poll(&mut small).is_pending());
            advance(manual, 500_000_000);
            assert!(poll(&mut small).is_pending());
        }
        assert_eq!(poll(&mut small), Poll::Ready(Ok(())), "at once");
        assert_eq!(limiter.available(), 1);
        assert_eq!((limiter.metrics().abandoned, limiter.waiting(), manual.timers()), (1, 0, 0));
    });
}

#[test]
fn a_wait_that_would_be_too_long_is_none() {
    by_hand(|manual| {
        let limiter = empty();
        let mut at_the_limit = pin!(limiter.acquire_within(2, millis(500)));
        assert!(poll(&mut at_the_limit).is_pending());
        let beyond = limiter.acquire_within(1, Duration::from_nanos(749_999_999)).block();
        let allowed = Duration::from_nanos(749_999_999);
        assert_eq!(beyond, Err(Denied::TooLong { needed: millis(750), allowed }));
        let context = Context::background().with_timeout(millis(749));
        let refused = context.run(|| limiter.acquire(1).block());
        assert!(matches!(refused, Err(Denied::TooLong { .. })), "{refused:?}");
        assert_eq!(manual.timers(), 1, "only of the one that waits");
        manual.advance(millis(500));
        assert_eq!(poll(&mut at_the_limit), Poll::Ready(Ok(())));
    });
}

#[test]
fn who_stands_behind_one_that_does_not_move_waits_no_longer_than_it_may() {
    by_hand(|manual| {
        let limiter = empty();
        let mut ahead = pin!(limiter.acquire(1));
        assert!(poll(&mut ahead).is_pending());
        let mut behind = pin!(limiter.acquire_within(1, millis(600)));
        assert!(poll(&mut behind).is_pending());
        // Two tokens are there by now, and nobody polls the one whose turn it is.
        manual.advance(millis(600) - Duration::from_nanos(1));
        assert!(poll(&mut behind).is_pending());
        manual.advance(Duration::from_nanos(1));
        let Poll::Ready(Err(denied)) = poll(&mut behind) else { panic!("its time is over") };
        let needed = Duration::from_nanos(1);
        assert_eq!(denied, Denied::TooLong { needed, allowed: millis(600) }, "not at once");
        assert_eq!((denied.retry_after(), limiter.waiting()), (Some(needed), 1));
        assert_eq!(poll(&mut ahead), Poll::Ready(Ok(())));
        assert_eq!((limiter.available(), manual.timers()), (1, 0));
        assert_eq!((limiter.metrics().denied, limiter.metrics().abandoned), (1, 0));
    });
}

#[test]
fn who_has_waited_in_vain_hears_how_long_it_takes_with_all_who_wait() {
    by_hand(|manual| {
        let limiter = empty();
        let mut ahead = pin!(limiter.acquire(1));
        let mut behind = pin!(limiter.acquire_within(1, millis(600)));
        assert!(poll(&mut ahead).is_pending() && poll(&mut behind).is_pending());
        // One a second from now on, so the second one is there after two.
        let slower = TokenBucketConfig { capacity: 4, ..TokenBucketConfig::per_second(1) };
        limiter.reconfigure(slower).unwrap();
        manual.advance(millis(600));
        let denied = Denied::TooLong { needed: millis(1_400), allowed: millis(600) };
        assert_eq!(poll(&mut behind), Poll::Ready(Err(denied)));
        let mut last = pin!(limiter.acquire(2));
        assert!(poll(&mut last).is_pending());
        assert_eq!(limiter.time_until(1), Some(millis(3_400)), "the one that went is not counted");
    });
}

#[test]
fn a_limit_stops_the_wait_and_takes_nothing() {
    by_hand(|manual| {
        let limiter = empty();
        let mut op = pin!(limiter.acquire(4).timeout(millis(600)));
        assert!(poll(&mut op).is_pending());
        manual.advance(millis(600));
        assert_eq!(poll(&mut op), Poll::Ready(Err(Denied::Stopped(Stop::Timeout))));
        assert_eq!((limiter.available(), limiter.waiting()), (2, 0));
    });
}

#[test]
fn what_changes_is_seen_by_who_waits() {
    by_hand(|_| {
        let limiter = empty();
        let mut reset = pin!(limiter.acquire(1));
        assert!(poll(&mut reset).is_pending());
        limiter.reset();
        assert_eq!(poll(&mut reset), Poll::Ready(Ok(())));

        let limiter = empty();
        let mut smaller = pin!(limiter.acquire(4));
        assert!(poll(&mut smaller).is_pending());
        limiter.reconfigure(TokenBucketConfig::per_second(2)).unwrap();
        let never = Err(Denied::TooMany { wanted: 4, most: 2 });
        assert_eq!(poll(&mut smaller), Poll::Ready(never));
    });
}

#[test]
fn only_so_many_may_wait() {
    by_hand(|_| {
        let limiter = empty().max_waiting(1);
        let mut first = pin!(limiter.acquire(1));
        assert!(poll(&mut first).is_pending());
        assert_eq!(limiter.acquire(1).block(), Err(Denied::QueueFull { waiting: 1 }));
        assert_eq!(limiter.acquire(5).block(), Err(Denied::TooMany { wanted: 5, most: 4 }));
    });
}

#[test]
fn a_call_takes_one_token_when_it_is_polled_and_none_before() {
    by_hand(|manual| {
        let limiter = TokenBucket::new(TokenBucketConfig::per_second(1)).unwrap();
        let call = limiter.call(|| Ok::<_, ()>(7));
        assert_eq!(limiter.available(), 1);
        assert_eq!(call.block(), Ok(7));
        let mut next = pin!(limiter.call(|| async { Err::<(), _>("down") }));
        assert!(poll(&mut next).is_pending());
        let refused = limiter.try_call(|| -> Result<(), ()> { unreachable!("it is not called") });
        assert!(matches!(refused.block(), Err(CallError::Refused(Denied::NotYet { .. }))));
        manual.advance(secs(1));
        assert_eq!(poll(&mut next), Poll::Ready(Err(CallError::Failed("down"))));
    });
}

#[test]
fn threads_that_wait_all_get_their_turn() {
    let limiter = TokenBucket::new(TokenBucketConfig {
        capacity: 4,
        ..TokenBucketConfig::per(1, Duration::from_micros(50))
    })
    .unwrap();
    std::thread::scope(|scope| {
        for tokens in 1..=4 {
            let limiter = &limiter;
            scope.spawn(move || {
                for _ in 0..50 {
                    limiter.acquire(tokens).block().unwrap();
                }
            });
        }
    });
    assert_eq!((limiter.metrics().allowed, limiter.waiting()), (200, 0));
}
