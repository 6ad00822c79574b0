//! Loops over operations that are always ready let others go on.
#![cfg(not(gonex_loom))]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::time::Duration;

use gonex_core::rt::{coop, yield_now};
use gonex_core::{Context, Kind, Op, Stop};

struct Ready;

impl Kind for Ready {
    type Output = Result<(), Stop>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(()))
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        Err(stop)
    }

    fn limited(self) -> Self {
        self
    }
}

#[derive(Default)]
struct Counting(AtomicUsize);

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_budget_of_ready_operations_is_spent_and_renewed() {
    let rounds = AtomicUsize::new(0);
    let mut endless = pin!(async {
        loop {
            Op::new(Ready).await.unwrap();
            rounds.fetch_add(1, Ordering::SeqCst);
        }
    });
    let wakes = Arc::new(Counting::default());
    let waker = Waker::from(wakes.clone());
    for polls in 1..=3 {
        let mut cx = TaskContext::from_waker(&waker);
        let polled = coop::with_budget(|| endless.as_mut().poll(&mut cx));
        assert_eq!(polled, Poll::<()>::Pending);
        assert_eq!(rounds.load(Ordering::SeqCst), polls * usize::from(coop::BUDGET));
        assert_eq!(wakes.0.load(Ordering::SeqCst), polls, "it has asked to go on");
    }
}

#[test]
fn without_a_budget_none_is_spent() {
    let mut many = pin!(async {
        for _ in 0..10 * u32::from(coop::BUDGET) {
            Op::new(Ready).await.unwrap();
        }
    });
    let mut cx = TaskContext::from_waker(Waker::noop());
    assert!(many.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn a_task_inside_a_task_has_a_budget_of_its_own() {
    let mut cx = TaskContext::from_waker(Waker::noop());
    coop::with_budget(|| {
        for _ in 0..3 {
            let mut all = pin!(async {
                for _ in 0..coop::BUDGET {
                    Op::new(Ready).await.unwrap();
                }
            });
            assert!(coop::with_budget(|| all.as_mut().poll(&mut cx)).is_ready());
        }
        assert!(pin!(Op::new(Ready)).poll(&mut cx).is_ready());
    });
}

#[test]
fn blocking_spends_no_budget() {
    coop::with_budget(|| {
        (0..1000).for_each(|_| Op::new(Ready).block().unwrap());
    });
}

#[test]
fn yielding_is_stopped_by_limits_like_any_wait() {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    let mut cx = TaskContext::from_waker(Waker::noop());
    let yielded = pin!(yield_now().within(&context)).poll(&mut cx);
    assert!(matches!(yielded, Poll::Ready(Err(Stop::Cancelled(_)))));
    assert_eq!(yield_now().timeout(Duration::ZERO).block(), Ok(()));
}

#[cfg(feature = "tokio")]
#[test]
fn in_a_task_of_tokio_its_budget_counts() {
    use std::sync::atomic::AtomicBool;

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let seen = runtime.block_on(async {
        let seen = Arc::new(AtomicBool::new(false));
        let theirs = seen.clone();
        let busy = tokio::spawn(async move {
            for _ in 0..1_000_000 {
                Op::new(Ready).await.unwrap();
                if theirs.load(Ordering::SeqCst) {
                    return true;
                }
            }
            false
        });
        let theirs = seen.clone();
        tokio::spawn(async move { theirs.store(true, Ordering::SeqCst) });
        busy.await.unwrap()
    });
    assert!(seen, "the other task went on meanwhile");
}
