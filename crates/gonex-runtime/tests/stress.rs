//! Much at once: nothing hangs, nothing is left, and the numbers add up. `GONEX_STRESS=10` does ten times as
//! much, `GONEX_STRESS_SEED` draws otherwise; `ci/stress` sets both.

use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Canceller, Context};
use gonex_runtime::{Group, OnFailure, Runtime, go, go_all, scope};
use gonex_sync::channel;
use gonex_task::{Handle, PanicHook, TaskError};

#[path = "support/stress.rs"]
mod support;
use support::{Chance, leaves_nothing, times, until, watched};

fn runtime(threads: usize) -> Runtime {
    let threads = NonZeroUsize::new(threads).unwrap();
    Runtime::builder().threads(threads).panic_hook(PanicHook::Quiet).build().unwrap()
}

#[test]
fn stress_a_pipeline_of_a_thousand_closures() {
    const STAGES: u64 = 1000;
    watched("the pipeline", || {
        let runtime = runtime(2);
        let (first, mut last) = channel::<u64>(0);
        for _ in 0..STAGES {
            let (tx, rx) = channel(0);
            let from = std::mem::replace(&mut last, rx);
            runtime.go(move || from.iter().all(|n| tx.send(n + 1).block().is_ok())).detach();
        }
        let values = 20 * times() as u64;
        let sending = runtime.go(move || (0..values).all(|n| first.send(n).block().is_ok()));
        let got: Vec<u64> = last.iter().collect();
        assert_eq!(got, (STAGES..STAGES + values).collect::<Vec<_>>());
        assert_eq!(sending.into_future().block(), Ok(true));
        leaves_nothing(&runtime);
        assert_eq!(runtime.stats().completed, STAGES + 1);
    });
}

/// Counts what has begun and what has ended, however it does.
#[derive(Default)]
struct Counts {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

struct Counted<'a>(&'a Counts);

impl<'a> Counted<'a> {
    fn new(counts: &'a Counts) -> Self {
        counts.begun.fetch_add(1, Ordering::Relaxed);
        Self(counts)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// Scopes in scopes; at some depth something panics, if it falls so.
fn nest(depth: u64, mut chance: Chance, counts: &Counts) {
    let _counted = Counted::new(counts);
    scope(|s| {
        for _ in 0..chance.below(3) + 1 {
            let inner = Chance::new(chance.below(u64::MAX));
            let odds = chance.below(40);
            s.spawn(move || {
                let _counted = Counted::new(counts);
                assert_ne!(odds, 0, "a closure, at depth {depth}");
                if depth > 0 {
                    nest(depth - 1, inner, counts);
                }
            });
            if chance.below(4) == 0 {
                s.spawn_async(async move {
                    let _counted = Counted::new(counts);
                    rt::yield_now().await;
                    assert_ne!(odds, 1, "a future, at depth {depth}");
                });
            }
        }
        assert_ne!(chance.below(40), 0, "the body, at depth {depth}");
    });
}

#[test]
fn stress_nested_scopes_that_panic_anywhere() {
    watched("nested scopes", || {
        let runtime = runtime(2);
        let (mut panicked, mut went) = (0, 0);
        for round in 0..200 * times() as u64 {
            let counts = Arc::new(Counts::default());
            let theirs = counts.clone();
            let mut whole = runtime.go(move || nest(5, Chance::new(round), &theirs));
            match whole.join().block() {
                Ok(()) => went += 1,
                Err(TaskError::Panicked(panic)) => {
                    assert!(panic.message.contains("at depth"), "{panic}");
                    panicked += 1;
                }
                Err(other) => panic!("round {round}: {other}"),
            }
            let begun = counts.begun.load(Ordering::Relaxed);
            assert_eq!(counts.ended.load(Ordering::Relaxed), begun, "a scope left a task behind");
        }
        assert!(panicked > 0 && went > 0, "{panicked} panicked, {went} did not");
        leaves_nothing(&runtime);
    });
}

/// How many tasks ended in which way.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ends {
    done: usize,
    cancelled: usize,
    panicked: usize,
}

impl Ends {
    fn count(&mut self, end: Result<bool, TaskError>) {
        match end {
            Ok(_) => self.done += 1,
            Err(TaskError::Cancelled(_)) => self.cancelled += 1,
            Err(TaskError::Panicked(_)) => self.panicked += 1,
            Err(other) => panic!("a task ended by {other:?}"),
        }
    }
}

/// One of many kinds of task, some of which only a cancellation ends.
fn some_task(kind: u64, runtime: &Runtime) -> Handle<bool> {
    match kind {
        0 => runtime.go(|| true),
        1 => runtime.go(|| panic!("as planned")),
        2 => runtime.go(|| {
            rt::sleep(Duration::from_secs(3600)).timeout(Duration::from_secs(7200)).block().is_ok()
        }),
        3 => runtime.go(|| {
            let (_tx, rx) = channel::<u8>(0);
            rx.recv().block().is_err()
        }),
        4 => runtime.go(async {
            rt::sleep(Duration::from_secs(3600)).await;
            true
        }),
        5 => runtime.go(async {
            let (_tx, rx) = channel::<u8>(0);
            rx.recv().await.is_err()
        }),
        6 => runtime.go(async { go_all((0..3).map(|n| move || n)).await.is_ok() }),
        _ => runtime.go(|| {
            // Its own group ends with it.
            let group = Group::new();
            group.try_spawn(std::future::pending::<()>()).ok();
            Context::current().done().block();
            false
        }),
    }
}

#[test]
fn stress_storms_of_cancellation() {
    const CONTEXTS: usize = 64;
    watched("the storm", || {
        let runtime = runtime(2);
        let mut chance = Chance::new(3);
        for round in 0..3 * times() as u64 {
            let contexts: Vec<(Context, Canceller)> =
                (0..CONTEXTS).map(|_| Context::background().with_cancel()).collect();
            let (start, started) = channel::<()>(0);
            let mut ends = Ends::default();
            let handles = thread::scope(|threads| {
                for thread in 0..4 {
                    let started = started.clone();
                    let own: Vec<Canceller> =
                        contexts.iter().skip(thread).step_by(4).map(|(_, c)| c.clone()).collect();
                    let mut chance = Chance::new(round * 4 + thread as u64);
                    threads.spawn(move || {
                        started.recv().block().ok();
                        let mut own = own;
                        while !own.is_empty() {
                            let index = chance.below(own.len() as u64) as usize;
                            own.swap_remove(index).cancel("the storm");
                            (0..chance.below(50)).for_each(|_| thread::yield_now());
                        }
                    });
                }
                let handles: Vec<_> = (0..2000)
                    .map(|n| {
                        // Some are being started while the storm goes on.
                        if n == 500 {
                            (0..4).for_each(|_| start.send(()).block().unwrap());
                        }
                        let context = &contexts[chance.below(CONTEXTS as u64) as usize].0;
                        context.run(|| some_task(chance.below(8), &runtime))
                    })
                    .collect();
                handles
            });
            let all = handles.len();
            for mut handle in handles {
                ends.count(handle.join().block());
            }
            assert_eq!(ends.done + ends.cancelled + ends.panicked, all, "{ends:?}");
            assert!(ends.cancelled > 0, "{ends:?}");
        }
        until(|| runtime.stats().blocked == 0);
        leaves_nothing(&runtime);
    });
}

#[test]
fn stress_very_many_timers() {
    watched("the timers", || {
        let manual = Arc::new(Manual::seeded(7));
        let count = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
        rt::enter(manual.clone(), || {
            // For ever, or its idle threads would have timers, too.
            let builder = Runtime::builder().keep_alive(Duration::MAX);
            let runtime = builder.threads(NonZeroUsize::new(2).unwrap()).build().unwrap();
            let mut chance = Chance::new(4);
            let (context, canceller) = Context::background().with_cancel();
            let mut group = runtime.enter(|| Group::new().on_failure(OnFailure::Continue));
            let mut cancelled = context.run(|| runtime.enter(Group::new));
            for n in 0..count {
                let nap = Duration::from_micros(chance.below(3_600_000_000) + 1);
                let sleeps = async move { rt::sleep(nap).await };
                let group = if n % 2 == 0 { &group } else { &cancelled };
                runtime.enter(|| group.try_spawn(sleeps).ok());
            }
            until(|| manual.timers() == count);
            canceller.cancel("half of them");
            assert!(cancelled.wait().block().is_err());
            assert_eq!(manual.timers(), count / 2, "those of the others");
            while group.running() > 0 {
                manual.advance(Duration::from_secs(60));
                thread::yield_now();
            }
            assert_eq!(group.wait().block().map(|all| all.len()), Ok(count / 2));
            assert_eq!(manual.timers(), 0);
        });
    });
}

#[test]
fn stress_tasks_that_come_while_the_runtime_ends() {
    watched("the end", || {
        for round in 0..50 * times() {
            let runtime = runtime(2);
            let (taken, refused) = thread::scope(|threads| {
                let handing: Vec<_> = (0..3)
                    .map(|_| {
                        threads.spawn(|| {
                            let tasks = (0..200_u64).map(|n| match n % 3 {
                                0 => runtime.go(move || n),
                                1 => runtime.go(async move { n }),
                                _ => {
                                    runtime.go(move || go(move || n).into_future().block().unwrap())
                                }
                            });
                            let tasks: Vec<_> = tasks.collect();
                            let ends = tasks.into_iter().map(|task| task.into_future().block());
                            ends.collect::<Vec<_>>()
                        })
                    })
                    .collect();
                (0..round % 20 * 50).for_each(|_| thread::yield_now());
                leaves_nothing(&runtime);
                let ends: Vec<_> = handing.into_iter().flat_map(|t| t.join().unwrap()).collect();
                let (taken, refused): (Vec<_>, Vec<_>) = ends.into_iter().partition(Result::is_ok);
                // Of those that come at the very moment some find its threads gone.
                let never_ran = |end: &Result<u64, TaskError>| {
                    matches!(end, Err(TaskError::Refused { .. }))
                        || *end == Err(TaskError::lost(false))
                };
                let other = refused.iter().find(|end| !never_ran(end));
                assert_eq!(other, None);
                (taken.len(), refused.len())
            });
            assert_eq!(taken + refused, 600);
        }
    });
}

#[test]
fn a_panic_in_the_watched_test_is_seen() {
    let seen = panic::catch_unwind(AssertUnwindSafe(|| watched("this", || panic!("as planned"))));
    assert!(seen.is_err());
}
