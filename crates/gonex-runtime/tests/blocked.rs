//! Closures that wait: for each other, by the thousand, at the bound and beyond.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use gonex_core::Context;
use gonex_runtime::{AtBound, Runtime, RuntimeBuilder, blocking};
use gonex_sync::{WaitGroup, channel, oneshot};
use gonex_task::{PanicHook, TaskError};

#[path = "support/until.rs"]
mod until;
use until::until;

const WATCHDOG: Duration = Duration::from_secs(120);

fn builder(threads: usize, max_blocked: usize) -> RuntimeBuilder {
    let threads = NonZeroUsize::new(threads).unwrap();
    Runtime::builder().threads(threads).max_blocked(max_blocked).panic_hook(PanicHook::Quiet)
}

/// Looks again and again until it is so, for as long as the watchdog is patient.
#[test]
fn ten_thousand_closures_wait_for_each_other_on_two_threads() {
    let runtime = builder(2, 12_000).build().unwrap();
    let (first, mut receiver) = channel::<u64>(0);
    // Each waits for the message of the one before it, and passes it on.
    let mut links: Vec<_> = (0..10_000)
        .map(|_| {
            let (pass, next) = channel::<u64>(0);
            let take = std::mem::replace(&mut receiver, next);
            runtime.go(move || {
                let hops = take.recv().block().unwrap();
                pass.send(hops + 1).block().unwrap();
            })
        })
        .collect();
    let mut last = runtime.go(move || receiver.recv().block().unwrap());
    until("all wait", || runtime.stats().blocked == 10_001);
    first.send(0).timeout(WATCHDOG).block().unwrap();
    assert_eq!(last.join().timeout(WATCHDOG).block(), Ok(10_000));
    for link in &mut links {
        link.join().timeout(WATCHDOG).block().unwrap();
    }
    until("all threads are spare", || runtime.stats().blocked == 0);
    let stats = runtime.stats();
    assert_eq!((stats.stalls, stats.queued, stats.failed), (0, 0, 0), "{stats:?}");
    assert_eq!(stats.completed, 10_001);
}

#[test]
fn a_pipeline_of_a_thousand_stages_carries_all_in_order() {
    let runtime = builder(2, 2_000).build().unwrap();
    let (first, mut receiver) = channel::<u64>(1);
    for _ in 0..1_000 {
        let (pass, next) = channel(1);
        let take = std::mem::replace(&mut receiver, next);
        let stage = move || take.iter().for_each(|n| pass.send(n + 1).block().unwrap());
        runtime.go(stage).detach();
    }
    runtime.go(move || (0..100).for_each(|n| first.send(n).block().unwrap())).detach();
    for n in 0..100 {
        assert_eq!(receiver.recv().timeout(WATCHDOG).block(), Ok(n + 1_000));
    }
    assert!(receiver.recv().timeout(WATCHDOG).block().is_err(), "the ends close one another");
}

#[test]
fn what_blocks_by_other_means_lets_another_go_on_too() {
    let runtime = builder(1, 8).build().unwrap();
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = gate.clone();
    let mut waiting = runtime.go(move || {
        blocking(|| {
            let (open, opened) = &*theirs;
            let mut open = open.lock().unwrap();
            while !*open {
                open = opened.wait(open).unwrap();
            }
        });
    });
    until("it blocks", || runtime.stats().blocked == 1);
    let mut opening = runtime.go(move || {
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
    });
    opening.join().timeout(WATCHDOG).block().unwrap();
    waiting.join().timeout(WATCHDOG).block().unwrap();
}

#[test]
fn what_waits_inside_blocking_is_counted_once() {
    let runtime = builder(1, 8).build().unwrap();
    let (sender, receiver) = channel::<u8>(0);
    let mut waiting = runtime.go(move || blocking(|| receiver.recv().block()));
    until("it blocks", || runtime.stats().blocked == 1);
    runtime.go(move || sender.send(7).block()).detach();
    assert_eq!(waiting.join().timeout(WATCHDOG).block(), Ok(Ok(7)));
    until("nobody blocks", || runtime.stats().blocked == 0);
}

#[test]
fn at_the_bound_a_closure_fails_and_says_why() {
    let runtime = builder(1, 2).at_bound(AtBound::Fail).build().unwrap();
    let (sender, receiver) = channel::<u8>(0);
    let receive = |receiver: gonex_sync::Receiver<u8>| move || receiver.recv().block();
    let mut waiting: Vec<_> = (0..2).map(|_| runtime.go(receive(receiver.clone()))).collect();
    until("two wait", || runtime.stats().blocked == 2);
    let mut third = runtime.go(receive(receiver));
    match third.join().timeout(WATCHDOG).block() {
        Err(TaskError::Stalled(stalled)) => {
            assert_eq!((stalled.blocked, stalled.max_blocked), (2, 2));
            assert!(stalled.to_string().contains("raise max_blocked"), "{stalled}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(runtime.stats().stalls, 1);
    // The rest is whole: the two that wait are served, and no value was lost with the third.
    sender.send(1).timeout(WATCHDOG).block().unwrap();
    sender.send(2).timeout(WATCHDOG).block().unwrap();
    let mut got: Vec<u8> = waiting
        .iter_mut()
        .map(|one| one.join().timeout(WATCHDOG).block().unwrap().unwrap())
        .collect();
    got.sort_unstable();
    assert_eq!(got, [1, 2]);
}

#[test]
fn at_the_bound_a_closure_waits_until_somebody_outside_helps() {
    let runtime = builder(1, 1).build().unwrap();
    let (sender, receiver) = channel::<u8>(0);
    let mut waiting: Vec<_> = (0..3)
        .map(|_| {
            let receiver = receiver.clone();
            runtime.go(move || receiver.recv().block())
        })
        .collect();
    until("one more waits than may", || runtime.stats().stalls == 1);
    for value in 0..3 {
        sender.send(value).timeout(WATCHDOG).block().unwrap();
    }
    for one in &mut waiting {
        assert!(one.join().timeout(WATCHDOG).block().unwrap().is_ok());
    }
}

#[test]
fn threads_that_were_needed_for_a_while_end() {
    let runtime = builder(2, 100).keep_alive(Duration::ZERO).build().unwrap();
    let all = WaitGroup::new();
    let go = WaitGroup::new();
    go.add(1);
    for _ in 0..50 {
        all.add(1);
        let (all, go) = (all.clone(), go.clone());
        runtime
            .go(move || {
                go.wait().block();
                all.done();
            })
            .detach();
    }
    until("all wait", || runtime.stats().blocked == 50);
    assert!(runtime.stats().threads >= 50);
    go.done();
    all.wait().timeout(WATCHDOG).block().unwrap();
    until("they have gone", || runtime.stats().threads <= 2);
}

#[test]
fn dropping_the_runtime_waits_for_closures_that_wait_for_queued_ones() {
    let runtime = builder(1, 8).build().unwrap();
    let (sender, mut receiver) = oneshot::<u8>();
    let seen = Arc::new(AtomicUsize::new(0));
    let theirs = seen.clone();
    runtime
        .go(move || {
            let value = receiver.recv().block().unwrap();
            theirs.fetch_add(usize::from(value), Ordering::SeqCst);
        })
        .detach();
    runtime.go(move || drop(sender.send(5))).detach();
    drop(runtime);
    assert_eq!(seen.load(Ordering::SeqCst), 5);
}

#[test]
fn cancelled_while_it_waits_a_closure_gives_its_core_back() {
    let runtime = builder(1, 8).build().unwrap();
    let mut waiting: Vec<_> =
        (0..8).map(|_| runtime.go(|| Context::current().done().block())).collect();
    until("all wait", || runtime.stats().blocked == 8);
    waiting.iter().for_each(|one| one.cancel("enough"));
    for one in &mut waiting {
        assert!(one.join().timeout(WATCHDOG).block().is_ok(), "the wait for the end has ended");
    }
    assert_eq!(runtime.go(|| 1).join().timeout(WATCHDOG).block(), Ok(1));
    until("nobody blocks", || runtime.stats().blocked == 0);
}
