//! Every interleaving of cancelling a context with waiting for it and making children of it.
//! Run with `cargo xtask loom`.
#![cfg(gonex_loom)]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use gonex_core::context::Register;
use gonex_core::{Context, Stop};
use loom::sync::Notify;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

/// A waker that loom's scheduler understands: a thread waits on it.
struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    let bell = Arc::new(Bell(Notify::new()));
    let waker = Waker::from(bell.clone());
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => bell.0.wait(),
        }
    }
}

#[test]
fn loom_a_cancel_reaches_who_waits() {
    loom::model(|| {
        let (context, canceller) = Context::background().with_cancel();
        let waiter = thread::spawn(move || wait(context.done()));
        canceller.cancel("enough");
        assert!(matches!(waiter.join().unwrap(), Stop::Cancelled(_)));
    });
}

#[test]
fn loom_a_cancel_reaches_a_child_made_meanwhile() {
    loom::model(|| {
        let (context, canceller) = Context::background().with_cancel();
        let waiter = thread::spawn(move || {
            let (child, _canceller) = context.with_cancel();
            wait(child.done())
        });
        canceller.cancel("enough");
        assert!(matches!(waiter.join().unwrap(), Stop::Cancelled(_)));
    });
}

#[test]
fn loom_of_two_causes_one_counts() {
    loom::model(|| {
        let (context, canceller) = Context::background().with_cancel();
        let second = canceller.clone();
        let other = thread::spawn(move || second.cancel("second"));
        canceller.cancel("first");
        let seen = context.stopped();
        other.join().unwrap();
        assert!(seen.is_some());
        assert_eq!(context.stopped(), seen);
    });
}

#[test]
fn loom_a_waiter_that_leaves_does_no_harm() {
    loom::model(|| {
        let (context, canceller) = Context::background().with_cancel();
        let leaver = thread::spawn(move || {
            let mut done = pin!(context.done());
            let polled = done.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()));
            polled.is_ready()
        });
        canceller.cancel("enough");
        leaver.join().unwrap();
    });
}

/// A function that counts how often it is run, and the count.
fn counted() -> (loom::sync::Arc<AtomicUsize>, impl FnOnce() + Send + 'static) {
    let count = loom::sync::Arc::new(AtomicUsize::new(0));
    let theirs = count.clone();
    (count, move || {
        theirs.fetch_add(1, Ordering::SeqCst);
    })
}

#[test]
fn loom_a_function_added_during_the_cancel_runs_once() {
    loom::model(|| {
        let (context, canceller) = Context::background().with_cancel();
        let (count, function) = counted();
        let adder = thread::spawn(move || drop(context.after_func(function)));
        canceller.cancel("enough");
        adder.join().unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn loom_a_function_is_either_prevented_or_run() {
    loom::model(|| {
        let (context, canceller) = Context::background().with_cancel();
        let (count, function) = counted();
        let after = context.after_func(function);
        let other = thread::spawn(move || canceller.cancel("enough"));
        let prevented = after.stop();
        other.join().unwrap();
        assert_eq!(count.load(Ordering::SeqCst), usize::from(!prevented));
    });
}

#[test]
fn loom_a_cancel_by_number_reaches_a_task_that_waits() {
    loom::model(|| {
        let register = loom::sync::Arc::new(Register::new());
        let theirs = register.clone();
        let task = thread::spawn(move || {
            let background = Context::background();
            // At its start it looks whether it was cancelled, and makes a context when it has to wait.
            let early = theirs.take_early(7);
            let own = early.unwrap_or_else(|| theirs.make(7, &background));
            assert!(matches!(wait(own.context().done()), Stop::Cancelled(_)));
            theirs.forget(7);
        });
        register.ask(7, &Context::background()).0.cancel("enough");
        task.join().unwrap();
        assert_eq!(register.counts(), (0, 0), "nothing is left behind");
    });
}

#[test]
fn loom_a_cancel_by_number_of_a_task_that_ends_leaves_nothing_behind() {
    loom::model(|| {
        let register = loom::sync::Arc::new(Register::new());
        let theirs = register.clone();
        let task = thread::spawn(move || theirs.forget_early(7));
        let (canceller, is_new) = register.ask(7, &Context::background());
        canceller.cancel("enough");
        assert!(is_new);
        // The outer end waits for the task, and then sees to what the task may have missed.
        task.join().unwrap();
        register.forget(7);
        assert_eq!(register.counts(), (0, 0));
    });
}

#[test]
fn loom_of_two_who_cancel_by_number_both_have_the_context_of_the_task() {
    loom::model(|| {
        let register = loom::sync::Arc::new(Register::new());
        let theirs = register.clone();
        let task = thread::spawn(move || {
            let own = theirs.make(7, &Context::background());
            let stopped = own.context().stopped();
            theirs.forget(7);
            stopped
        });
        let first = register.ask(7, &Context::background()).0;
        first.cancel("first");
        let again = register.ask(7, &Context::background());
        again.0.cancel("second");
        if let Some(stop) = task.join().unwrap() {
            assert_eq!(stop.to_string(), "cancelled: first");
        }
        register.forget(7);
        assert_eq!(register.counts(), (0, 0));
    });
}
