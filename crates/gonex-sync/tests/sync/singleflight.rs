use std::cell::Cell;
use std::future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_sync::singleflight::Group;

use crate::chance::Chance;
use crate::hand::{Bell, watched};
use crate::support::{cancelled, moment, poll, ready, waits};

#[test]
fn calls_with_one_key_share_one_execution() {
    let group = Group::new();
    let gate = Cell::new(false);
    let call = || future::poll_fn(|_| if gate.get() { Poll::Ready(7) } else { Poll::Pending });
    let mut first = Box::pin(group.run_async("key", call));
    assert!(waits(&mut first));
    let (bell, mut second) = (Bell::new(), Box::pin(group.run("key", || unreachable!())));
    assert!(bell.poll(&mut second).is_pending());
    assert_eq!(group.run("other", || 8).block().value, 8);
    gate.set(true);
    let (first, rings) = (ready(&mut first), bell.rings());
    assert_eq!((first.value, first.shared, rings), (7, true, 1));
    assert_eq!(group.run("key", || 9).block().value, 9, "that is over");
    let second = ready(&mut second);
    assert_eq!((second.value, second.shared), (7, true));
    assert!(group.is_empty());
}

#[test]
fn a_leader_that_is_dropped_lets_another_take_over() {
    let group = Group::new();
    let mut leader = Box::pin(group.run_async(1, future::pending));
    let (bell, mut next) = (Bell::new(), Box::pin(group.run(1, || 2)));
    assert!(waits(&mut leader) && bell.poll(&mut next).is_pending());
    drop(leader);
    assert_eq!(bell.rings(), 1);
    assert_eq!(ready(&mut next).value, 2);
}

#[test]
fn a_leader_that_panics_keeps_the_panic_to_itself() {
    let group = Group::new();
    let gate = Cell::new(false);
    let call =
        || future::poll_fn(|_| if gate.get() { panic!("mine") } else { Poll::<u8>::Pending });
    let mut leader = Box::pin(group.run_async(1, call));
    let mut next = Box::pin(group.run(1, || 2));
    assert!(waits(&mut leader) && waits(&mut next));
    gate.set(true);
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut leader))).is_err());
    drop(leader);
    assert_eq!(ready(&mut next).value, 2);
}

#[test]
fn limits_strand_nobody() {
    let group = Group::new();
    let late = group.run_async(1, future::pending::<u8>).timeout(Duration::ZERO).block();
    assert_eq!(late, Err(Stop::Timeout));
    let ended = group.run_async(1, future::pending::<u8>).within(&cancelled()).block();
    assert!(matches!(ended, Err(Stop::Cancelled(_))));
    assert!(group.is_empty());
}

#[test]
fn forgotten_a_key_begins_anew() {
    let group = Group::new();
    let gate = Cell::new(false);
    let call = || future::poll_fn(|_| if gate.get() { Poll::Ready(1) } else { Poll::Pending });
    let mut old = Box::pin(group.run_async("key", call));
    assert!(waits(&mut old));
    assert!(group.forget(&"key"));
    let mut new = Box::pin(group.run_async("key", future::pending));
    assert!(waits(&mut new));
    gate.set(true);
    let old = ready(&mut old);
    assert_eq!((old.value, old.shared), (1, false));
    assert_eq!(group.len(), 1, "the end of the old one is not that of the new one");
}

#[test]
fn stress_every_caller_gets_a_result() {
    watched(|| {
        let (group, runs) = (Arc::new(Group::new()), Arc::new(AtomicUsize::new(0)));
        let threads = (0..4u64).map(|seed| {
            let (group, runs) = (group.clone(), runs.clone());
            thread::spawn(move || {
                let mut chance = Chance::new(seed, 0);
                for _ in 0..1000 {
                    let key = chance.below(2);
                    match chance.below(3) {
                        0 => drop(poll(&mut Box::pin(group.run_async(key, future::pending)))),
                        1 => {
                            let call = group.run_async(key, future::pending);
                            if let Ok(flown) = call.timeout(moment(&mut chance)).block() {
                                assert_eq!(flown.value, key);
                            }
                        }
                        _ => {
                            let call = || {
                                runs.fetch_add(1, Ordering::Relaxed);
                                thread::yield_now();
                                key
                            };
                            assert_eq!(group.run(key, call).block().value, key);
                        }
                    }
                }
            })
        });
        threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
        assert!(group.is_empty() && runs.load(Ordering::Relaxed) > 0);
    });
}
