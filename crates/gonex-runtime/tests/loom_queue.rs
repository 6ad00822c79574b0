//! Every interleaving of pushing, popping, leaving the line and closing.
//! Run with `cargo xtask loom`.
#![cfg(gonex_loom)]

use std::task::{Poll, Wake, Waker};

use gonex_runtime::workers::{Closed, Queue};
use loom::sync::{Arc, Notify};
use loom::thread;

struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.notify();
    }
}

/// Pushes, waiting for room.
fn push(queue: &Queue<u8>, item: u8) -> Result<(), Closed> {
    let bell = std::sync::Arc::new(Bell(Notify::new()));
    let waker = Waker::from(bell.clone());
    let (mut items, mut ticket) = (Some(item).into_iter(), None);
    loop {
        match queue.poll_push(&mut items, &mut ticket, &waker) {
            Poll::Ready(pushed) => return pushed,
            Poll::Pending => bell.0.wait(),
        }
    }
}

#[test]
fn loom_each_item_is_popped_once() {
    loom::model(|| {
        let queue = Arc::new(Queue::new(1));
        let theirs = queue.clone();
        let pusher = thread::spawn(move || {
            push(&theirs, 1).unwrap();
            push(&theirs, 2).unwrap();
            theirs.close();
        });
        assert_eq!((queue.pop(), queue.pop(), queue.pop()), (Some(1), Some(2), None));
        pusher.join().unwrap();
    });
}

#[test]
fn loom_a_batch_larger_than_the_queue_goes_through() {
    loom::model(|| {
        // Half of four is two: the waiting pusher collects places before it is woken.
        let queue = Arc::new(Queue::new(4));
        let theirs = queue.clone();
        let pusher = thread::spawn(move || {
            let bell = std::sync::Arc::new(Bell(Notify::new()));
            let waker = Waker::from(bell.clone());
            let (mut items, mut ticket) = ((1..8).collect::<Vec<u8>>().into_iter(), None);
            while theirs.poll_push(&mut items, &mut ticket, &waker).is_pending() {
                bell.0.wait();
            }
            theirs.close();
        });
        let popped: Vec<u8> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(popped, [1, 2, 3, 4, 5, 6, 7]);
        pusher.join().unwrap();
    });
}

#[test]
fn loom_two_poppers_share() {
    loom::model(|| {
        let queue = Arc::new(Queue::new(2));
        let (first, second) = (queue.clone(), queue.clone());
        let one = thread::spawn(move || first.pop());
        let two = thread::spawn(move || second.pop());
        push(&queue, 1).unwrap();
        push(&queue, 2).unwrap();
        let mut both = [one.join().unwrap(), two.join().unwrap()];
        both.sort_unstable();
        assert_eq!(both, [Some(1), Some(2)]);
    });
}

#[test]
fn loom_who_leaves_the_line_gives_its_room_on() {
    loom::model(|| {
        let queue = Arc::new(Queue::new(1));
        push(&queue, 1).unwrap();
        // First in line, and leaves while room comes up.
        let (mut items, mut ticket) = (Some(2).into_iter(), None);
        let polled = queue.poll_push(&mut items, &mut ticket, Waker::noop());
        assert!(polled.is_pending());
        let theirs = queue.clone();
        let popper = thread::spawn(move || theirs.pop());
        let second = queue.clone();
        let pusher = thread::spawn(move || push(&second, 3).unwrap());
        queue.abandon(&mut ticket);
        pusher.join().unwrap();
        assert_eq!(popper.join().unwrap(), Some(1));
        assert_eq!(queue.pop(), Some(3));
        assert_eq!(queue.try_push(4), Ok(()));
    });
}

#[test]
fn loom_closing_ends_every_wait() {
    loom::model(|| {
        let queue = Arc::new(Queue::new(1));
        push(&queue, 1).unwrap();
        let (waiting, closing) = (queue.clone(), queue.clone());
        let pusher = thread::spawn(move || push(&waiting, 2));
        let closer = thread::spawn(move || closing.close());
        let mut popped = Vec::new();
        while let Some(item) = queue.pop() {
            popped.push(item);
        }
        closer.join().unwrap();
        let expected = if pusher.join().unwrap().is_ok() { vec![1, 2] } else { vec![1] };
        assert_eq!(popped, expected);
    });
}
