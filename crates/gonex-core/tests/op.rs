//! Operations and contexts under a clock that moves by hand.
#![cfg(not(gonex_loom))]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::rt::{self, Manual, Seam};
use gonex_core::{Context, Kind, Op, Stop};

const HOUR: Duration = Duration::from_secs(3600);

/// Is ready when polled the given number of times.
struct After(usize);

impl Kind for After {
    type Output = Result<&'static str, Stop>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        if self.0 == 0 {
            return Poll::Ready(Ok("done"));
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        Err(stop)
    }

    fn limited(self) -> Self {
        self
    }
}

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

#[derive(Default)]
struct Counting(AtomicUsize);

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Moves the time when somebody waits for it.
fn advance_when_awaited(manual: &Manual, by: Duration) {
    while manual.timers() == 0 {
        thread::yield_now();
    }
    manual.advance(by);
}

#[test]
fn what_is_ready_is_done_whatever_its_limits_say() {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("before it began");
    let op = Op::new(After(0)).timeout(Duration::ZERO).within(&context);
    assert_eq!(op.block(), Ok("done"));
    assert_eq!(context.run(|| Op::new(After(0)).block()), Ok("done"));
}

#[test]
fn a_blocked_thread_is_woken_by_its_waker() {
    assert_eq!(Op::new(After(3)).block(), Ok("done"));
}

#[test]
fn the_earliest_of_several_limits_counts() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let start = rt::now();
        let context = Context::background().with_timeout(2 * HOUR);
        let op = Op::new(Never).timeout(3 * HOUR).within(&context).timeout(HOUR);
        let theirs = manual.clone();
        let mover = thread::spawn(move || advance_when_awaited(&theirs, HOUR));
        assert_eq!(op.block(), Err(Stop::Timeout));
        assert_eq!(rt::now() - start, HOUR);
        mover.join().unwrap();
        assert_eq!(manual.timers(), 0, "no timer is left");
    });
}

#[test]
fn a_time_out_wakes_a_future_and_leaves_no_timer() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let counting = Arc::new(Counting::default());
        let waker = Waker::from(counting.clone());
        let mut cx = TaskContext::from_waker(&waker);
        let mut op = pin!(Op::new(Never).timeout(HOUR));
        assert!(op.as_mut().poll(&mut cx).is_pending());
        assert!(op.as_mut().poll(&mut cx).is_pending());
        assert_eq!(manual.timers(), 1, "polling again sets no second timer");
        manual.advance(HOUR - Duration::from_nanos(1));
        assert_eq!(counting.0.load(Ordering::SeqCst), 0);
        manual.advance(Duration::from_nanos(1));
        assert_eq!(counting.0.load(Ordering::SeqCst), 1);
        assert_eq!(op.as_mut().poll(&mut cx), Poll::Ready(Err(Stop::Timeout)));
        assert_eq!(manual.timers(), 0);
    });
}

#[test]
fn a_future_that_moves_to_another_waker_is_woken_there() {
    let (context, canceller) = Context::background().with_cancel();
    let (first, second) = (Arc::new(Counting::default()), Arc::new(Counting::default()));
    let mut op = pin!(Op::new(Never).within(&context));
    for counting in [&first, &second] {
        let waker = Waker::from(counting.clone());
        assert!(op.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
    }
    canceller.cancel("enough");
    assert_eq!(first.0.load(Ordering::SeqCst), 0);
    assert_eq!(second.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_cancellation_goes_before_a_time_out_and_brings_its_cause() {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("the user left");
    let stopped = Op::new(Never).timeout(Duration::ZERO).within(&context).block();
    let Err(Stop::Cancelled(cause)) = stopped else { panic!("{stopped:?}") };
    assert_eq!(cause.to_string(), "the user left");
}

#[test]
fn the_ambient_context_is_observed() {
    let context = Context::background().with_timeout(Duration::ZERO);
    assert_eq!(context.run(|| Op::new(Never).block()), Err(Stop::Timeout));
}

#[test]
fn a_time_beyond_all_clocks_is_no_limit() {
    let op = Op::new(After(2)).timeout(Duration::MAX);
    assert_eq!(op.block(), Ok("done"));
    assert_eq!(Context::background().with_timeout(Duration::MAX).deadline(), None);
}

#[test]
fn a_wait_inside_a_poll_does_not_eat_the_outer_wake_up() {
    /// Blocks on another operation in the middle of its own poll.
    struct Nested(bool);
    impl Kind for Nested {
        type Output = ();
        type Limited = gonex_core::Limited<Self>;
        fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Op::new(After(2)).block().unwrap();
            Poll::Pending
        }
        fn stop(self: Pin<&mut Self>, stop: Stop) {
            stop.unwind()
        }
        fn limited(self) -> Self::Limited {
            gonex_core::Limited::new(self)
        }
    }
    Op::new(Nested(false)).block();
}

#[test]
fn children_stop_with_their_parent_and_not_the_other_way_round() {
    let (root, stop_root) = Context::background().with_cancel();
    let (child, stop_child) = root.with_cancel();
    let grandchild = child.with_timeout(HOUR);
    stop_child.cancel("child");
    assert_eq!(root.stopped(), None);
    assert!(matches!(grandchild.stopped(), Some(Stop::Cancelled(c)) if c.to_string() == "child"));
    stop_root.cancel("root");
    assert!(matches!(child.stopped(), Some(Stop::Cancelled(c)) if c.to_string() == "child"));
    let (late, _canceller) = root.with_cancel();
    assert!(matches!(late.stopped(), Some(Stop::Cancelled(c)) if c.to_string() == "root"));
}

#[test]
fn no_child_outlives_its_parents_deadline() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let parent = Context::background().with_timeout(HOUR);
        let child = parent.with_timeout(5 * HOUR);
        assert_eq!(child.deadline(), parent.deadline());
        manual.advance(HOUR);
        assert_eq!(child.stopped(), Some(Stop::Timeout));
    });
}

#[test]
fn a_deep_tree_is_cancelled_and_dropped_without_recursion() {
    let (root, canceller) = Context::background().with_cancel();
    let mut leaf = root.clone();
    for _ in 0..20_000 {
        leaf = leaf.with_cancel().0;
    }
    canceller.cancel("enough");
    assert!(leaf.stopped().is_some());
}

#[test]
fn seeded_chance_repeats() {
    let draw = |seed| {
        let manual = Manual::seeded(seed);
        [manual.random(), manual.random(), manual.random()]
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}
