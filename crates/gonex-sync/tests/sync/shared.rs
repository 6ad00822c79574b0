use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_core::rt::yield_now;
use gonex_sync::{SendError, Shared, WatchError};

use crate::hand::{Hand, watched};
use crate::support::{cancelled, ready, waits};

/// An update that is at work until it is dropped.
fn endless(shared: &Shared<u32>) -> Hand<impl Future<Output = Arc<u32>> + Unpin> {
    Hand::waiting(Box::pin(shared.update_async(|_| std::future::pending())))
}

#[test]
fn no_update_is_lost_on_threads_and_in_tasks() {
    let sum = watched(|| {
        let shared = Shared::new(0_u64);
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let shared = shared.clone();
                thread::spawn(move || {
                    for _ in 0..500 {
                        if n % 2 == 0 {
                            shared.update(|n| n + 1).block();
                        } else {
                            let slowly = shared.update_async(async |n| {
                                yield_now().await;
                                *n + 1
                            });
                            slowly.block();
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        *shared.get()
    });
    assert_eq!(sum, 2_000);
}

#[test]
fn readers_go_on_while_an_update_is_at_work() {
    let shared = Shared::new(1);
    let work = endless(&shared);
    assert_eq!((*shared.get(), shared.read(|n| n + 1)), (1, 2));
    let mut write = Hand::waiting(shared.write(2));
    drop(work);
    assert!(write.was_woken());
    write.ready();
    assert_eq!(*shared.get(), 2);
}

#[test]
fn who_came_first_writes_first() {
    let shared = Shared::new(vec![0]);
    let first = Hand::waiting(Box::pin(shared.update_async(|_| std::future::pending())));
    let mut next: Vec<_> = (1..=3)
        .map(|n| Hand::waiting(Box::pin(shared.update(move |old| [&old[..], &[n]].concat()))))
        .collect();
    drop(first);
    // Polled from the last on: only whose turn it is gets on.
    while let Some(at) = next.iter_mut().rposition(|hand| hand.poll().is_ready()) {
        next.remove(at);
    }
    assert!(next.is_empty());
    assert_eq!(*shared.get(), [0, 1, 2, 3]);
}

#[test]
fn a_panic_in_an_update_leaves_the_old_value_and_the_line_goes_on() {
    let shared = Shared::new(1);
    let watcher = shared.subscribe();
    let panics = AssertUnwindSafe(|| shared.update(|_| panic!("half-way")).block());
    assert!(catch_unwind(panics).is_err());
    let mut slow = Box::pin(shared.update_async(async |_| {
        yield_now().await;
        panic!("later")
    }));
    assert!(waits(&mut slow));
    let mut next = Hand::waiting(shared.write(2));
    // Still there, and not polled again: the turn is over nevertheless.
    assert!(catch_unwind(AssertUnwindSafe(|| waits(&mut slow))).is_err());
    assert_eq!((*shared.get(), watcher.has_changed()), (1, Ok(false)));
    next.ready();
    assert_eq!((*shared.get(), watcher.has_changed()), (2, Ok(true)));
}

#[test]
fn an_update_that_is_given_up_leaves_the_old_value() {
    let shared = Shared::new(1);
    drop(endless(&shared));
    let late = shared.update_async(|_| std::future::pending()).timeout(Duration::ZERO).block();
    assert_eq!(late, Err(Stop::Timeout));
    let work = endless(&shared);
    let ran = AtomicUsize::new(0);
    let late = shared.update(|n| {
        ran.fetch_add(1, Ordering::Relaxed);
        n + 1
    });
    assert!(matches!(late.within(&cancelled()).block(), Err(Stop::Cancelled(_))));
    drop(work);
    assert_eq!((*shared.get(), ran.into_inner()), (1, 0));
}

#[test]
fn a_write_that_is_given_up_gives_the_value_back() {
    let shared = Shared::new(1);
    let work = endless(&shared);
    assert_eq!(shared.write(2).timeout(Duration::ZERO).block(), Err(SendError::Timeout(2)));
    let ended = shared.write(3).within(&cancelled()).block();
    assert!(matches!(ended, Err(SendError::Cancelled(3, _))));
    drop(work);
    assert_eq!(shared.write(4).timeout(Duration::ZERO).block(), Ok(()));
    assert_eq!(*shared.get(), 4);
}

#[test]
fn a_turn_that_comes_while_the_limit_is_reached_is_taken() {
    let shared = Shared::new(1);
    let clock = Arc::new(gonex_core::rt::Manual::new());
    gonex_core::rt::enter(clock.clone(), || {
        let work = endless(&shared);
        let mut write = Hand::waiting(shared.write(2).timeout(Duration::from_secs(1)));
        drop(work);
        clock.advance(Duration::from_secs(1));
        assert_eq!(write.ready(), Ok(()));
    });
    assert_eq!(*shared.get(), 2);
}

#[test]
fn subscribers_see_the_last_change_and_the_end() {
    let shared = Shared::new(1);
    let mut watcher = shared.subscribe();
    shared.write(2).block();
    shared.update(|n| n + 1).block();
    assert_eq!(watcher.changed().block(), Ok(()));
    assert_eq!((**watcher.borrow(), watcher.has_changed()), (3, Ok(false)));
    let other = shared.clone();
    drop(shared);
    let mut changed = Box::pin(watcher.changed());
    assert!(waits(&mut changed));
    drop(other);
    assert_eq!(ready(&mut changed), Err(WatchError::Closed));
}

#[test]
fn a_value_may_look_at_the_shared_one_when_it_is_dropped() {
    struct Curious(Option<Shared<Self>>, Arc<AtomicUsize>);
    impl Drop for Curious {
        fn drop(&mut self) {
            if let Some(shared) = &self.0 {
                shared.read(|_| self.1.fetch_add(1, Ordering::Relaxed));
            }
        }
    }
    watched(|| {
        let looked = Arc::new(AtomicUsize::new(0));
        let shared = Shared::new(Curious(None, looked.clone()));
        shared.write(Curious(Some(shared.clone()), looked.clone())).block();
        shared.write(Curious(None, looked.clone())).block();
        assert_eq!(looked.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn an_update_polled_again_after_its_end_panics() {
    let shared = Shared::new(1);
    let mut update = Box::pin(shared.update(|n| n + 1));
    assert_eq!(*ready(&mut update), 2);
    let again = catch_unwind(AssertUnwindSafe(|| crate::support::poll(&mut update)));
    assert!(!matches!(again, Ok(Poll::Ready(_))), "it has nothing more to yield");
    drop(update);
    shared.write(7).timeout(Duration::ZERO).block().unwrap();
}
