//! When a hedge asks again, whose answer counts, and what becomes of the others.

mod support;

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gonex_core::{Stop, rt};
use gonex_resilience::Hedge;
use gonex_resilience::hedge::{HedgeConfig, HedgeDelay};
use support::{by_hand, millis, poll, secs};

fn hedge(max_attempts: u32) -> Hedge {
    let delay = HedgeDelay::Fixed { delay: secs(1) };
    Hedge::new(HedgeConfig { delay, max_attempts }).unwrap()
}

#[test]
fn it_asks_again_at_the_delay_and_not_before_and_drops_the_losers() {
    by_hand(|manual| {
        let (hedge, asked, alive) = (hedge(3), Cell::new(0), Arc::new(()));
        let mut call = pin!(hedge.call(|| {
            asked.set(asked.get() + 1);
            // The first would take 10 s, the second one 1.5 s.
            let nap = if asked.get() == 2 { millis(1500) } else { secs(10) };
            let alive = alive.clone();
            async move {
                rt::sleep(nap).await;
                drop(alive);
                Ok::<_, ()>(nap)
            }
        }));
        assert!(poll(&mut call).is_pending());
        manual.advance(secs(1) - Duration::from_nanos(1));
        assert!(poll(&mut call).is_pending());
        assert_eq!(asked.get(), 1);
        manual.advance(Duration::from_nanos(1));
        assert!(poll(&mut call).is_pending());
        assert_eq!(asked.get(), 2);
        manual.advance(secs(1));
        assert!(poll(&mut call).is_pending());
        assert_eq!((asked.get(), Arc::strong_count(&alive)), (3, 4));
        manual.advance(millis(500));
        assert_eq!(poll(&mut call), Poll::Ready(Ok(millis(1500))));
        assert_eq!((Arc::strong_count(&alive), manual.timers()), (1, 0), "the others are gone");
        let metrics = hedge.metrics();
        assert_eq!((metrics.calls, metrics.hedges, metrics.won_by_hedge), (1, 2, 1));
    });
}

#[test]
fn a_failure_asks_again_at_once_and_the_last_one_is_told() {
    by_hand(|manual| {
        let (hedge, asked) = (hedge(3), Cell::new(0));
        let failed = hedge.call(|| {
            asked.set(asked.get() + 1);
            Err::<(), _>(asked.get())
        });
        assert_eq!(failed.block(), Err(3));
        assert_eq!(manual.timers(), 0);
    });
}

#[test]
fn a_failure_beside_one_that_runs_is_not_the_end() {
    by_hand(|manual| {
        let (hedge, asked) = (hedge(2), Cell::new(0));
        let mut call = pin!(hedge.call(|| {
            asked.set(asked.get() + 1);
            let first = asked.get() == 1;
            async move {
                if first {
                    rt::sleep(secs(3)).await;
                    return Ok("slow and good");
                }
                Err("fast and bad")
            }
        }));
        assert!(poll(&mut call).is_pending());
        manual.advance(secs(1));
        assert!(poll(&mut call).is_pending());
        manual.advance(secs(2));
        assert_eq!(poll(&mut call), Poll::Ready(Ok("slow and good")));
        assert_eq!(hedge.metrics().won_by_hedge, 0);
    });
}

#[test]
fn a_percentile_follows_the_answers() {
    by_hand(|manual| {
        let delay = HedgeDelay::Percentile { share: 0.9, most: secs(60) };
        let hedge = Hedge::new(HedgeConfig { delay, max_attempts: 2 }).unwrap();
        for number in 1..=20 {
            assert_eq!(hedge.delay(), secs(60), "too few answers");
            let mut call = pin!(hedge.call(|| async move {
                rt::sleep(secs(number)).await;
                Ok::<_, ()>(())
            }));
            assert!(poll(&mut call).is_pending());
            manual.advance(secs(number));
            assert!(poll(&mut call).is_ready());
        }
        assert_eq!(hedge.delay(), secs(19), "two of twenty took as long or longer");
    });
}

/// A call whose first attempt takes so long, and whose others take so long each.
fn answered(hedge: &Hedge, manual: &gonex_core::rt::Manual, first: Duration, others: Duration) {
    let asked = Cell::new(0);
    let call = pin!(hedge.call(|| {
        asked.set(asked.get() + 1);
        let nap = if asked.get() == 1 { first } else { others };
        async move {
            rt::sleep(nap).await;
            Ok::<_, ()>(())
        }
    }));
    support::drive(manual, millis(250), call).unwrap();
}

#[test]
fn a_percentile_is_of_the_first_attempts_and_not_of_those_that_win() {
    by_hand(|manual| {
        let delay = HedgeDelay::Percentile { share: 0.5, most: secs(4) };
        let hedge = Hedge::new(HedgeConfig { delay, max_attempts: 2 }).unwrap();
        // The first attempt takes 10 s, and the second one, which wins, half a second.
        for _ in 0..60 {
            answered(&hedge, manual, secs(10), millis(500));
            assert_eq!(hedge.delay(), secs(4), "what is asked first never takes less than 4.5 s");
        }
        // Of the first attempts 7 in 10 take one second now, so the middle one does.
        for number in 0..128 {
            let first = if number % 10 < 7 { secs(1) } else { secs(10) };
            answered(&hedge, manual, first, millis(500));
        }
        assert_eq!(hedge.delay(), secs(1));
    });
}

#[test]
fn a_call_that_is_given_up_says_how_long_it_took_at_least() {
    by_hand(|manual| {
        let delay = HedgeDelay::Percentile { share: 0.5, most: secs(4) };
        let hedge = Hedge::new(HedgeConfig { delay, max_attempts: 2 }).unwrap();
        for _ in 0..20 {
            answered(&hedge, manual, secs(1), secs(1));
        }
        assert_eq!(hedge.delay(), secs(1));
        let never = || std::future::pending::<Result<(), ()>>();
        for _ in 0..100 {
            // One that goes before it was asked again says nothing.
            let mut early = pin!(hedge.call(never));
            assert!(poll(&mut early).is_pending());
        }
        assert_eq!(hedge.delay(), secs(1));
        for _ in 0..20 {
            let call = pin!(hedge.call(never).timeout(secs(3)));
            assert_eq!(support::drive(manual, millis(250), call), Err(Stop::Timeout));
        }
        assert_eq!(hedge.delay(), secs(3));
    });
}

#[test]
fn a_limit_ends_all_attempts() {
    by_hand(|manual| {
        let (hedge, alive) = (hedge(2), Arc::new(()));
        let mut call = pin!(
            hedge
                .call(|| {
                    let alive = alive.clone();
                    async move {
                        std::future::pending::<()>().await;
                        drop(alive);
                        Ok::<_, ()>(())
                    }
                })
                .timeout(secs(5))
        );
        assert!(poll(&mut call).is_pending());
        manual.advance(secs(1));
        assert!(poll(&mut call).is_pending());
        assert_eq!(Arc::strong_count(&alive), 3);
        manual.advance(secs(4));
        assert_eq!(poll(&mut call), Poll::Ready(Err(Stop::Timeout)));
        assert_eq!(Arc::strong_count(&alive), 1);
    });
}
