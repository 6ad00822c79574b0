//! Tasks that borrow: all ended when the scope is, whatever happens.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gonex_core::Context;
use gonex_runtime::{AtBound, Runtime, Scope, scope, scope_local};
use gonex_sync::channel;
use gonex_task::{PanicHook, TaskError};

const WATCHDOG: Duration = Duration::from_secs(120);

fn runtime(threads: usize) -> Runtime {
    let threads = NonZeroUsize::new(threads).unwrap();
    Runtime::builder().threads(threads).panic_hook(PanicHook::Quiet).build().unwrap()
}

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast::<&str>().unwrap().to_string(),
    }
}

/// Counts itself as long as it lives.
struct Alive<'a>(&'a AtomicUsize);

impl<'a> Alive<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn closures_and_futures_borrow_from_outside() {
    runtime(2).enter(|| {
        let mut numbers: Vec<u64> = (0..1_000).collect();
        let (even, odd) = numbers.split_at_mut(500);
        let sum = AtomicUsize::new(0);
        scope(|s| {
            s.spawn(|| even.iter_mut().for_each(|n| *n *= 2));
            s.spawn_async(async { odd.iter_mut().for_each(|n| *n *= 3) });
            for n in 0..100 {
                let sum = &sum;
                s.spawn(move || {
                    sum.fetch_add(n, Ordering::Relaxed);
                });
            }
        });
        assert_eq!(sum.into_inner(), 4_950);
        let expected = (0..1_000).map(|n| if n < 500 { n * 2 } else { n * 3 });
        assert!(numbers.into_iter().eq(expected));
    });
}

#[test]
fn values_that_borrow_are_joined_or_gone_with_the_scope() {
    runtime(2).enter(|| {
        let alive = AtomicUsize::new(0);
        let text = String::from("a b c");
        let joined = scope(|s| {
            let word = s.go(|| (text.split(' ').next_back(), Alive::new(&alive)));
            // One is dropped before it ends, one is kept and never joined.
            drop(s.go(|| Alive::new(&alive)));
            let _kept = s.go(|| Alive::new(&alive));
            let (word, _alive) = word.join().timeout(WATCHDOG).block().unwrap();
            word
        });
        assert_eq!(joined, Some("c"));
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn tasks_start_tasks_of_the_same_scope() {
    fn tree<'s>(s: &'s Scope<'s, '_>, depth: usize, leaves: &'s AtomicUsize) {
        if depth == 0 {
            leaves.fetch_add(1, Ordering::Relaxed);
            return;
        }
        for _ in 0..2 {
            s.spawn(move || tree(s, depth - 1, leaves));
        }
    }
    let leaves = AtomicUsize::new(0);
    runtime(2).enter(|| scope(|s| tree(s, 10, &leaves)));
    assert_eq!(leaves.into_inner(), 1 << 10);
}

#[test]
fn a_panic_of_a_task_reaches_the_owner_with_message_and_place() {
    let runtime = runtime(2);
    let gone = AtomicUsize::new(0);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        runtime.enter(|| {
            scope(|s| {
                let (never, receiver) = channel::<()>(0);
                // Waits for what never comes, and is cancelled for the other's sake.
                s.spawn(|| {
                    let _alive = Alive::new(&gone);
                    drop(receiver.recv().block());
                    drop(receiver);
                });
                s.spawn(|| panic!("no luck"));
                std::mem::forget(never);
            });
        });
    }));
    let text = message(panicked.unwrap_err());
    assert!(text.contains("no luck") && text.contains("scope.rs:"), "{text}");
    assert_eq!(gone.load(Ordering::SeqCst), 0, "all have ended");
}

#[test]
fn a_failure_that_was_joined_is_not_told_again() {
    runtime(2).enter(|| {
        let joined = scope(|s| s.go(|| -> u8 { panic!("told") }).join().timeout(WATCHDOG).block());
        assert!(matches!(joined, Err(TaskError::Panicked(panic)) if panic.message == "told"));
        let untold = catch_unwind(|| scope(|s| drop(s.go(|| panic!("untold")))));
        assert!(message(untold.unwrap_err()).contains("untold"));
    });
}

#[test]
fn a_body_that_panics_waits_for_its_tasks() {
    let runtime = runtime(2);
    let alive = AtomicUsize::new(0);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        runtime.enter(|| {
            scope(|s| {
                for _ in 0..10 {
                    s.spawn(|| {
                        let _alive = Alive::new(&alive);
                        Context::current().done().block();
                    });
                }
                panic!("the body");
            })
        })
    }));
    assert_eq!(message(panicked.unwrap_err()), "the body");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn the_end_of_the_context_around_ends_the_scope_and_its_task() {
    let runtime = runtime(2);
    let started = Arc::new(AtomicUsize::new(0));
    let theirs = started.clone();
    let mut task = runtime.go(move || {
        scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    theirs.fetch_add(1, Ordering::SeqCst);
                    drop(channel::<()>(0).1.recv().block());
                    let (_sender, receiver) = channel::<()>(0);
                    drop(receiver.recv().block());
                });
            }
        });
    });
    while started.load(Ordering::SeqCst) < 4 {
        std::thread::yield_now();
    }
    task.cancel("enough");
    assert!(matches!(task.join().timeout(WATCHDOG).block(), Err(TaskError::Cancelled(_)) | Ok(())));
}

#[test]
fn a_scope_that_cannot_wait_ends_its_tasks_first() {
    let one = NonZeroUsize::MIN;
    let builder = Runtime::builder().threads(one).max_blocked(0).at_bound(AtBound::Fail);
    let runtime = builder.panic_hook(PanicHook::Quiet).build().unwrap();
    let alive = Arc::new(AtomicUsize::new(0));
    let theirs = alive.clone();
    let mut task = runtime.go(move || {
        let held = [Alive::new(&theirs), Alive::new(&theirs)];
        scope(|s| {
            // They end when they are told to: this thread runs none of them, and has to wait.
            for alive in held {
                s.spawn_async(async move {
                    Context::current().done().await;
                    drop(alive);
                });
            }
        });
    });
    let ended = task.join().timeout(WATCHDOG).block();
    assert!(matches!(ended, Err(TaskError::Stalled(_))), "{ended:?}");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    assert_eq!(runtime.go(|| 7).join().timeout(WATCHDOG).block(), Ok(7));
    assert_eq!(runtime.stats().blocked, 0);
}

#[test]
fn a_scope_runs_its_own_closures_where_it_would_wait_for_them() {
    let one = NonZeroUsize::MIN;
    let builder = Runtime::builder().threads(one).max_blocked(0).at_bound(AtBound::Fail);
    let runtime = builder.panic_hook(PanicHook::Quiet).build().unwrap();
    let ran = Arc::new(AtomicUsize::new(0));
    let theirs = ran.clone();
    // It could not wait: that it does not have to says that all have run on its thread.
    let mut task = runtime.go(move || {
        scope(|s| {
            for _ in 0..10 {
                s.spawn(|| {
                    let ran = &theirs;
                    scope(|inner| {
                        inner.spawn(|| {
                            ran.fetch_add(1, Ordering::SeqCst);
                        });
                    });
                });
            }
        });
    });
    assert_eq!(task.join().timeout(WATCHDOG).block(), Ok(()));
    assert_eq!(ran.load(Ordering::SeqCst), 10);
    assert_eq!(runtime.stats().completed, 21);
}

#[test]
fn a_scope_on_another_thread_ends_though_all_threads_of_the_runtime_are_busy() {
    let runtime = runtime(1);
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let (entered, has_entered) = std::sync::mpsc::channel();
    let mut busy = runtime.go(move || {
        entered.send(()).unwrap();
        gate.recv().unwrap_err();
    });
    has_entered.recv().unwrap();
    let ran = AtomicUsize::new(0);
    runtime.enter(|| {
        scope(|s| {
            for _ in 0..10 {
                s.spawn(|| {
                    ran.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
    });
    assert_eq!(ran.into_inner(), 10);
    drop(open);
    assert_eq!(busy.join().timeout(WATCHDOG).block(), Ok(()));
    assert_eq!(runtime.stats().completed, 11);
}

#[test]
fn what_waits_outside_gets_its_turn_beside_a_scope_without_end() {
    fn again<'s>(s: &'s Scope<'s, '_>, came: &'s AtomicUsize, left: u32) {
        assert!(left > 0, "the other task never came");
        if came.load(Ordering::SeqCst) == 0 {
            s.spawn(move || again(s, came, left - 1));
        }
    }
    let runtime = runtime(1);
    let theirs = runtime.clone();
    let mut task = runtime.go(move || {
        let came = Arc::new(AtomicUsize::new(0));
        let other = came.clone();
        // From a thread of its own, so that it is queued outside; there is no core for it.
        let outside = std::thread::spawn(move || {
            theirs.go_detached(move || other.fetch_add(1, Ordering::SeqCst));
        });
        outside.join().unwrap();
        assert_eq!(came.load(Ordering::SeqCst), 0);
        scope(|s| s.spawn(|| again(s, &came, 1_000_000)));
    });
    assert_eq!(task.join().timeout(WATCHDOG).block(), Ok(()));
}

#[test]
fn nested_scopes_that_panic_at_random_depth_leave_nothing_behind() {
    fn nest(depth: usize, fails_at: usize, alive: &AtomicUsize) {
        let _alive = Alive::new(alive);
        assert!(depth != fails_at, "at depth {depth}");
        if depth < 6 {
            scope(|s| {
                s.spawn(|| nest(depth + 1, fails_at, alive));
                s.spawn(|| nest(depth + 1, usize::MAX, alive));
            });
        }
    }
    let runtime = runtime(2);
    let alive = AtomicUsize::new(0);
    for seed in 0..64_u64 {
        // Some do not fail at all.
        let fails_at = (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61) as usize;
        let ended = catch_unwind(AssertUnwindSafe(|| runtime.enter(|| nest(0, fails_at, &alive))));
        assert_eq!(alive.load(Ordering::SeqCst), 0, "seed {seed}");
        match ended {
            Ok(()) => assert!(fails_at > 6, "seed {seed}"),
            Err(panic) => {
                let text = message(panic);
                assert!(text.contains(&format!("at depth {fails_at}")), "{text}");
            }
        }
    }
    assert_eq!(runtime.stats().blocked, 0);
}

#[test]
fn a_local_scope_polls_its_futures_together() {
    // Kept: with its runtime a future is dropped.
    let runtime = runtime(2);
    let mut sum = runtime.go(async {
        let numbers = [1_u64, 2, 3];
        let (sender, receiver) = channel::<u64>(0);
        // Each end waits for the other: only together they come through.
        let mut sum = 0;
        let (numbers, total) = (&numbers, &mut sum);
        scope_local(|s| async move {
            s.spawn(async move {
                for n in numbers {
                    sender.send(*n).await.unwrap();
                }
            });
            s.spawn(async move {
                while let Ok(n) = receiver.recv().await {
                    *total += n;
                }
            });
        })
        .await;
        sum
    });
    assert_eq!(sum.join().timeout(WATCHDOG).block(), Ok(6));
}
