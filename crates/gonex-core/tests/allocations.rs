//! What operations cost in memory: their size, and that waiting allocates nothing once warm.
#![cfg(not(gonex_loom))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Context, Kind, Op, Stop};

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged (`realloc` and `alloc_zeroed` by way of
// these two), so its promises hold here; the count is a thread-local without a destructor, so to
// touch it neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: `memory` came from the system's allocator, above, for the same `layout`.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The allocations of this thread in a closure.
fn allocations(body: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    body();
    ALLOCATIONS.get() - before
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

/// Has an operation wait and drops it.
fn wait_and_leave(op: Op<Never>) {
    let mut op = pin!(op);
    assert!(op.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
    assert!(op.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
}

/// The allocations of the hundredth to the two-hundredth round.
fn when_warm(round: impl Fn()) -> usize {
    (0..100).for_each(|_| round());
    allocations(|| (0..100).for_each(|_| round()))
}

#[test]
fn an_operation_is_two_words_more_than_its_kind() {
    assert_eq!(size_of::<Op<Never>>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<Option<rt::Timer>>(), 32);
}

#[test]
fn the_first_wait_without_limits_and_context_allocates_nothing() {
    assert_eq!(allocations(|| wait_and_leave(Op::new(Never))), 0);
}

#[test]
fn limits_allocate_nothing_when_warm() {
    rt::enter(Arc::new(Manual::new()), || {
        let (one, _keep) = Context::background().with_cancel();
        let (two, _keep) = Context::background().with_cancel();
        let limited = || {
            wait_and_leave(Op::new(Never).timeout(Duration::from_secs(60)));
            wait_and_leave(Op::new(Never).timeout(Duration::from_nanos(1)));
            wait_and_leave(Op::new(Never).within(&one));
            wait_and_leave(
                Op::new(Never).within(&one).within(&two).timeout(Duration::from_secs(1)),
            );
        };
        assert_eq!(when_warm(limited), 0);
    });
}

#[test]
fn a_tasks_context_allocates_nothing_when_warm() {
    let (context, _keep) = Context::background().with_cancel();
    context.run(|| assert_eq!(when_warm(|| wait_and_leave(Op::new(Never))), 0));
    let timed = context.with_timeout(Duration::from_secs(3600));
    timed.run(|| assert_eq!(when_warm(|| wait_and_leave(Op::new(Never))), 0));
}

#[test]
fn a_blocked_thread_allocates_nothing_when_warm() {
    let late = Context::background().with_timeout(Duration::ZERO);
    let round = || late.run(|| assert_eq!(Op::new(Never).block(), Err(Stop::Timeout)));
    assert_eq!(when_warm(round), 0);
}
