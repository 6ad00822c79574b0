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

/// Is never ready.
struct Never;

impl Kind for Never {
    type Output = Result<(), Stop>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Self::Output> {
        Poll::Pending
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        Err(stop)
    }

    fn limited(self) -> Self {
        self
    }
}

fn is_ready(cx: &mut TaskContext<'_>) -> bool {
    pin!(Op::new(Ready)).poll(cx).is_ready()
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
fn what_is_not_ready_spends_no_budget() {
    let mut cx = TaskContext::from_waker(Waker::noop());
    coop::with_budget(|| {
        let mut never = pin!(Op::new(Never));
        for _ in 0..10 * u32::from(coop::BUDGET) {
            assert!(never.as_mut().poll(&mut cx).is_pending());
        }
        for _ in 0..coop::BUDGET {
            assert!(is_ready(&mut cx));
        }
        assert!(!is_ready(&mut cx));
    });
}

#[test]
fn what_a_limit_ends_spends_budget_like_what_is_ready() {
    let mut cx = TaskContext::from_waker(Waker::noop());
    coop::with_budget(|| {
        for _ in 0..coop::BUDGET {
            let stopped = pin!(Op::new(Never).timeout(Duration::ZERO)).poll(&mut cx);
            assert!(matches!(stopped, Poll::Ready(Err(Stop::Timeout))));
        }
        assert!(!is_ready(&mut cx));
    });
}

#[test]
fn a_waker_that_tries_operations_finds_the_budget_spent() {
    #[derive(Default)]
    struct Trying(AtomicUsize);
    impl Wake for Trying {
        fn wake(self: Arc<Self>) {
            let mut cx = TaskContext::from_waker(Waker::noop());
            self.0.fetch_add(1 + usize::from(is_ready(&mut cx)), Ordering::SeqCst);
        }
    }
    let wakes = Arc::new(Trying::default());
    let waker = Waker::from(wakes.clone());
    let mut cx = TaskContext::from_waker(&waker);
    coop::with_budget(|| {
        (0..coop::BUDGET).for_each(|_| assert!(is_ready(&mut cx)));
        for spent in 1..=3 {
            assert!(!is_ready(&mut cx));
            assert_eq!(wakes.0.load(Ordering::SeqCst), spent, "woken once, and nothing was ready");
        }
    });
    assert!(is_ready(&mut cx), "outside there is no budget");
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

/// Runs a future in a runtime of tokio whose clock jumps when there is nothing to do; so a wake-up
/// that is lost ends the test.
#[cfg(feature = "tokio")]
fn in_tokio<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let watched = async { tokio::time::timeout(Duration::from_secs(60), future).await };
    runtime.block_on(watched).expect("the future is woken")
}

#[cfg(feature = "tokio")]
#[test]
fn a_poll_of_tokio_ends_after_a_known_number_of_operations() {
    let rounds = AtomicUsize::new(0);
    let mut endless = pin!(async {
        loop {
            Op::new(Ready).await.unwrap();
            rounds.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut polls = 0;
    in_tokio(std::future::poll_fn(|cx| {
        let before = rounds.load(Ordering::SeqCst);
        assert_eq!(endless.as_mut().poll(cx), Poll::<()>::Pending);
        let ready = rounds.load(Ordering::SeqCst) - before;
        assert!((127 * 16..=129 * 16).contains(&ready), "{ready} were ready in one poll");
        // What says that the budget is spent stays with that for the rest of the poll.
        for _ in 0..100 {
            assert!(!is_ready(cx));
        }
        polls += 1;
        if polls < 5 { Poll::Pending } else { Poll::Ready(()) }
    }));
    assert_eq!(polls, 5, "each poll was followed by another without anybody's help");
}

#[cfg(feature = "tokio")]
#[test]
fn what_is_not_ready_spends_nothing_of_tokio() {
    in_tokio(std::future::poll_fn(|cx| {
        let mut never = pin!(Op::new(Never));
        for _ in 0..10_000 {
            assert!(never.as_mut().poll(cx).is_pending());
        }
        assert!(tokio::task::coop::has_budget_remaining());
        for _ in 0..127 * 16 {
            assert!(is_ready(cx));
        }
        Poll::Ready(())
    }));
}

#[cfg(feature = "tokio")]
#[test]
fn where_tokio_gives_no_budget_none_is_spent() {
    in_tokio(tokio::task::coop::unconstrained(std::future::poll_fn(|cx| {
        (0..10_000).for_each(|_| assert!(is_ready(cx)));
        Poll::Ready(())
    })));
}
