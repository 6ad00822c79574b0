//! Limiters beside slow models that are obviously right: any times, back in time too, any order.

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gonex_resilience::limit::{
    Denied, Refill, SlidingWindow, SlidingWindowConfig, TokenBucket, TokenBucketConfig,
};
use proptest::prelude::*;
use support::{Told, by_hand, poll};

/// A bucket as one imagines it: a level that time fills.
struct Bucket {
    /// What a token costs, what the bucket holds and has, in sixteenths of a nanosecond; or in tokens.
    cost: u128,
    most: u128,
    level: u128,
    config: TokenBucketConfig,
    latest: u64,
}

impl Bucket {
    fn new(config: TokenBucketConfig) -> Self {
        let interval = config.refill_interval.as_nanos();
        let cost = match config.refill {
            Refill::Continuous => (interval * 16).div_ceil(config.refill_rate.into()),
            Refill::Stepped => 1,
        };
        let most = cost * u128::from(if config.burst { config.capacity } else { 1 });
        Self { cost, most, level: most, config, latest: 0 }
    }

    fn gained(&self, nanos: u64) -> u128 {
        let interval = self.config.refill_interval.as_nanos();
        match self.config.refill {
            Refill::Continuous => u128::from(nanos) * 16,
            Refill::Stepped => u128::from(nanos) / interval * u128::from(self.config.refill_rate),
        }
    }

    fn level_at(&self, now: u64) -> u128 {
        let now = now.max(self.latest);
        (self.level + self.gained(now) - self.gained(self.latest)).min(self.most)
    }

    fn take(&mut self, tokens: u32, now: u64) -> bool {
        self.level = self.level_at(now);
        self.latest = self.latest.max(now);
        let wanted = self.cost * u128::from(tokens);
        let there = wanted <= self.level;
        if there {
            self.level -= wanted;
        }
        there
    }
}

/// An acquire that waits.
type Waiting = Pin<Box<dyn Future<Output = Result<(), Denied>>>>;

fn bucket_config() -> impl Strategy<Value = TokenBucketConfig> {
    (1..20_u32, 1..50_u32, 50..5_000_u64, any::<bool>(), prop::bool::weighted(0.8)).prop_map(
        |(capacity, refill_rate, interval, stepped, burst)| TokenBucketConfig {
            capacity,
            refill_rate,
            refill_interval: Duration::from_nanos(interval),
            refill: if stepped { Refill::Stepped } else { Refill::Continuous },
            burst,
        },
    )
}

/// Moments, mostly one after the other, some of them back in time.
fn moments(count: usize) -> impl Strategy<Value = Vec<(u64, u32)>> {
    let step = prop_oneof![4 => 0..300_i64, 1 => -2_000..20_000_i64];
    prop::collection::vec((step, 0..6_u32), 1..count).prop_map(|steps| {
        let mut now = 0_u64;
        let moment = |(step, tokens): (i64, u32)| {
            now = now.saturating_add_signed(step);
            (now, tokens)
        };
        steps.into_iter().map(moment).collect()
    })
}

proptest! {
    #[test]
    fn a_token_bucket_is_the_bucket_one_imagines(
        config in bucket_config(),
        moments in moments(200),
    ) {
        let clock = Told::new();
        let limiter = TokenBucket::with_clock(config, clock.clone()).unwrap();
        let mut model = Bucket::new(config);
        for (now, tokens) in moments {
            clock.set(now);
            let whole = model.level_at(now) / model.cost;
            prop_assert_eq!(u128::from(limiter.available()), whole);
            let allowed = limiter.try_acquire(tokens);
            prop_assert_eq!(allowed.is_ok(), model.take(tokens, now), "{} at {}", tokens, now);
            if let Err(Denied::NotYet { retry_after }) = allowed {
                let at = model.latest + u64::try_from(retry_after.as_nanos()).unwrap();
                let wanted = model.cost * u128::from(tokens);
                prop_assert!(model.level_at(at) >= wanted, "it says when");
                prop_assert!(model.level_at(at - 1) < wanted, "and not later than that");
            }
        }
    }

    #[test]
    fn no_window_sees_more_than_it_may(
        max_requests in 1..10_u32,
        window in 1..3_000_u64,
        parts in prop::option::of(1..12_u32),
        moments in moments(200),
    ) {
        let precision = parts.map(|parts| parts.min(u32::try_from(window).unwrap()));
        let window_size = Duration::from_nanos(window);
        let config = SlidingWindowConfig { window_size, max_requests, precision };
        let part = precision.map_or(0, |parts| window.div_ceil(parts.into()));
        let clock = Told::new();
        let limiter = SlidingWindow::with_clock(config, clock.clone()).unwrap();
        let mut admitted: Vec<(u64, u32)> = Vec::new();
        let mut latest = 0;
        for (now, tokens) in moments {
            clock.set(now);
            latest = latest.max(now);
            let seen = |length: u64| -> u32 {
                let inside = admitted.iter().filter(|(at, _)| at + length > latest);
                inside.map(|(_, tokens)| tokens).sum()
            };
            let allowed = limiter.try_acquire(tokens);
            if allowed.is_ok() {
                prop_assert!(seen(window) + tokens <= max_requests, "too many");
            } else {
                prop_assert!(seen(window + part) + tokens > max_requests, "denied for nothing");
            }
            if let Err(Denied::NotYet { retry_after }) = allowed {
                prop_assert!(retry_after <= window_size + Duration::from_nanos(part));
            }
            if allowed.is_ok() {
                admitted.push((latest, tokens));
            }
        }
    }

    /// Operations come, are polled and go away at random, while time moves on.
    #[test]
    fn who_waits_is_served_in_order_and_nothing_leaks(
        config in bucket_config(),
        steps in prop::collection::vec((0..4_u8, 0..40_u64, 1..6_u32), 1..120),
    ) {
        let config = TokenBucketConfig { burst: true, ..config };
        by_hand(|manual| {
            let limiter = TokenBucket::new(config).unwrap();
            let mut model = Bucket::new(config);
            let mut now = 0;
            let mut waiting: Vec<(u32, Waiting)> = Vec::new();
            for (what, number, tokens) in steps {
                let tokens = tokens.min(config.capacity);
                match what {
                    0 => {
                        let mut op: Waiting = Box::pin(limiter.acquire(tokens));
                        let polled = poll(&mut op.as_mut());
                        let at_once = waiting.is_empty() && model.take(tokens, now);
                        assert_eq!(polled.is_ready(), at_once);
                        if polled.is_pending() {
                            waiting.push((tokens, op));
                        }
                    }
                    1 if !waiting.is_empty() => {
                        let index = usize::try_from(number).unwrap() % waiting.len();
                        drop(waiting.remove(index));
                    }
                    _ => {
                        manual.advance(Duration::from_nanos(number * 20));
                        now += number * 20;
                    }
                }
                // All are polled, and those who are first get what is there.
                let mut served = 0;
                let mut blocked = false;
                for (tokens, op) in &mut waiting {
                    let ready = poll(&mut op.as_mut());
                    blocked = blocked || !model.take(*tokens, now);
                    assert_eq!(ready.is_ready(), !blocked, "in order");
                    if let Poll::Ready(answer) = ready {
                        assert_eq!(answer, Ok(()));
                        served += 1;
                    }
                }
                waiting.drain(..served);
                assert_eq!(limiter.waiting(), waiting.len());
            }
            waiting.clear();
            assert_eq!((limiter.waiting(), manual.timers()), (0, 0));
            let whole = model.level_at(now) / model.cost;
            assert_eq!(u128::from(limiter.available()), whole, "what went away took nothing");
        });
    }

    #[test]
    fn reservations_that_are_all_cancelled_leave_no_trace(
        config in bucket_config(),
        tokens in prop::collection::vec(1..6_u32, 1..20),
        backwards in any::<bool>(),
    ) {
        let clock = Told::new();
        let limiter = TokenBucket::with_clock(config, clock).unwrap();
        let most = if config.burst { config.capacity } else { 1 };
        limiter.try_acquire(most).unwrap();
        let before = limiter.time_until(1);
        let mut made: Vec<_> = tokens
            .iter()
            .map(|tokens| limiter.reserve((*tokens).min(most), Duration::MAX).unwrap())
            .collect();
        if backwards {
            made.reverse();
            for reservation in made {
                let tokens = reservation.tokens();
                prop_assert_eq!(reservation.cancel(), tokens, "nobody has built upon it");
            }
            prop_assert_eq!(limiter.time_until(1), before);
        } else {
            let (sum, back) = made.into_iter().fold((0, 0), |(sum, back), reservation| {
                (sum + reservation.tokens(), back + reservation.cancel())
            });
            prop_assert!(back <= sum);
            prop_assert!(limiter.time_until(1) >= before, "nothing is minted");
        }
    }
}

#[test]
fn threads_together_get_what_there_is_and_no_more() {
    for _ in 0..20 {
        let clock = Told::new();
        let buckets = TokenBucket::with_clock(TokenBucketConfig::per_second(1000), clock.clone());
        let (bucket, window) = (
            buckets.unwrap(),
            SlidingWindow::with_clock(SlidingWindowConfig::per_second(1000), clock).unwrap(),
        );
        let taken: u32 = std::thread::scope(|scope| {
            let run = |_| {
                let taken = |_| u32::from(bucket.try_acquire(3).is_ok()) * 3;
                let seen = |_| u32::from(window.try_acquire(1).is_ok());
                scope.spawn(move || {
                    ((0..400).map(taken).sum::<u32>(), (0..400).map(seen).sum::<u32>())
                })
            };
            let threads: Vec<_> = (0..4).map(run).collect();
            let sums = threads.into_iter().map(|thread| thread.join().unwrap());
            let (taken, seen) = sums.fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
            assert_eq!(seen, 1000);
            taken
        });
        assert_eq!((taken, bucket.available()), (999, 1));
    }
}

#[test]
fn settings_that_change_under_way_mint_nothing() {
    let clock = Told::new();
    let config = |tokens| TokenBucketConfig::per(tokens, Duration::from_secs(3600));
    let limiter = Arc::new(TokenBucket::with_clock(config(100), clock).unwrap());
    let taken: usize = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| (0..2000).filter(|_| limiter.try_acquire(1).is_ok()).count()))
            .collect();
        for round in 0..500_u32 {
            limiter.reconfigure(config(100 + round % 7 * 50)).unwrap();
        }
        takers.into_iter().map(|taker| taker.join().unwrap()).sum()
    });
    assert_eq!(taken + limiter.available() as usize, 100, "what was available stays available");
}
