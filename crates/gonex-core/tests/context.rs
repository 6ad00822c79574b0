//! Contexts: what stops them, what they carry, what runs when they stop, and what they leave behind.
#![cfg(not(gonex_loom))]

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Canceller, Context, Stop};

const HOUR: Duration = Duration::from_secs(3600);

fn context() -> (Context, Canceller) {
    Context::background().with_cancel()
}

fn manual<T>(body: impl FnOnce(&Manual) -> T) -> T {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || body(&manual))
}

/// A function that counts how often it is run, and the count.
fn counted() -> (Arc<AtomicUsize>, impl Fn() + Send + Clone + 'static) {
    let count = Arc::new(AtomicUsize::new(0));
    let theirs = count.clone();
    (count, move || {
        theirs.fetch_add(1, Ordering::SeqCst);
    })
}

fn times(count: &AtomicUsize) -> usize {
    count.load(Ordering::SeqCst)
}

#[test]
fn a_done_channel_created_after_the_cancel_closes() {
    let (context, canceller) = context();
    canceller.cancel("before");
    let mut cx = TaskContext::from_waker(Waker::noop());
    let done = pin!(context.done()).poll(&mut cx);
    assert!(matches!(done, Poll::Ready(Stop::Cancelled(_))));
    let child = context.with_value(1_u8).with_timeout(HOUR);
    assert!(matches!(child.done().block(), Stop::Cancelled(_)));
}

#[test]
fn without_cancel_keeps_values() {
    let (context, canceller) =
        Context::background().with_value(7_u8).with_timeout(HOUR).with_cancel();
    canceller.cancel("enough");
    let kept = context.without_cancel();
    assert_eq!(kept.value(), Some(&7_u8));
    assert_eq!((kept.stopped(), kept.deadline(), kept.cause()), (None, None, None));
    let (child, canceller) = kept.with_cancel();
    canceller.cancel("later");
    assert!(child.stopped().is_some());
    assert_eq!(child.value(), Some(&7_u8));
}

#[test]
fn the_nearest_value_of_a_type_is_found() {
    let outer = Context::background().with_value(1_u8).with_value("word");
    let inner = outer.with_cancel().0.with_value(2_u8);
    assert_eq!((inner.value::<u8>(), inner.value()), (Some(&2), Some(&"word")));
    assert_eq!(outer.value::<u8>(), Some(&1));
    assert_eq!(inner.value::<u16>(), None);
    assert_eq!(Context::background().value::<u8>(), None);
}

#[test]
fn what_comes_first_counts_deadline_or_cancellation() {
    manual(|manual| {
        let (late, canceller) =
            Context::background().with_timeout_cause(HOUR, "too long").with_cancel();
        manual.advance(HOUR);
        canceller.cancel("after the deadline");
        assert_eq!(late.stopped(), Some(Stop::Timeout));
        assert_eq!(late.cause().unwrap().to_string(), "too long");

        let (early, canceller) =
            Context::background().with_timeout_cause(HOUR, "too long").with_cancel();
        canceller.cancel("before the deadline");
        manual.advance(HOUR);
        assert!(matches!(early.stopped(), Some(Stop::Cancelled(_))));
        assert_eq!(early.cause().unwrap().to_string(), "before the deadline");
    });
}

#[test]
fn a_child_that_timed_out_keeps_that_when_its_parent_is_cancelled() {
    manual(|manual| {
        let (parent, canceller) = context();
        let child = parent.with_timeout(HOUR);
        let grandchild = child.with_cancel().0;
        manual.advance(HOUR);
        canceller.cancel("later");
        assert_eq!(
            (child.stopped(), grandchild.stopped()),
            (Some(Stop::Timeout), Some(Stop::Timeout))
        );
        assert!(matches!(parent.stopped(), Some(Stop::Cancelled(_))));
    });
}

#[test]
fn the_cause_of_the_earliest_deadline_counts() {
    manual(|manual| {
        let outer = Context::background().with_timeout_cause(HOUR, "outer");
        let longer = outer.with_timeout_cause(2 * HOUR, "longer");
        let shorter = outer.with_timeout_cause(HOUR / 2, "shorter");
        let silent = outer.with_timeout(HOUR / 2);
        manual.advance(HOUR);
        assert_eq!(longer.cause().unwrap().to_string(), "outer");
        assert_eq!(shorter.cause().unwrap().to_string(), "shorter");
        let cause = silent.cause().unwrap();
        assert_eq!(cause.error().downcast_ref(), Some(&Stop::Timeout));
    });
}

#[test]
fn a_function_runs_once_when_its_context_is_cancelled_on_that_thread() {
    let (context, canceller) = context();
    let (sent, received) = mpsc::channel();
    let child = context.with_cancel().0;
    child.after_func(move || sent.send(thread::current().id()).unwrap());
    let other = thread::spawn(move || {
        canceller.cancel("enough");
        canceller.cancel("again");
        thread::current().id()
    });
    assert_eq!(vec![other.join().unwrap()], received.iter().collect::<Vec<_>>());
}

#[test]
fn a_function_runs_at_the_deadline_and_at_once_if_that_has_passed() {
    manual(|manual| {
        let context = Context::background().with_timeout(HOUR);
        let (count, function) = counted();
        context.after_func(function.clone());
        assert_eq!(times(&count), 0);
        manual.advance(HOUR);
        assert_eq!(times(&count), 1);
        context.after_func(function);
        assert_eq!(times(&count), 2);
        assert_eq!(manual.timers(), 0);
    });
    let (context, canceller) = context();
    canceller.cancel("before");
    let (count, function) = counted();
    assert!(!context.after_func(function).stop());
    assert_eq!(times(&count), 1);
}

#[test]
fn a_prevented_function_never_runs_and_leaves_nothing() {
    manual(|manual| {
        let (context, canceller) = Context::background().with_timeout(HOUR).with_cancel();
        let (count, function) = counted();
        let after = context.after_func(function);
        assert_eq!((context.counts(), manual.timers()), ((1, 0), 1));
        assert!(after.stop());
        assert!(!after.clone().stop());
        assert_eq!((context.counts(), manual.timers()), ((0, 0), 0));
        canceller.cancel("enough");
        manual.advance(HOUR);
        assert_eq!(times(&count), 0);
        assert_eq!(Arc::strong_count(&count), 1, "the function is dropped");
    });
}

#[test]
fn a_panic_in_a_function_reaches_no_other() {
    let (context, canceller) = context();
    let (count, function) = counted();
    context.after_func(function.clone());
    context.after_func(|| std::panic::resume_unwind(Box::new("a function's own affair")));
    context.after_func(function.clone());
    canceller.cancel("enough");
    assert_eq!(times(&count), 2);
    context.after_func(|| std::panic::resume_unwind(Box::new("a function's own affair")));
}

#[test]
fn a_function_whose_context_nobody_holds_runs_with_its_parent() {
    let (parent, canceller) = context();
    let (count, function) = counted();
    let after = {
        let (child, _canceller) = parent.with_cancel();
        let grandchild = child.with_value(1_u8);
        grandchild.after_func(function.clone());
        grandchild.after_func(function)
    };
    assert_eq!(parent.counts(), (2, 0), "they wait in the parent now");
    assert!(after.stop());
    assert_eq!(parent.counts(), (1, 0));
    canceller.cancel("enough");
    assert_eq!(times(&count), 1);
}

#[test]
fn a_function_that_ran_by_time_leaves_no_trace_in_a_parent_that_goes_on() {
    manual(|manual| {
        let (parent, _canceller) = context();
        let (count, function) = counted();
        for _ in 0..3 {
            parent.with_timeout(HOUR).after_func(function.clone());
        }
        assert_eq!(parent.counts(), (3, 0));
        manual.advance(HOUR);
        assert_eq!((times(&count), parent.counts()), (3, (0, 0)));
    });
}

#[test]
fn a_function_of_a_context_that_cannot_stop_is_dropped_with_it() {
    let (count, function) = counted();
    Context::background().after_func(function.clone());
    drop(context().0.after_func(function.clone()));
    Context::background().with_value(1_u8).after_func(function);
    assert_eq!((Arc::strong_count(&count), times(&count)), (1, 0));
}

#[test]
fn children_are_freed_when_dropped() {
    let (parent, _canceller) = context();
    let alive = Arc::new(());
    let children: Vec<_> = (0..100).map(|_| parent.with_value(alive.clone())).collect();
    assert_eq!((parent.counts().1, Arc::strong_count(&alive)), (100, 101));
    let grandchild = children[0].with_cancel().0;
    drop(children);
    assert_eq!((parent.counts().1, Arc::strong_count(&alive)), (1, 2), "one has a child");
    drop(grandchild);
    assert_eq!((parent.counts().1, Arc::strong_count(&alive)), (0, 1));
}

#[test]
fn many_values_are_dropped_without_recursion() {
    let mut context = Context::background();
    for value in 0..100_000_u32 {
        context = context.with_value(value);
    }
    assert_eq!(context.value(), Some(&99_999_u32));
    drop(context.without_cancel());
}
