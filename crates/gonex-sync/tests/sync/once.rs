use std::cell::Cell;
use std::future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_sync::{Once, SetError};

use crate::hand::{Bell, watched};
use crate::support::{poll, ready, waits};

#[test]
fn one_makes_the_value_and_the_others_wait_for_it() {
    let once = Once::new();
    let gate = Cell::new(false);
    let opened = || future::poll_fn(|_| if gate.get() { Poll::Ready(7) } else { Poll::Pending });
    let mut maker = Box::pin(once.get_or_init_async(opened));
    assert!(waits(&mut maker));
    let bells = [Bell::new(), Bell::new()];
    let mut others = [(); 2].map(|()| Box::pin(once.get_or_init(|| unreachable!())));
    for (bell, other) in bells.iter().zip(&mut others) {
        assert!(bell.poll(other).is_pending());
    }
    assert!(matches!(once.set(8), Err(SetError::Initializing(8))));
    gate.set(true);
    assert_eq!(ready(&mut maker), &7);
    assert!(bells.iter().all(|bell| bell.rings() == 1), "all are woken at once");
    assert!(others.iter_mut().all(|other| *ready(other) == 7));
    assert!(matches!(once.set(8), Err(SetError::AlreadySet(8))));
}

#[test]
fn after_an_error_the_next_one_tries() {
    let once = Once::new();
    let gate = Cell::new(false);
    let fails =
        || future::poll_fn(|_| if gate.get() { Poll::Ready(Err("no")) } else { Poll::Pending });
    let mut first = Box::pin(once.get_or_try_init_async(fails));
    assert!(waits(&mut first));
    let (bell, mut second) = (Bell::new(), Box::pin(once.get_or_try_init(|| Ok::<_, &str>(2))));
    assert!(bell.poll(&mut second).is_pending());
    gate.set(true);
    assert_eq!(ready(&mut first), Err("no"));
    assert_eq!((bell.rings(), once.get()), (1, None));
    assert_eq!(ready(&mut second), Ok(&2));
}

#[test]
fn after_a_panic_the_next_one_tries() {
    let once = Once::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        once.get_or_init(|| panic!("no value")).block();
    }));
    assert!(panicked.is_err());
    assert_eq!(*once.get_or_init(|| 3).block(), 3);
}

#[test]
fn after_a_dropped_initializer_the_next_one_tries() {
    let once = Once::new();
    let mut first = Box::pin(once.get_or_init_async(future::pending));
    let (bell, mut second) = (Bell::new(), Box::pin(once.get_or_init(|| 2)));
    assert!(waits(&mut first) && bell.poll(&mut second).is_pending());
    drop(first);
    assert_eq!(bell.rings(), 1);
    assert_eq!(*ready(&mut second), 2);
}

#[test]
fn a_timed_out_initializer_lets_the_next_one_try() {
    let once = Once::new();
    let late = once.get_or_init_async(future::pending).timeout(Duration::ZERO).block();
    assert_eq!(late, Err(Stop::Timeout));
    let ended = once.get_or_init(|| 5).timeout(Duration::ZERO).block();
    assert_eq!(ended, Ok(&5));
}

#[test]
fn a_waiter_that_leaves_strands_nobody() {
    let once = Once::new();
    let mut maker = Box::pin(once.get_or_init_async(future::pending));
    let mut gone = Box::pin(once.get_or_init(|| 1));
    let mut stays = Box::pin(once.get_or_init(|| 2));
    assert!(waits(&mut maker) && waits(&mut gone) && waits(&mut stays));
    drop(maker);
    // It was its turn now.
    drop(gone);
    assert_eq!(*ready(&mut stays), 2);
}

#[test]
fn taken_out_it_starts_anew() {
    let mut once = Once::from(String::from("old"));
    assert_eq!(once.take().as_deref(), Some("old"));
    assert_eq!(once.get_or_init(|| String::from("new")).block(), "new");
}

#[test]
fn stress_one_initializer_runs_to_the_end() {
    watched(|| {
        for round in 0..300 {
            let (once, made) = (Arc::new(Once::new()), Arc::new(AtomicUsize::new(0)));
            let threads = (0..4).map(|n| {
                let (once, made) = (once.clone(), made.clone());
                thread::spawn(move || {
                    if n == 0 {
                        let _ = poll(&mut Box::pin(once.get_or_init_async(future::pending)));
                    }
                    let make = || {
                        if n % 2 == round % 2 && made.load(Ordering::SeqCst) == 0 && n < 2 {
                            return Err(());
                        }
                        Ok(made.fetch_add(1, Ordering::SeqCst))
                    };
                    once.get_or_try_init(make).block().map(|value| assert_eq!(*value, 0)).ok();
                })
            });
            threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
            assert_eq!((once.get(), made.load(Ordering::SeqCst)), (Some(&0), 1));
        }
    });
}
