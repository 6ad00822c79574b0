//! Who gets into a bulkhead, who waits for how long, and what is left when they go away.

mod support;

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use gonex_core::component::{Component, Health};
use gonex_core::{Kind, Stop};
use gonex_resilience::bulkhead::{BulkheadConfig, BulkheadPermit, Full};
use gonex_resilience::{Bulkhead, CallError};
use proptest::prelude::*;
use support::{by_hand, millis, poll, secs};

fn bulkhead(max_concurrent: usize, max_queue: usize, max_wait: Option<Duration>) -> Bulkhead {
    Bulkhead::new(BulkheadConfig { max_concurrent, max_queue, max_wait }).unwrap()
}

#[test]
fn without_a_queue_what_has_no_place_is_refused_at_once() {
    let bulkhead = bulkhead(2, 0, None);
    let (one, two) = (bulkhead.try_acquire(1).unwrap(), bulkhead.acquire(1).block().unwrap());
    assert_eq!(bulkhead.acquire(1).block().unwrap_err(), Full::Busy);
    drop(one);
    assert!(bulkhead.acquire(1).block().is_ok());
    drop(two);
    assert_eq!((bulkhead.available(), bulkhead.metrics().refused), (2, 1));
}

#[test]
fn the_queue_has_its_length() {
    by_hand(|_| {
        let bulkhead = bulkhead(1, 1, None);
        let inside = bulkhead.try_acquire(1).unwrap();
        assert!(bulkhead.is_healthy(), "one may wait");
        let mut waits = pin!(bulkhead.acquire(1));
        assert!(poll(&mut waits).is_pending());
        assert_eq!((bulkhead.queue_len(), bulkhead.is_healthy()), (1, false));
        assert_eq!(bulkhead.health(), Health::degraded("it is full, and 1 wait"));
        assert_eq!(bulkhead.acquire(1).block().unwrap_err(), Full::QueueFull { waiting: 1 });
        drop(inside);
        assert_eq!(bulkhead.try_acquire(1).unwrap_err(), Full::Busy, "it is for the one who waits");
        assert!(poll(&mut waits).is_ready());
        assert_eq!(bulkhead.queue_len(), 0);
    });
}

#[test]
fn a_wait_ends_at_its_limit_and_not_before() {
    by_hand(|manual| {
        let bulkhead = bulkhead(1, 9, Some(secs(5)));
        let inside = bulkhead.try_acquire(1).unwrap();
        let mut waits = pin!(bulkhead.acquire(1));
        let mut lucky = pin!(bulkhead.acquire(1));
        assert!(poll(&mut waits).is_pending());
        manual.advance(Duration::from_nanos(1));
        assert!(poll(&mut lucky).is_pending());
        manual.advance(secs(5) - Duration::from_nanos(2));
        assert!(poll(&mut waits).is_pending());
        manual.advance(Duration::from_nanos(1));
        let Poll::Ready(Err(full)) = poll(&mut waits) else { panic!("its time is over") };
        assert_eq!(full, Full::WaitedTooLong { waited: secs(5) });
        drop(inside);
        manual.advance(secs(1));
        assert!(matches!(poll(&mut lucky), Poll::Ready(Ok(_))), "what is ready is not lost");
        let metrics = bulkhead.metrics();
        assert_eq!((metrics.waited, metrics.waited_too_long, metrics.refused), (2, 1, 1));
        assert_eq!((bulkhead.queue_len(), manual.timers()), (0, 0));
    });
}

#[test]
fn a_heavy_one_is_not_starved_and_leaves_its_place_when_it_goes() {
    by_hand(|_| {
        let bulkhead = bulkhead(3, 9, None);
        let inside = bulkhead.try_acquire(2).unwrap();
        let mut light = pin!(bulkhead.acquire(1));
        {
            let mut heavy = pin!(bulkhead.acquire(3));
            assert!(poll(&mut heavy).is_pending() && poll(&mut light).is_pending());
        }
        assert!(poll(&mut light).is_ready(), "at once");
        drop(inside);
        assert_eq!((bulkhead.available(), bulkhead.metrics().abandoned), (3, 1));
        let refused = bulkhead.acquire(4).block().unwrap_err();
        assert_eq!(refused, Full::TooHeavy { weight: 4, most: 3 });
    });
}

#[test]
fn only_who_has_waited_can_abandon_the_wait() {
    by_hand(|_| {
        let bulkhead = bulkhead(1, 9, None);
        let _inside = bulkhead.try_acquire(1).unwrap();
        let mut unasked = bulkhead.acquire(1).into_kind();
        let stopped = Pin::new(&mut unasked).stop(Stop::Timeout).unwrap_err();
        drop(unasked);
        assert_eq!(stopped, Full::Stopped(Stop::Timeout));
        assert_eq!((bulkhead.metrics().waited, bulkhead.metrics().abandoned), (0, 0));
        let stopped = bulkhead.acquire(1).timeout(Duration::ZERO).block().unwrap_err();
        assert_eq!(stopped, Full::Stopped(Stop::Timeout));
        assert_eq!((bulkhead.metrics().waited, bulkhead.metrics().abandoned), (1, 1));
    });
}

#[test]
fn a_shrink_is_paid_back_and_reaches_who_waits() {
    by_hand(|_| {
        let bulkhead = bulkhead(4, 9, None);
        let (two, one) = (bulkhead.try_acquire(2).unwrap(), bulkhead.try_acquire(1).unwrap());
        let mut heavy = pin!(bulkhead.acquire(3));
        assert!(poll(&mut heavy).is_pending());
        bulkhead.resize(2).unwrap();
        let Poll::Ready(Err(full)) = poll(&mut heavy) else { panic!("it would wait for ever") };
        assert_eq!(full, Full::TooHeavy { weight: 3, most: 2 });
        drop(one);
        assert!(bulkhead.try_acquire(1).is_err(), "there are two inside");
        drop(two);
        assert_eq!(bulkhead.available(), 2);
        bulkhead.resize(5).unwrap();
        assert_eq!(bulkhead.available(), 5);
    });
}

#[test]
fn a_call_holds_its_place_until_what_runs_is_gone() {
    by_hand(|manual| {
        let bulkhead = bulkhead(1, 1, None);
        let forever = || std::future::pending::<Result<(), ()>>();
        {
            let mut runs = pin!(bulkhead.call(forever).timeout(secs(1)));
            assert!(poll(&mut runs).is_pending());
            let mut waits = pin!(bulkhead.call(forever).timeout(millis(500)));
            assert!(poll(&mut waits).is_pending());
            manual.advance(millis(500));
            let stopped = Err(CallError::Refused(Full::Stopped(Stop::Timeout)));
            assert_eq!(poll(&mut waits), Poll::Ready(stopped));
            assert_eq!(
                bulkhead.try_call(|| Ok::<(), ()>(())).block(),
                Err(CallError::Refused(Full::Busy))
            );
            manual.advance(millis(500));
            assert_eq!(poll(&mut runs), Poll::Ready(Err(CallError::Stopped(Stop::Timeout))));
            assert_eq!(bulkhead.available(), 1);
        }
        let panics = std::panic::AssertUnwindSafe(|| {
            bulkhead.call(|| -> Result<(), ()> { panic!("oh") }).block()
        });
        assert!(std::panic::catch_unwind(panics).is_err());
        assert_eq!(bulkhead.call(|| Err::<(), _>("down")).block(), Err(CallError::Failed("down")));
        assert_eq!(bulkhead.available(), 1);
    });
}

#[test]
fn threads_are_never_more_inside_than_may_be() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let bulkhead = bulkhead(3, 100, None);
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for weight in [1, 1, 2, 3, 1, 2] {
            let (bulkhead, inside, most) = (&bulkhead, &inside, &most);
            scope.spawn(move || {
                for _ in 0..200 {
                    let call = bulkhead.call_weighing(weight, || {
                        let now = inside.fetch_add(weight, Ordering::SeqCst) + weight;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(weight, Ordering::SeqCst);
                        Ok::<_, ()>(())
                    });
                    call.block().unwrap();
                }
            });
        }
    });
    assert!(most.into_inner() <= 3);
    assert_eq!((bulkhead.available(), bulkhead.queue_len()), (3, 0));
    assert_eq!(bulkhead.metrics().admitted, 1200);
}

#[test]
fn settings_are_read_and_checked() {
    let read: BulkheadConfig =
        toml::from_str("maxConcurrentCalls = 10\nmaxWaitTime = 5000\nmax_queue = 3").unwrap();
    let config = BulkheadConfig { max_concurrent: 10, max_queue: 3, max_wait: Some(secs(5)) };
    assert_eq!(read, config);
    assert_eq!(toml::from_str::<BulkheadConfig>(&toml::to_string(&config).unwrap()), Ok(config));
    let wrong = BulkheadConfig { max_concurrent: 0, max_queue: 1, max_wait: Some(Duration::ZERO) };
    assert_eq!(wrong.validate().unwrap_err().problems().len(), 2);
    let many = BulkheadConfig { max_concurrent: usize::MAX, ..config };
    assert!(many.validate().unwrap_err().names("max_concurrent"));
}

proptest! {
    /// Beside a line on paper: operations come, go away and end, and the number changes.
    #[test]
    fn a_bulkhead_is_the_line_one_imagines(
        steps in prop::collection::vec((0..5_u8, 1..5_usize), 1..150),
    ) {
        by_hand(|manual| {
            let queue = 4;
            let bulkhead = bulkhead(3, queue, None);
            let mut most = 3;
            let mut inside: Vec<BulkheadPermit> = Vec::new();
            type Waiting = Pin<Box<dyn Future<Output = Result<BulkheadPermit, Full>>>>;
            let mut waiting: VecDeque<(usize, Waiting)> = VecDeque::new();
            for (what, number) in steps {
                match what {
                    0 | 1 => {
                        let used: usize = inside.iter().map(BulkheadPermit::weight).sum();
                        let mut op: Waiting = Box::pin(bulkhead.acquire(number));
                        let expected = if number > most {
                            Some(Err(Full::TooHeavy { weight: number, most }))
                        } else if waiting.is_empty() && used + number <= most {
                            Some(Ok(()))
                        } else if waiting.len() == queue {
                            Some(Err(Full::QueueFull { waiting: queue }))
                        } else {
                            None
                        };
                        match (poll(&mut op.as_mut()), expected) {
                            (Poll::Ready(Ok(permit)), Some(Ok(()))) => inside.push(permit),
                            (Poll::Ready(Err(full)), Some(Err(wanted))) => assert_eq!(full, wanted),
                            (Poll::Pending, None) => waiting.push_back((number, op)),
                            (got, expected) => panic!("{got:?} instead of {expected:?}"),
                        }
                    }
                    2 if !inside.is_empty() => drop(inside.remove(number % inside.len())),
                    3 if !waiting.is_empty() => drop(waiting.remove(number % waiting.len())),
                    4 => {
                        most = number;
                        bulkhead.resize(most).unwrap();
                    }
                    _ => {}
                }
                // Those too heavy are refused, and then those in front get in as far as there is room.
                let mut left = VecDeque::new();
                let mut blocked = false;
                for (weight, mut op) in std::mem::take(&mut waiting) {
                    let used: usize = inside.iter().map(BulkheadPermit::weight).sum();
                    match poll(&mut op.as_mut()) {
                        Poll::Ready(Ok(permit)) => {
                            assert!(!blocked && used + weight <= most, "in order");
                            inside.push(permit);
                        }
                        Poll::Ready(Err(full)) => {
                            assert!(matches!(full, Full::TooHeavy { .. }), "{full:?}");
                        }
                        Poll::Pending => {
                            assert!(blocked || used + weight > most, "there was room");
                            blocked = true;
                            left.push_back((weight, op));
                        }
                    }
                }
                waiting = left;
                assert_eq!(bulkhead.queue_len(), waiting.len());
            }
            drop((inside, waiting));
            assert_eq!((bulkhead.available(), bulkhead.queue_len(), manual.timers()), (most, 0, 0));
        });
    }
}
