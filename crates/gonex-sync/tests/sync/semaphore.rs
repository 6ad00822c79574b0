use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use gonex_core::Op;
use gonex_sync::semaphore::Acquire;
use gonex_sync::{AcquireError, Semaphore, SemaphorePermit, TryAcquireError};
use proptest::prelude::*;

use crate::chance::Chance;
use crate::hand::{Bell, watched};
use crate::support::{cancelled, moment, poll, ready, wait_for, waits};

#[test]
fn a_large_acquire_is_not_starved_by_small_ones() {
    let semaphore = Semaphore::new(3);
    let first = semaphore.try_acquire(1).unwrap();
    let mut large = Box::pin(semaphore.acquire(3));
    assert!(waits(&mut large));
    // Two permits are free, and yet nobody overtakes.
    assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::Busy);
    let mut small = Box::pin(semaphore.acquire(1));
    assert!(waits(&mut small));
    drop(first);
    let held = ready(&mut large).unwrap();
    assert!(waits(&mut small));
    drop(held);
    assert!(ready(&mut small).is_ok());
    assert_eq!((semaphore.available(), semaphore.waiting()), (3, 0));
}

#[test]
fn the_line_is_served_in_order() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire(1).unwrap();
    let mut all: Vec<_> = (0..5).map(|_| Box::pin(semaphore.acquire(1))).collect();
    assert!(all.iter_mut().all(waits));
    drop(held);
    for next in 0..5 {
        assert!(all[next + 1..].iter_mut().all(waits));
        drop(ready(&mut all[next]).unwrap());
    }
}

#[test]
fn a_large_one_that_gives_up_lets_the_small_ones_behind_it_in() {
    let semaphore = Semaphore::new(2);
    let _held = semaphore.try_acquire(1).unwrap();
    let mut large = Box::pin(semaphore.acquire(2));
    assert!(waits(&mut large));
    let (bell, mut small) = (Bell::new(), Box::pin(semaphore.acquire(1)));
    assert!(bell.poll(&mut small).is_pending());
    drop(large);
    assert_eq!(bell.rings(), 1);
    assert!(ready(&mut small).is_ok());
}

#[test]
fn permits_handed_to_one_that_goes_away_go_to_the_next() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire(1).unwrap();
    let mut first = Box::pin(semaphore.acquire(1));
    let mut second = Box::pin(semaphore.acquire(1));
    assert!(waits(&mut first) && waits(&mut second));
    drop(held);
    drop(first);
    assert!(ready(&mut second).is_ok());
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_stop_leaves_nothing_behind() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire(1).unwrap();
    let late = semaphore.acquire(1).timeout(Duration::ZERO).block();
    assert_eq!(late.unwrap_err(), AcquireError::Timeout);
    let ended = semaphore.acquire(1).within(&cancelled()).block().unwrap_err();
    assert!(matches!(ended, AcquireError::Cancelled(cause) if cause.to_string() == "enough"));
    assert_eq!(semaphore.waiting(), 0);
    drop(held);
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn more_than_all_is_an_error_that_names_both_numbers() {
    let semaphore = Semaphore::new(2);
    let error = semaphore.acquire(3).block().unwrap_err();
    assert_eq!(error, AcquireError::TooMany { wanted: 3, capacity: 2 });
    assert!(error.to_string().contains('3') && error.to_string().contains('2'), "{error}");
    let error = semaphore.try_acquire(3).unwrap_err();
    assert_eq!(error, TryAcquireError::TooMany { wanted: 3, capacity: 2 });
}

#[test]
fn made_smaller_than_what_is_out_it_lets_nobody_in_until_enough_came_back() {
    let semaphore = Semaphore::new(4);
    let mut out = semaphore.try_acquire(4).unwrap();
    let mut next = Box::pin(semaphore.acquire(1));
    semaphore.resize(2);
    drop(out.split(1));
    assert!(waits(&mut next));
    drop(out.split(1));
    assert!(waits(&mut next));
    drop(out.split(1));
    assert!(ready(&mut next).is_ok());
    drop(out);
    assert_eq!((semaphore.available(), semaphore.capacity()), (2, 2));
}

#[test]
fn made_smaller_it_refuses_who_waits_for_more_than_there_is() {
    let semaphore = Semaphore::new(3);
    let held = semaphore.try_acquire(1).unwrap();
    let mut large = Box::pin(semaphore.acquire(3));
    let mut small = Box::pin(semaphore.acquire(1));
    assert!(waits(&mut large) && waits(&mut small));
    semaphore.resize(2);
    let error = ready(&mut large).unwrap_err();
    assert_eq!(error, AcquireError::TooMany { wanted: 3, capacity: 2 });
    assert!(ready(&mut small).is_ok());
    drop(held);
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn made_larger_it_serves_the_line() {
    let semaphore = Semaphore::new(0);
    let error = semaphore.acquire(1).block().unwrap_err();
    assert_eq!(error, AcquireError::TooMany { wanted: 1, capacity: 0 });
    semaphore.resize(1);
    let _held = semaphore.try_acquire(1).unwrap();
    let mut next = Box::pin(semaphore.acquire(1));
    assert!(waits(&mut next));
    semaphore.resize(2);
    assert!(ready(&mut next).is_ok());
}

#[test]
fn closing_ends_the_wait_and_leaves_permits_valid() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire(1).unwrap();
    let (bell, mut next) = (Bell::new(), Box::pin(semaphore.acquire(1)));
    assert!(bell.poll(&mut next).is_pending());
    assert!(semaphore.close());
    assert_eq!(bell.rings(), 1);
    assert_eq!(ready(&mut next).unwrap_err(), AcquireError::Closed);
    drop(held);
    assert_eq!(semaphore.available(), 1);
    assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::Closed);
}

#[test]
fn forgotten_permits_pay_what_a_resize_still_wants() {
    let semaphore = Semaphore::new(4);
    let mut out = semaphore.try_acquire(4).unwrap();
    semaphore.resize(3);
    out.split(2).unwrap().forget();
    assert_eq!(semaphore.capacity(), 2);
    drop(out);
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn permits_of_two_semaphores_do_not_mix() {
    let (one, other) = (Semaphore::new(1), Semaphore::new(1));
    let mixed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut permit = one.try_acquire(1).unwrap();
        permit.merge(other.try_acquire(1).unwrap());
    }));
    assert!(mixed.is_err());
    assert_eq!((one.available(), other.available()), (1, 1));
}

type Waiter<'a> = std::pin::Pin<Box<Op<Acquire<&'a Semaphore>>>>;

/// What the semaphore is compared with: numbers, and a list in the order of arrival.
#[derive(Default)]
struct Model {
    capacity: usize,
    free: usize,
    debt: usize,
    line: Vec<(usize, usize)>,
}

impl Model {
    fn give(&mut self, n: usize) -> Vec<(usize, Result<(), usize>)> {
        let paid = n.min(self.debt);
        self.debt -= paid;
        self.free += n - paid;
        self.settle()
    }

    fn settle(&mut self) -> Vec<(usize, Result<(), usize>)> {
        let capacity = self.capacity;
        let refused = self.line.extract_if(.., |(_, wants)| *wants > capacity);
        let mut answers: Vec<_> = refused.map(|(who, _)| (who, Err(capacity))).collect();
        while let Some(&(who, wants)) = self.line.first() {
            if self.debt > 0 || self.free < wants {
                break;
            }
            self.free -= wants;
            self.line.remove(0);
            answers.push((who, Ok(())));
        }
        answers
    }
}

#[derive(Clone, Debug)]
enum Step {
    Acquire(usize),
    Try(usize),
    GiveUp(usize),
    Release(usize),
    Forget(usize),
    Resize(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..5usize).prop_map(Step::Acquire),
        2 => (0..5usize).prop_map(Step::Try),
        2 => (0..8usize).prop_map(Step::GiveUp),
        5 => (0..8usize).prop_map(Step::Release),
        1 => (0..8usize).prop_map(Step::Forget),
        1 => (0..7usize).prop_map(Step::Resize),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(steps in steps()) {
        let semaphore = Semaphore::new(4);
        let mut model = Model { capacity: 4, free: 4, ..Model::default() };
        let mut waiters: Vec<(usize, Waiter<'_>)> = Vec::new();
        let mut held: Vec<SemaphorePermit<&Semaphore>> = Vec::new();
        let mut next = 0;
        for step in steps {
            let mut answers = Vec::new();
            match step {
                Step::Acquire(wants) => {
                    model.line.push((next, wants));
                    answers = model.settle();
                    waiters.push((next, Box::pin(semaphore.acquire(wants))));
                    next += 1;
                }
                Step::Try(wants) => {
                    let got = semaphore.try_acquire(wants);
                    let could = model.line.is_empty() && model.debt == 0 && model.free >= wants;
                    prop_assert_eq!(got.is_ok(), could);
                    if let Ok(permit) = got {
                        model.free -= wants;
                        held.push(permit);
                    }
                }
                Step::GiveUp(at) if at < waiters.len() => {
                    let (who, waiter) = waiters.remove(at);
                    drop(waiter);
                    model.line.retain(|&(other, _)| other != who);
                    answers = model.settle();
                }
                Step::Release(at) if at < held.len() => {
                    let permit = held.remove(at);
                    answers = model.give(permit.permits());
                    drop(permit);
                }
                Step::Forget(at) if at < held.len() => {
                    let permit = held.remove(at);
                    let paid = permit.permits().min(model.debt);
                    model.debt -= paid;
                    model.capacity -= permit.permits() - paid;
                    answers = model.settle();
                    permit.forget();
                }
                Step::Resize(to) => {
                    let from = std::mem::replace(&mut model.capacity, to);
                    if to >= from {
                        answers = model.give(to - from);
                    } else {
                        let taken = model.free.min(from - to);
                        model.free -= taken;
                        model.debt += from - to - taken;
                        answers = model.settle();
                    }
                    semaphore.resize(to);
                }
                _ => {}
            }
            let mut still = Vec::new();
            for (who, mut waiter) in waiters {
                let answer = answers.iter().find(|(other, _)| *other == who).map(|(_, a)| *a);
                match (poll(&mut waiter), answer) {
                    (Poll::Pending, None) => still.push((who, waiter)),
                    (Poll::Ready(Ok(permit)), Some(Ok(()))) => held.push(permit),
                    (Poll::Ready(Err(AcquireError::TooMany { capacity, .. })), Some(Err(expected))) => {
                        prop_assert_eq!(capacity, expected);
                    }
                    (got, expected) => prop_assert!(false, "{got:?} instead of {expected:?}"),
                }
            }
            waiters = still;
            prop_assert_eq!(semaphore.available(), model.free);
            prop_assert_eq!(semaphore.capacity(), model.capacity);
            prop_assert_eq!(semaphore.waiting(), model.line.len());
        }
    }
}

#[test]
fn stress_permits_are_neither_lost_nor_made() {
    watched(|| {
        const PERMITS: usize = 5;
        let semaphore = Arc::new(Semaphore::new(PERMITS));
        let inside = Arc::new(AtomicUsize::new(0));
        let threads = (0..4u64).map(|seed| {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            thread::spawn(move || {
                let mut chance = Chance::new(seed, 0);
                for _ in 0..2000 {
                    let wants = 1 + chance.below(PERMITS as u64) as usize;
                    let mut acquire = Box::pin(semaphore.acquire(wants));
                    let got = match chance.below(3) {
                        // Given up, perhaps just when the permits come.
                        0 => match poll(&mut acquire) {
                            Poll::Pending => None,
                            Poll::Ready(permit) => Some(permit.unwrap()),
                        },
                        1 => Some(wait_for(&mut acquire).unwrap()),
                        _ => semaphore.acquire(wants).timeout(moment(&mut chance)).block().ok(),
                    };
                    if let Some(permit) = got {
                        let sum = inside.fetch_add(permit.permits(), Ordering::SeqCst);
                        assert!(sum + permit.permits() <= PERMITS);
                        if chance.once_in(4) {
                            thread::yield_now();
                        }
                        inside.fetch_sub(permit.permits(), Ordering::SeqCst);
                    }
                }
            })
        });
        threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available(), semaphore.waiting()), (PERMITS, 0));
    });
}
