//! Tasks with one owner: limits, failures, order, and the end.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gonex_core::{Context, Stop};
use gonex_runtime::{Group, OnFailure, Runtime};
use gonex_sync::channel;
use gonex_task::{PanicHook, TaskError};

#[path = "support/until.rs"]
mod until;
use until::until;

const WATCHDOG: Duration = Duration::from_secs(60);

fn runtime() -> Runtime {
    let two = NonZeroUsize::new(2).unwrap();
    Runtime::builder().threads(two).panic_hook(PanicHook::Quiet).build().unwrap()
}

#[test]
fn no_more_run_than_the_limit_allows() {
    runtime().enter(|| {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut group = Group::new().limit(3);
        for _ in 0..100 {
            let (now, most) = (now.clone(), most.clone());
            let work = move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                gonex_core::rt::yield_now().block();
                now.fetch_sub(1, Ordering::SeqCst);
            };
            group.spawn(work).timeout(WATCHDOG).block().unwrap();
        }
        assert_eq!(group.wait().timeout(WATCHDOG).block().unwrap().len(), 100);
        assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
    });
}

#[test]
fn a_spawn_that_reaches_its_limit_starts_nothing() {
    runtime().enter(|| {
        let (gate, receiver) = channel::<()>(0);
        let mut group = Group::new().limit(1);
        group.spawn(move || drop(receiver.recv().block())).block();
        let started = Arc::new(AtomicUsize::new(0));
        let theirs = started.clone();
        let late = move || {
            theirs.fetch_add(1, Ordering::SeqCst);
        };
        let stopped = group.spawn(late).timeout(Duration::ZERO).block();
        assert_eq!(stopped, Err(Stop::Timeout));
        drop(gate);
        group.wait().timeout(WATCHDOG).block().unwrap();
        assert_eq!(started.load(Ordering::SeqCst), 0);
        assert_eq!(Arc::strong_count(&started), 1, "the work is gone");
    });
}

#[test]
fn the_first_failure_cancels_the_rest_and_is_the_one_told() {
    runtime().enter(|| {
        let mut group = Group::new();
        for _ in 0..4 {
            group
                .spawn(|| {
                    let (_sender, receiver) = channel::<()>(0);
                    drop(receiver.recv().block());
                    Context::current().done().block();
                })
                .block();
        }
        group.spawn(|| panic!("first")).block();
        match group.wait().timeout(WATCHDOG).block() {
            Err(TaskError::Panicked(panic)) => {
                assert_eq!(panic.message, "first");
                assert!(panic.task.starts_with("4 of the group from "), "{}", panic.task);
            }
            other => panic!("{other:?}"),
        }
        assert!(group.context().stopped().is_some());
        group.spawn(|| ()).block();
        assert!(matches!(group.wait().block(), Err(TaskError::Cancelled(_))), "none starts later");
    });
}

#[test]
fn results_come_in_order_of_start_as_soon_as_they_can() {
    runtime().enter(|| {
        let (gate, receiver) = channel::<()>(0);
        let mut group = Group::new().on_failure(OnFailure::Continue);
        group.spawn(|| 0).block();
        group
            .spawn(move || {
                receiver.recv().block().ok();
                1
            })
            .block();
        group.spawn(|| 2).block();
        assert_eq!(group.next().timeout(WATCHDOG).block(), Ok(Some(0)));
        until("the third has ended", || group.running() == 1);
        let early = group.next().timeout(Duration::ZERO).block();
        assert_eq!(early, Err(TaskError::Timeout), "the second comes before the third");
        drop(gate);
        assert_eq!(group.next().timeout(WATCHDOG).block(), Ok(Some(1)));
        assert_eq!(group.next().timeout(WATCHDOG).block(), Ok(Some(2)));
        assert_eq!(group.next().timeout(WATCHDOG).block(), Ok(None));
    });
}

#[test]
fn dropping_a_group_cancels_and_detaching_does_not() {
    let runtime = runtime();
    runtime.enter(|| {
        let stopped = Arc::new(AtomicUsize::new(0));
        let wait = |stopped: Arc<AtomicUsize>| {
            move || {
                Context::current().done().block();
                stopped.fetch_add(1, Ordering::SeqCst);
            }
        };
        let group = Group::new();
        group.spawn(wait(stopped.clone())).block();
        until("it runs", || runtime.stats().blocked == 1);
        drop(group);
        until("it was stopped", || stopped.load(Ordering::SeqCst) == 1);

        let (gate, receiver) = channel::<()>(0);
        let group = Group::new();
        let theirs = stopped.clone();
        group
            .spawn(move || {
                receiver.recv().block().unwrap();
                theirs.fetch_add(1, Ordering::SeqCst);
            })
            .block();
        group.detach();
        gate.send(()).timeout(WATCHDOG).block().unwrap();
        until("it went on", || stopped.load(Ordering::SeqCst) == 2);
    });
}

#[test]
fn a_group_hands_its_context_and_values_down() {
    runtime().enter(|| {
        let context = Context::background().with_value(7_u8);
        let mut group = Group::within(&context);
        group.spawn(|| Context::current().value::<u8>().copied()).block();
        group.spawn(async { Context::current().value::<u8>().copied() }).block();
        assert_eq!(group.wait().timeout(WATCHDOG).block(), Ok(vec![Some(7), Some(7)]));
    });
}

#[test]
fn storms_of_cancellation_leave_no_thread_waiting() {
    let runtime = runtime();
    runtime.enter(|| {
        for round in 0..50 {
            let mut group = Group::new().on_failure(OnFailure::Continue);
            for n in 0..40 {
                group
                    .spawn(move || {
                        if n % 3 == 0 {
                            Context::current().done().block();
                        }
                    })
                    .block();
            }
            if round % 2 == 0 {
                group.cancel("storm");
                group.wait_each().timeout(WATCHDOG).block().unwrap();
            }
        }
    });
    until("nobody waits", || runtime.stats().blocked == 0 && runtime.stats().queued == 0);
}
