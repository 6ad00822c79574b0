//! Every interleaving of the ring alone, far from the wrap of its positions and at it.
//! Run with `cargo xtask loom`.

use std::sync::Arc;

use loom::thread;

use super::*;

/// Where the models start: at the first position, and just before the last.
const STARTS: [Position; 2] = [0, POSITION - 1];

fn model(body: impl Fn(Position) + Send + Sync + Copy + 'static) {
    for start in STARTS {
        let mut builder = loom::model::Builder::new();
        if builder.preemption_bound.is_none() && builder.max_duration.is_none() {
            builder.preemption_bound = Some(3);
        }
        builder.check(move || body(start));
    }
}

fn ring(capacity: usize, start: Position) -> Arc<Ring<u8>> {
    Arc::new(Ring::starting_at(capacity, start))
}

fn push_in_the_end(ring: &Ring<u8>, value: u8) {
    while ring.push(value).is_err() {
        thread::yield_now();
    }
}

fn pop_in_the_end(ring: &Ring<u8>) -> u8 {
    loop {
        if let Ok((value, _)) = ring.pop() {
            return value;
        }
        thread::yield_now();
    }
}

#[test]
fn loom_two_pushers_get_two_positions() {
    model(|start| {
        let ring = ring(2, start);
        let other = ring.clone();
        let pusher = thread::spawn(move || other.push(1).unwrap());
        let mine = ring.push(2).unwrap();
        let other = pusher.join().unwrap();
        assert_eq!(distance(start, mine) + distance(start, other), 1);
        let (first, position) = ring.pop().unwrap();
        assert_eq!(position, start);
        assert_eq!(first, if mine == start { 2 } else { 1 });
        assert_eq!(ring.pop().map(|(second, _)| first + second), Ok(3));
        assert_eq!(ring.pop(), Err(PopError::Empty));
    });
}

#[test]
fn loom_a_slot_is_used_again() {
    model(|start| {
        let ring = ring(1, start);
        let other = ring.clone();
        let pusher =
            thread::spawn(move || (1..=3).for_each(|value| push_in_the_end(&other, value)));
        let popped = [(); 3].map(|()| pop_in_the_end(&ring));
        assert_eq!(popped, [1, 2, 3]);
        pusher.join().unwrap();
    });
}

#[test]
fn loom_two_poppers_share() {
    model(|start| {
        let ring = ring(2, start);
        ring.push(1).unwrap();
        let other = ring.clone();
        let popper = thread::spawn(move || pop_in_the_end(&other));
        ring.push(2).unwrap();
        let mine = pop_in_the_end(&ring);
        assert_eq!(mine + popper.join().unwrap(), 3);
    });
}

#[test]
fn loom_the_last_place_is_given_once() {
    model(|start| {
        let ring = ring(1, start);
        let other = ring.clone();
        let reserver = thread::spawn(move || other.reserve().is_ok());
        let pushed = ring.push(1);
        assert_ne!(pushed.is_ok(), reserver.join().unwrap());
        if pushed.is_err() {
            assert_eq!(ring.push_reserved(2), Ok(start));
        }
        assert_eq!(ring.push(3), Err(PushError::Full(3)));
        assert_eq!(ring.fill(), (1, 0));
    });
}

#[test]
fn loom_nothing_is_pushed_after_the_close() {
    model(|start| {
        let ring = ring(2, start);
        ring.reserve().unwrap();
        let [one, two] = [ring.clone(), ring.clone()];
        let pusher = thread::spawn(move || one.push(1).is_ok());
        let keeper = thread::spawn(move || two.push_reserved(2).is_ok());
        ring.close();
        let mut inside = 0;
        while ring.pop().is_ok() {
            inside += 1;
        }
        assert_eq!(ring.pop(), Err(PopError::Closed));
        let pushed = [pusher.join().unwrap(), keeper.join().unwrap()];
        assert_eq!(inside, pushed.into_iter().filter(|&pushed| pushed).count());
        assert_eq!((ring.fill(), ring.pop()), ((0, 0), Err(PopError::Closed)));
    });
}
