use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Op, Stop};
use gonex_sync::cond::{NextCall, Wait};
use gonex_sync::{Cond, Mutex, MutexGuard};

use crate::chance::Chance;
use crate::hand::{Bell, watched};
use crate::support::{cancelled, moment, poll, ready, waits};

type Waiter<'a> = std::pin::Pin<Box<Op<Wait<'a, &'a Mutex<u32>, NextCall>>>>;

/// Waiters that stand in line.
fn line<'a, const N: usize>(mutex: &'a Mutex<u32>, cond: &'a Cond) -> [Waiter<'a>; N] {
    let line = [(); N].map(|()| {
        let mut waiter = Box::pin(cond.wait(mutex.try_lock().unwrap()));
        assert!(waits(&mut waiter));
        waiter
    });
    assert_eq!(cond.waiting(), N);
    line
}

#[test]
fn waiters_are_notified_in_order_one_by_one() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let [mut one, mut other] = line(&mutex, &cond);
    assert!(cond.notify_one());
    assert!(waits(&mut other));
    drop(ready(&mut one));
    assert!(cond.notify_one() && !cond.notify_one());
    drop(ready(&mut other));
}

#[test]
fn all_are_notified_at_once_and_get_the_lock_one_by_one() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let [mut one, mut other] = line(&mutex, &cond);
    assert_eq!(cond.notify_all(), 2);
    let guard = ready(&mut one);
    assert!(waits(&mut other));
    drop(guard);
    drop(ready(&mut other));
}

#[test]
fn a_wait_stands_in_line_before_it_gives_the_lock_up() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let mut waiter = Box::pin(cond.wait(mutex.try_lock().unwrap()));
    assert!(mutex.try_lock().is_none(), "it has not begun");
    assert!(waits(&mut waiter));
    drop(mutex.try_lock().unwrap());
    assert!(cond.notify_one());
    drop(ready(&mut waiter));
}

#[test]
fn a_notified_waiter_that_is_dropped_passes_the_notification_on() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let [gone, mut next] = line(&mutex, &cond);
    let bell = Bell::new();
    assert!(bell.poll(&mut next).is_pending());
    assert!(cond.notify_one());
    drop(gone);
    assert_eq!(bell.rings(), 1);
    drop(ready(&mut next));
}

#[test]
fn one_dropped_on_its_way_to_the_lock_passes_the_notification_on() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let [mut gone, mut next] = line(&mutex, &cond);
    let held = mutex.try_lock().unwrap();
    assert!(cond.notify_one());
    // It has been called, and stands in the lock's line.
    assert!(waits(&mut gone));
    drop(gone);
    assert!(waits(&mut next));
    drop(held);
    drop(ready(&mut next));
    assert!(mutex.try_lock().is_some());
}

#[test]
fn one_of_all_that_is_dropped_notifies_nobody_who_came_later() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let [gone] = line(&mutex, &cond);
    assert_eq!(cond.notify_all(), 1);
    let mut later = Box::pin(cond.wait(mutex.try_lock().unwrap()));
    assert!(waits(&mut later));
    drop(gone);
    assert!(waits(&mut later));
}

#[test]
fn a_time_out_leaves_the_line_and_shows_the_way_back_to_the_lock() {
    let (mutex, cond) = (Mutex::new(5), Cond::new());
    let late = cond.wait(mutex.try_lock().unwrap()).timeout(Duration::ZERO).block().unwrap_err();
    assert_eq!((&late.stop, cond.waiting()), (&Stop::Timeout, 0));
    assert!(mutex.try_lock().is_some(), "the lock is free");
    assert_eq!(*late.lock().block(), 5);
    let ended = cond.wait(mutex.try_lock().unwrap()).within(&cancelled()).block().unwrap_err();
    assert!(matches!(ended.stop, Stop::Cancelled(_)));
}

#[test]
fn a_late_wait_gives_the_guard_back_when_the_lock_is_its_turn() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let (mutex, cond) = (Mutex::new(0), Cond::new());
        let second = Duration::from_secs(1);
        let mut waiter = Box::pin(cond.wait_for(mutex.try_lock().unwrap(), second));
        let bell = Bell::new();
        assert!(bell.poll(&mut waiter).is_pending());
        let held = mutex.try_lock().unwrap();
        let mut before = Box::pin(mutex.lock());
        assert!(waits(&mut before));
        manual.advance(second);
        assert_eq!(bell.rings(), 1);
        assert!(waits(&mut waiter));
        drop(held);
        // It stands behind who came first.
        assert!(waits(&mut waiter));
        drop(ready(&mut before));
        let (guard, late) = ready(&mut waiter);
        assert_eq!((*guard, late, cond.waiting()), (0, true, 0));
    });
}

#[test]
fn a_notification_in_time_counts_though_the_lock_comes_late() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let (mutex, cond) = (Mutex::new(0), Cond::new());
        let second = Duration::from_secs(1);
        let mut waiter = Box::pin(cond.wait_for(mutex.try_lock().unwrap(), second));
        assert!(waits(&mut waiter));
        let held = mutex.try_lock().unwrap();
        assert!(cond.notify_one());
        manual.advance(second);
        assert!(waits(&mut waiter));
        drop(held);
        let (_guard, late) = ready(&mut waiter);
        assert!(!late);
    });
}

#[test]
fn a_wait_while_looks_first_and_after_each_notification() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let mut waiter = Box::pin(cond.wait_while(mutex.try_lock().unwrap(), |n| *n < 2));
    assert!(waits(&mut waiter));
    for n in 1..=2 {
        *mutex.try_lock().unwrap() = n;
        cond.notify_one();
        if n < 2 {
            assert!(waits(&mut waiter));
        }
    }
    assert_eq!(*ready(&mut waiter), 2);
}

#[test]
fn a_closure_that_panics_unlocks() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        drop(cond.wait_while(mutex.lock().block(), |_| panic!("no")).block());
    }));
    assert!(panicked.is_err() && mutex.is_poisoned());
    assert!(mutex.try_lock().is_some());
}

#[test]
fn a_cancelled_context_unwinds_a_wait_without_the_lock() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let task = AssertUnwindSafe(|| {
        Stop::inside_border(|| {
            cancelled().run(|| drop::<MutexGuard<'_, _>>(cond.wait(mutex.lock().block()).block()));
        });
    });
    assert!(Stop::from_unwind(catch_unwind(task).unwrap_err()).is_ok());
    assert!(mutex.try_lock().is_some() && !mutex.is_poisoned());
    assert_eq!(cond.waiting(), 0);
}

#[test]
fn stress_no_notification_is_lost_to_those_who_give_up() {
    watched(|| {
        const ITEMS: u32 = 2000;
        let (mutex, cond) = (Arc::new(Mutex::new(0u32)), Arc::new(Cond::new()));
        let takers = (0..3u64).map(|seed| {
            let (mutex, cond) = (mutex.clone(), cond.clone());
            thread::spawn(move || {
                let mut chance = Chance::new(seed, 0);
                let mut taken = 0;
                // One of them never gives up, so a lost notification would hang.
                while taken < ITEMS {
                    let guard = mutex.lock_owned().block();
                    let waits = |n: &mut u32| *n == 0;
                    let mut guard = match (seed, chance.below(3)) {
                        (0, _) => cond.wait_while(guard, waits).block(),
                        (_, 0) => {
                            drop(poll(&mut Box::pin(cond.wait_while(guard, waits))));
                            continue;
                        }
                        (_, 1) => {
                            let wait = cond.wait_while(guard, waits).timeout(moment(&mut chance));
                            let Ok(guard) = wait.block() else { continue };
                            guard
                        }
                        _ => {
                            let (guard, late) =
                                cond.wait_while_for(guard, waits, moment(&mut chance)).block();
                            if late {
                                continue;
                            }
                            guard
                        }
                    };
                    if *guard == u32::MAX {
                        break;
                    }
                    *guard -= 1;
                    taken += 1;
                }
                taken
            })
        });
        let takers: Vec<_> = takers.collect();
        for _ in 0..ITEMS {
            *mutex.lock().block() += 1;
            cond.notify_one();
        }
        while *mutex.lock().block() > 0 {
            thread::yield_now();
        }
        *mutex.lock().block() = u32::MAX;
        cond.notify_all();
        let taken: u32 = takers.into_iter().map(|taker| taker.join().unwrap()).sum();
        assert_eq!(taken, ITEMS);
    });
}
