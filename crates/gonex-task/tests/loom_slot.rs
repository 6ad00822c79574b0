//! Every interleaving of writing a result with waiting for it.
//! Run with `cargo xtask loom`.
#![cfg(gonex_loom)]

use std::task::{Poll, Wake, Waker};

use gonex_core::Context;
use gonex_core::context::Deferred;
use gonex_task::TaskError;
use gonex_task::batch::Gather;
use gonex_task::handle::Slot;
use loom::sync::{Arc, Notify};
use loom::thread;

struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.notify();
    }
}

fn wait<T>(mut poll: impl FnMut(&Waker) -> Poll<T>) -> T {
    let bell = std::sync::Arc::new(Bell(Notify::new()));
    let waker = Waker::from(bell.clone());
    loop {
        match poll(&waker) {
            Poll::Ready(value) => return value,
            Poll::Pending => bell.0.wait(),
        }
    }
}

#[test]
fn loom_a_result_reaches_who_waits() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let writer = slot.clone();
        let writing = thread::spawn(move || writer.fill(7).unwrap());
        assert_eq!(wait(|waker| slot.poll_take(waker)), Some(7));
        writing.join().unwrap();
        assert_eq!(slot.try_take(), None);
    });
}

#[test]
fn loom_of_two_writers_one_wins() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let other = slot.clone();
        let writing = thread::spawn(move || other.fill(2).is_ok());
        let mine = slot.fill(1).is_ok();
        let theirs = writing.join().unwrap();
        assert!(mine != theirs);
        assert_eq!(slot.try_take(), Some(if mine { 1 } else { 2 }));
    });
}

#[test]
fn loom_a_join_that_is_dropped_loses_nothing() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let writer = slot.clone();
        let writing = thread::spawn(move || writer.fill(7).unwrap());
        // A first join is polled and dropped, a second takes what is there.
        match slot.poll_take(Waker::noop()) {
            Poll::Ready(value) => assert_eq!(value, Some(7)),
            Poll::Pending => {
                slot.forget_waker();
                assert_eq!(wait(|waker| slot.poll_take(waker)), Some(7));
            }
        }
        writing.join().unwrap();
    });
}

#[test]
fn loom_a_batch_gathers_all() {
    loom::model(|| {
        let gather = Arc::new(Gather::new(2, Deferred::child_of(Context::background())));
        let first = gather.clone();
        let second = gather.clone();
        let one = thread::spawn(move || first.put(0, Ok(1)));
        let two = thread::spawn(move || second.put(1, Ok(2)));
        assert_eq!(wait(|waker| gather.poll_all(waker)), Some(Ok(vec![1, 2])));
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn loom_a_failure_ends_the_wait_for_all() {
    loom::model(|| {
        let gather = Arc::new(Gather::<u8>::new(2, Deferred::child_of(Context::background())));
        let first = gather.clone();
        let failing = thread::spawn(move || first.put(0, Err(TaskError::Timeout)));
        // The second never comes.
        assert_eq!(wait(|waker| gather.poll_all(waker)), Some(Err(TaskError::Timeout)));
        failing.join().unwrap();
    });
}
