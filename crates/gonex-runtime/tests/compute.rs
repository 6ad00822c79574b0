//! Computing on all cores: panics, contexts, stops, and where it may not be.
#![cfg(not(gonex_loom))]

use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Context, Stop};
use gonex_runtime::compute::prelude::*;
use gonex_runtime::{Runtime, compute, go};
use gonex_task::{PanicHook, TaskError};

/// What a closure throws, to be known again.
#[derive(Debug, PartialEq)]
struct Payload(u32);

fn caught<T>(body: impl FnOnce() -> T) -> u32 {
    let Err(payload) = panic::catch_unwind(AssertUnwindSafe(body)) else { panic!("no panic") };
    payload.downcast::<Payload>().expect("the same payload").0
}

fn cancelled() -> Context {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    context
}

/// A rayon pool of a program that has one.
fn pool(threads: usize) -> rayon::ThreadPool {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.thread_name(|index| format!("theirs-{index}")).build().unwrap()
}

fn thread_name() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

#[test]
fn a_panic_goes_on_in_the_caller_with_its_payload() {
    let throw = |n: u32| if n == 7 { panic::resume_unwind(Box::new(Payload(n))) } else { n };
    assert_eq!(caught(|| compute::parallel(0..1_000, throw)), 7);
    assert_eq!(caught(|| compute::for_each(0..1_000, |n| _ = throw(n))), 7);
    assert_eq!(caught(|| compute::filter(0..1_000, |&n| throw(n) > 0)), 7);
    assert_eq!(caught(|| compute::map_reduce(0..1_000, throw, u32::max, 0)), 7);
    assert_eq!(caught(|| compute::map_reduce(0..8, |n| n, |a, b| throw(a.max(b)), 0)), 7);
    assert_eq!(caught(|| compute::chunks(&[1, 7], 1, |chunk| throw(chunk[0]))), 7);
    assert_eq!(caught(|| compute::join(|| throw(7), || throw(8))), 7);
    assert_eq!(caught(|| compute::join(|| throw(8), || throw(7))), 7);
    assert_eq!(caught(|| compute::install(|| throw(7))), 7);
    assert_eq!(caught(|| compute::sort_by_key(&mut [2, 7, 1], |n| throw(*n))), 7);
    let context = Context::background();
    assert_eq!(caught(|| compute::try_parallel(&context, 0..1_000, throw)), 7);
    assert_eq!(compute::parallel(0..3, |n| n), [0, 1, 2], "the workers go on");
}

#[test]
fn a_panic_in_the_background_is_an_error() {
    let mut background = compute::background(|| -> u32 { panic!("no result") });
    let Err(TaskError::Panicked(panic)) = background.join().block() else {
        panic!("it ended well");
    };
    assert_eq!(panic.message, "no result");
}

#[test]
fn results_before_a_panic_are_dropped() {
    struct Counted<'a>(&'a AtomicUsize);
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (made, dropped) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let make = |n: u32| {
        if n == 500 {
            panic::resume_unwind(Box::new(Payload(n)));
        }
        made.fetch_add(1, Ordering::Relaxed);
        Counted(&dropped)
    };
    assert_eq!(caught(|| compute::parallel(0..1_000, make)), 500);
    assert_eq!(made.into_inner(), dropped.load(Ordering::Relaxed));
}

#[test]
fn closures_run_in_the_context_and_the_seam_of_the_caller() {
    let context = Context::background().with_value(7_usize);
    let manual = Arc::new(Manual::new());
    manual.advance(Duration::from_secs(3_600));
    let then = rt::enter(manual.clone(), rt::now);
    let seen = || Context::current().value::<usize>().copied().filter(|_| rt::now() == then);
    let all: Vec<Option<usize>> = rt::enter(manual, || {
        context.run(|| {
            let (a, b) = compute::join(seen, seen);
            let mut all = compute::parallel(0..1_000, |_| seen());
            all.extend([a, b, compute::install(seen)]);
            all.extend(compute::chunks(&[0; 100], 1, |_| seen()));
            all.extend(compute::install(|| {
                let items = (0..1_000).into_par_iter().inherit();
                items.map(|_| seen()).collect::<Vec<_>>()
            }));
            compute::for_each(0..1_000, |_| assert_eq!(seen(), Some(7)));
            assert_eq!(compute::filter(0..1_000, |_| seen().is_some()).len(), 1_000);
            let reduced =
                compute::map_reduce(0..1_000, |_| seen(), |a, b| a.and(b).and(seen()), Some(0));
            all.push(reduced);
            all
        })
    });
    assert!(all.iter().all(|&value| value == Some(7)), "{all:?}");
    assert_eq!(compute::install(|| Context::current().value::<usize>().copied()), None);
}

#[test]
fn a_worker_that_helps_out_is_in_the_context_of_whom_it_helps() {
    // Each outer item computes inside, and so its worker takes up inner items of others meanwhile.
    let outer: Vec<usize> = (0..64).collect();
    compute::for_each(outer, |outer| {
        let seen = || Context::current().value::<usize>().copied();
        Context::background().with_value(outer).run(|| {
            let inner = compute::parallel(0..64, |_| seen());
            assert!(inner.iter().all(|&value| value == Some(outer)));
            assert_eq!(seen(), Some(outer), "and back in its own after that");
        });
        assert_eq!(seen(), None);
    });
}

#[test]
fn computing_in_a_future_panics_at_the_place_of_the_call() {
    let runtime = Runtime::builder().panic_hook(PanicHook::Quiet).build().unwrap();
    let line = line!() + 1;
    let mut task = runtime.go(async { compute::parallel(0..3, |n| n) });
    let Err(TaskError::Panicked(panic)) = task.join().block() else { panic!("it computed") };
    assert!(panic.message.starts_with("`compute::parallel` in task #"), "{panic}");
    assert!(panic.message.contains("`compute::background(..)`"), "{panic}");
    let place = panic.place.expect("the hook is installed");
    assert!(place.file.ends_with("compute.rs"), "{place}");
    assert_eq!(place.line, line);

    fn refused<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> String {
        let quiet = Runtime::builder().panic_hook(PanicHook::Quiet).build().unwrap();
        match quiet.go(async { body() }).join().block() {
            Err(TaskError::Panicked(panic)) => panic.message,
            _ => panic!("it computed"),
        }
    }
    let context = Context::background();
    assert!(refused(|| compute::for_each(0..3, |_| ())).starts_with("`compute::for_each`"));
    assert!(refused(|| compute::join(|| 1, || 2)).starts_with("`compute::join`"));
    assert!(refused(|| compute::install(|| 1)).starts_with("`compute::install`"));
    assert!(refused(|| compute::sort(&mut [2, 1])).starts_with("`compute::sort`"));
    assert!(
        refused(move || compute::try_filter(&context, 0..3, |_| true))
            .starts_with("`compute::try_filter`")
    );
}

#[test]
fn a_closure_may_compute() {
    assert_eq!(go(|| compute::parallel(0..3, |n| n * n)).join().block(), Ok(vec![0, 1, 4]));
}

#[test]
fn a_stop_in_the_middle_leaves_the_rest() {
    let (context, canceller) = Context::background().with_cancel();
    let seen = AtomicUsize::new(0);
    let items = 1_000_000;
    let stopped = compute::try_for_each(&context, 0..items, |_| {
        if seen.fetch_add(1, Ordering::Relaxed) == 100 {
            canceller.cancel("enough");
        }
    });
    assert!(matches!(stopped, Err(Stop::Cancelled(cause)) if cause.to_string() == "enough"));
    assert!(seen.into_inner() < items, "some were left");
}

#[test]
fn a_slow_item_is_the_last_one_after_a_stop() {
    // One worker, so that the items come one after the other.
    let seen = pool(1).install(|| {
        let (context, canceller) = Context::background().with_cancel();
        let manual = Arc::new(Manual::new());
        let seen = AtomicUsize::new(0);
        let stopped = rt::enter(manual.clone(), || {
            compute::try_parallel(&context, vec![(); 1_000], |()| {
                // As long as many looks.
                manual.advance(Duration::from_secs(1));
                if seen.fetch_add(1, Ordering::Relaxed) == 9 {
                    canceller.cancel("enough");
                }
            })
        });
        assert!(matches!(stopped, Err(Stop::Cancelled(_))));
        seen.into_inner()
    });
    assert_eq!(seen, 10);
}

#[test]
fn a_deadline_that_has_passed_begins_nothing() {
    let late = Context::background().with_timeout(Duration::ZERO);
    let never = |_: u32| -> u32 { unreachable!("it is too late") };
    assert_eq!(compute::try_parallel(&late, 0..9, never), Err(Stop::Timeout));
    assert_eq!(compute::try_filter(&late, 0..9, |&n| never(n) > 0), Err(Stop::Timeout));
    assert_eq!(compute::try_map_reduce(&late, 0..9, never, u32::max, 0), Err(Stop::Timeout));
    let chunks = compute::try_chunks(&late, &[1, 2], 1, |chunk| never(chunk[0]));
    assert_eq!(chunks, Err(Stop::Timeout));
    assert_eq!(compute::try_parallel(&late, 0..0, never), Ok(vec![]), "there was nothing to do");
}

#[test]
fn a_stop_after_the_last_item_takes_nothing_away() {
    let (context, canceller) = Context::background().with_cancel();
    let squares = pool(1).install(|| {
        compute::try_parallel(&context, vec![1, 2, 3], |n| {
            if n == 3 {
                canceller.cancel("too late");
            }
            n * n
        })
    });
    assert_eq!(squares, Ok(vec![1, 4, 9]));
}

#[test]
fn an_operation_in_a_stopped_computation_stops_it_too() {
    let sleep = |_: u32| rt::sleep(Duration::from_secs(3_600)).block();
    let (context, canceller) = Context::background().with_cancel();
    let (begun, seen) = mpsc::channel();
    let computing = std::thread::spawn(move || {
        compute::try_for_each(&context, 0..9, |n| {
            begun.send(()).unwrap();
            sleep(n);
        })
    });
    seen.recv().unwrap();
    canceller.cancel("enough");
    assert!(matches!(computing.join().unwrap(), Err(Stop::Cancelled(_))));

    // And without a `try_` the stop goes on to the border of the task around.
    let (begun, seen) = mpsc::channel();
    let mut task = go(move || {
        compute::for_each(0..9, |n| {
            begun.send(()).unwrap();
            sleep(n);
        });
    });
    seen.recv().unwrap();
    task.cancel("enough");
    assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
}

#[test]
fn what_is_cancelled_before_it_begins_in_the_background_never_does() {
    let mut never = cancelled().run(|| compute::background(|| unreachable!("it was cancelled")));
    let ended: Result<(), _> = never.join().block();
    assert!(matches!(ended, Err(TaskError::Cancelled(_))));
}

#[test]
fn the_background_is_the_workers_and_a_context_of_its_own() {
    let context = Context::background().with_value(7_u8);
    let ask = || (thread_name(), Context::current().value::<u8>().copied());
    let mut background = context.run(|| compute::background(ask));
    let (name, value) = background.join().block().unwrap();
    assert!(name.starts_with("gonex-compute-"), "{name}");
    assert_eq!(value, Some(7));
    assert!(background.is_finished());
}

#[test]
fn a_rayon_program_keeps_its_workers() {
    let theirs = pool(3);
    theirs.install(|| {
        assert_eq!(compute::num_workers(), 3);
        let names = compute::parallel(0..100, |_| thread_name());
        assert!(names.iter().all(|name| name.starts_with("theirs-")), "{names:?}");
        let (a, b) = compute::join(thread_name, thread_name);
        assert!(a.starts_with("theirs-") && b.starts_with("theirs-"));
    });
    let mut background = theirs.install(|| compute::background(thread_name));
    assert!(background.join().block().unwrap().starts_with("theirs-"));
    let own = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    assert_eq!(compute::num_workers(), own);
}

#[test]
fn a_worker_that_waits_takes_up_no_other_work() {
    let theirs = pool(1);
    let (open, gate) = gonex_sync::channel::<()>(0);
    let (begun, seen) = mpsc::channel();
    let ran = Arc::new(AtomicUsize::new(0));
    let (told, ended) = mpsc::channel();
    let others = ran.clone();
    theirs.spawn(move || {
        begun.send(()).unwrap();
        gate.recv().block().unwrap();
        told.send(others.load(Ordering::Relaxed)).unwrap();
    });
    seen.recv().unwrap();
    let mark = ran.clone();
    theirs.spawn(move || _ = mark.fetch_add(1, Ordering::Relaxed));
    open.send(()).block().unwrap();
    assert_eq!(ended.recv(), Ok(0));
    theirs.install(|| ());
    assert_eq!(ran.load(Ordering::Relaxed), 1);
}

#[test]
#[should_panic(expected = "chunks of 0 items")]
fn chunks_of_nothing_are_refused() {
    compute::chunks(&[1, 2, 3], 0, <[i32]>::len);
}
