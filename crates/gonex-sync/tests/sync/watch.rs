use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_sync::{WatchError, WatchReceiver, WatchSender, watch};
use proptest::prelude::*;

use crate::hand::{Bell, watched};
use crate::support::{cancelled, ready, waits};

#[test]
fn the_first_value_has_been_seen() {
    let (tx, mut rx) = watch(1);
    let (bell, mut changed) = (Bell::new(), Box::pin(rx.changed()));
    assert!(bell.poll(&mut changed).is_pending());
    tx.send(2).unwrap();
    assert_eq!((bell.rings(), ready(&mut changed)), (1, Ok(())));
    drop(changed);
    assert_eq!((*rx.borrow(), rx.has_changed()), (2, Ok(false)));
}

#[test]
fn of_several_changes_the_last_counts() {
    let (tx, mut rx) = watch(1);
    tx.send(2).unwrap();
    tx.send(3).unwrap();
    assert_eq!(rx.changed().block(), Ok(()));
    assert_eq!(*rx.borrow(), 3);
    assert_eq!(rx.changed().timeout(Duration::ZERO).block(), Err(WatchError::Timeout));
}

#[test]
fn all_watchers_are_woken() {
    let (tx, rx) = watch(1);
    let bell = Bell::new();
    let mut watchers = [rx.clone(), rx.clone(), rx];
    let mut all = watchers.each_mut().map(|rx| Box::pin(rx.changed()));
    assert!(all.iter_mut().all(|changed| bell.poll(changed).is_pending()));
    tx.send_replace(2);
    assert_eq!(bell.rings(), 3);
    assert!(all.iter_mut().all(|changed| ready(changed) == Ok(())));
}

#[test]
fn the_last_change_is_seen_after_the_last_sender_has_gone() {
    let (tx, mut rx) = watch(1);
    tx.send(2).unwrap();
    drop(tx);
    assert_eq!(rx.changed().block(), Ok(()));
    assert_eq!(rx.changed().block(), Err(WatchError::Closed));
}

#[test]
fn the_last_sender_that_goes_ends_the_wait() {
    let (tx, mut rx) = watch(1);
    let other = tx.clone();
    let (bell, mut changed) = (Bell::new(), Box::pin(rx.changed()));
    assert!(bell.poll(&mut changed).is_pending());
    drop(tx);
    assert_eq!(bell.rings(), 0);
    drop(other);
    assert_eq!(bell.rings(), 1);
    assert_eq!(ready(&mut changed), Err(WatchError::Closed));
}

#[test]
fn a_change_that_is_none_wakes_nobody() {
    let (tx, mut rx) = watch(1);
    let (bell, mut changed) = (Bell::new(), Box::pin(rx.changed()));
    assert!(bell.poll(&mut changed).is_pending());
    assert!(!tx.send_if_modified(|_| false));
    assert_eq!(bell.rings(), 0);
    assert!(tx.send_if_modified(|value| {
        *value += 1;
        true
    }));
    assert_eq!(bell.rings(), 1);
}

#[test]
fn a_closure_that_panics_locks_nobody_out() {
    let (tx, rx) = watch(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| tx.send_modify(|_| panic!("no"))));
    assert!(panicked.is_err());
    assert_eq!(rx.has_changed(), Ok(false));
    tx.send(2).unwrap();
    assert_eq!(*rx.borrow(), 2);
}

#[test]
fn one_looks_twice_in_one_thread_though_a_sender_waits() {
    watched(|| {
        let (tx, rx) = watch(1);
        let first = rx.borrow();
        let (about_to, sends) = mpsc::channel();
        let sender = thread::spawn(move || {
            about_to.send(()).unwrap();
            tx.send_replace(2)
        });
        sends.recv().unwrap();
        // Perhaps the sender waits for the lock already; a second look does not wait for it.
        assert_eq!(*first + *rx.borrow(), 2);
        drop(first);
        assert_eq!(sender.join().unwrap(), 1);
    });
}

#[test]
fn a_wait_until_sees_the_value_that_is_there() {
    let (tx, mut rx) = watch(1);
    assert_eq!(rx.wait_until(|n| *n == 1).block(), Ok(()));
    let mut wait = Box::pin(rx.wait_until(|n| *n > 2));
    assert!(waits(&mut wait));
    tx.send(2).unwrap();
    assert!(waits(&mut wait));
    tx.send(3).unwrap();
    assert_eq!(ready(&mut wait), Ok(()));
}

#[test]
fn a_dropped_wait_until_marks_nothing_anew() {
    let (_tx, mut rx) = watch(1);
    drop(rx.wait_until(|_| false));
    assert_eq!(rx.has_changed(), Ok(false));
}

#[test]
fn stops_are_told_apart() {
    let (_tx, mut rx) = watch(1);
    let ended = rx.changed().within(&cancelled()).block();
    assert!(matches!(ended, Err(WatchError::Cancelled(_))));
}

#[test]
fn a_sender_waits_until_nobody_watches() {
    let (tx, rx) = watch(1);
    let other = rx.clone();
    assert_eq!(tx.closed().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    let (bell, mut closed) = (Bell::new(), Box::pin(tx.closed()));
    assert!(bell.poll(&mut closed).is_pending());
    drop(rx);
    assert_eq!(bell.rings(), 0);
    drop(other);
    assert_eq!(bell.rings(), 1);
    ready(&mut closed);
    assert_eq!(tx.send(3).unwrap_err().into_inner(), 3);
}

#[derive(Clone, Debug)]
enum Step {
    Send,
    Subscribe,
    Clone(usize),
    Drop(usize),
    Look(usize),
    Update(usize),
    Changed(usize),
    Mark(usize, bool),
}

proptest! {
    #[test]
    fn a_watch_does_what_the_model_does(steps in prop::collection::vec(prop_oneof![
        4 => Just(Step::Send),
        1 => Just(Step::Subscribe),
        1 => (0..4usize).prop_map(Step::Clone),
        1 => (0..4usize).prop_map(Step::Drop),
        2 => (0..4usize).prop_map(Step::Look),
        2 => (0..4usize).prop_map(Step::Update),
        3 => (0..4usize).prop_map(Step::Changed),
        1 => (0..4usize, any::<bool>()).prop_map(|(at, seen)| Step::Mark(at, seen)),
    ], 0..50)) {
        let tx = WatchSender::new(0u32);
        // The model: the value, and what each watcher has seen.
        let mut value = 0;
        let mut watchers: Vec<(WatchReceiver<u32>, bool)> = Vec::new();
        for step in steps {
            match step {
                Step::Send => {
                    value += 1;
                    prop_assert_eq!(tx.send_replace(value), value - 1);
                    watchers.iter_mut().for_each(|(_, seen)| *seen = false);
                }
                Step::Subscribe => watchers.push((tx.subscribe(), true)),
                Step::Clone(at) if at < watchers.len() => {
                    let twin = (watchers[at].0.clone(), watchers[at].1);
                    watchers.push(twin);
                }
                Step::Drop(at) if at < watchers.len() => drop(watchers.remove(at)),
                Step::Look(at) if at < watchers.len() => {
                    let (watcher, seen) = &watchers[at];
                    let latest = watcher.borrow();
                    prop_assert_eq!((*latest, latest.has_changed()), (value, !seen));
                }
                Step::Update(at) if at < watchers.len() => {
                    let (watcher, seen) = &mut watchers[at];
                    prop_assert_eq!(watcher.borrow_and_update().has_changed(), !*seen);
                    *seen = true;
                }
                Step::Changed(at) if at < watchers.len() => {
                    let (watcher, seen) = &mut watchers[at];
                    let changed = watcher.changed().timeout(Duration::ZERO).block();
                    let expected = if *seen { Err(WatchError::Timeout) } else { Ok(()) };
                    prop_assert_eq!(changed, expected);
                    *seen = true;
                }
                Step::Mark(at, as_seen) if at < watchers.len() => {
                    let (watcher, seen) = &mut watchers[at];
                    if as_seen { watcher.mark_unchanged() } else { watcher.mark_changed() }
                    *seen = as_seen;
                }
                _ => {}
            }
            prop_assert_eq!(tx.receiver_count(), watchers.len());
        }
    }
}

#[test]
fn stress_no_watcher_misses_the_last_value() {
    watched(|| {
        let (tx, rx) = watch(0);
        let watchers: Vec<_> = (0..3)
            .map(|n| {
                let mut rx = rx.clone();
                thread::spawn(move || {
                    let mut last = 0;
                    while last < 2000 {
                        let limit = Duration::from_micros(n * 40);
                        match rx.changed().timeout(limit).block() {
                            Ok(()) | Err(WatchError::Timeout) => {}
                            Err(other) => panic!("{other}"),
                        }
                        let seen = *rx.borrow_and_update();
                        assert!(seen >= last);
                        last = seen;
                    }
                })
            })
            .collect();
        let tx = Arc::new(tx);
        (1..=2000).for_each(|n| assert_eq!(tx.send_replace(n), n - 1));
        watchers.into_iter().for_each(|watcher| watcher.join().unwrap());
    });
}
