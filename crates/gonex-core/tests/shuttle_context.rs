//! Random interleavings of trees of contexts that are too large for loom.
//! Run with `ci/shuttle`.
#![cfg(gonex_shuttle)]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use gonex_core::{Context, Stop};
use shuttle::sync::{Condvar, Mutex};
use shuttle::thread;

/// A waker that shuttle's scheduler understands: a thread waits on it.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = false;
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_one();
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => bell.wait(),
        }
    }
}

fn is_cancelled_for(stop: &Stop, reason: &str) -> bool {
    matches!(stop, Stop::Cancelled(cause) if cause.to_string() == reason)
}

/// The number of schedules each model is tried with; `SHUTTLE_ITERATIONS` sets another.
fn iterations() -> usize {
    match std::env::var("SHUTTLE_ITERATIONS") {
        Err(_) => 1_000,
        Ok(text) => text.parse().unwrap_or_else(|error| {
            panic!("SHUTTLE_ITERATIONS is `{text}`: {error}; set a number such as 100000")
        }),
    }
}

#[test]
fn shuttle_a_cancel_reaches_everyone_below() {
    let model = || {
        let (root, canceller) = Context::background().with_cancel();
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                let root = root.clone();
                thread::spawn(move || {
                    let (child, _child_canceller) = root.with_cancel();
                    let (grandchild, _canceller) = child.with_cancel();
                    let below = thread::spawn(move || wait(grandchild.done()));
                    let stop = wait(child.done());
                    (stop, below.join().unwrap())
                })
            })
            .collect();
        canceller.cancel("enough");
        for waiter in waiters {
            let (child, grandchild) = waiter.join().unwrap();
            assert!(is_cancelled_for(&child, "enough"), "the child stopped with {child:?}");
            assert!(is_cancelled_for(&grandchild, "enough"), "below, {grandchild:?}");
        }
    };
    shuttle::check_random(model, iterations());
}

#[test]
fn shuttle_the_first_of_several_cancels_counts_for_all() {
    let model = || {
        let (root, by_root) = Context::background().with_cancel();
        let (child, by_child) = root.with_cancel();
        let watchers: Vec<_> = (0..3)
            .map(|_| {
                let child = child.clone();
                thread::spawn(move || (wait(child.done()), wait(child.done())))
            })
            .collect();
        let one = thread::spawn(move || by_child.cancel("from the child"));
        let other = thread::spawn(move || by_root.cancel("from the root"));
        one.join().unwrap();
        other.join().unwrap();
        let stop = child.stopped().expect("it was cancelled twice");
        for watcher in watchers {
            assert_eq!(watcher.join().unwrap(), (stop.clone(), stop.clone()));
        }
        assert!(is_cancelled_for(&root.stopped().unwrap(), "from the root"));
    };
    shuttle::check_random(model, iterations());
}
