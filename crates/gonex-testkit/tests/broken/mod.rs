//! Places that break what places owe, each in its own way, and the cases that find it.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use gonex_core::rt;
use gonex_task::place::{NotTaken, Why};
use gonex_task::{Inline, PanicHook, Place, Task, TaskError};
use gonex_testkit::place::{Conformance, Report};

/// What a place does with a task.
struct Does<F>(usize, F);

impl<F: Fn(Task) -> Result<(), NotTaken> + Send + Sync> Place for Does<F> {
    fn name(&self) -> &str {
        "broken"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.0).unwrap()
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        (self.1)(task)
    }
}

fn does<F>(what: F) -> Does<F>
where
    F: Fn(Task) -> Result<(), NotTaken> + Send + Sync,
{
    Does(1, what)
}

/// What the suite finds. Places that lose tasks make cases hang, and those are not waited for long.
fn check<P: Place + 'static>(make: impl Fn() -> P + Send + Sync + 'static) -> Report {
    Conformance::new(make).limit(Duration::from_millis(300)).check()
}

fn assert_failed(report: &Report, cases: &[&str]) {
    let failed: Vec<_> = report.failures().map(|failure| failure.case).collect();
    for case in cases {
        assert!(failed.contains(case), "{case} was to fail; {report}");
    }
}

#[test]
fn one_that_loses_tasks() {
    let report = check(|| {
        let taken = AtomicUsize::new(0);
        does(move |task| {
            if taken.fetch_add(1, Ordering::Relaxed) % 10 != 9 {
                task.run(PanicHook::Untouched);
            }
            Ok(())
        })
    });
    assert_failed(&report, &["results", "many", "nested"]);
}

#[test]
fn one_that_never_gets_round_to_it() {
    let report = check(|| {
        let hoard = Mutex::new(Vec::new());
        does(move |task| {
            hoard.lock().unwrap().push(task);
            Ok(())
        })
    });
    let results = report.failures().find(|failure| failure.case == "results").unwrap();
    assert!(results.reason.contains("hangs"), "{results:?}");
    assert_failed(&report, &["detach", "many", "threads end"]);
}

#[test]
fn one_that_calls_panics_and_cancellations_by_another_name() {
    let report = check(|| {
        does(|task| {
            task.end(TaskError::Timeout);
            Ok(())
        })
    });
    assert_failed(&report, &["results", "panics", "cancelled before it starts", "context"]);
}

#[test]
fn one_thread_that_waits_for_itself() {
    let report = check(|| one_thread(1));
    assert_failed(&report, &["nested", "waiting"]);
    assert!(report.passed().any(|case| case == "results"), "{report}");
    assert!(report.passed().any(|case| case == "threads end"), "{report}");
}

#[test]
fn one_that_promises_more_at_once_than_it_runs() {
    assert_failed(&check(|| one_thread(3)), &["parallelism"]);
}

/// A thread that runs one task after the other, and says that there are so many.
fn one_thread(says: usize) -> impl Place {
    let (tasks, queue) = mpsc::channel::<Task>();
    let run = move || queue.into_iter().for_each(|task| task.run(PanicHook::Untouched));
    drop(rt::spawn_thread("one thread".to_owned(), run).unwrap());
    Does(says, move |task| {
        let closed = "it has ended; take another place";
        tasks.send(task).map_err(|back| back.0.not_taken(Why::Unavailable, closed))
    })
}

#[test]
fn one_that_leaves_its_threads_behind() {
    let report = check(|| {
        let (never, waits) = mpsc::channel::<()>();
        drop(rt::spawn_thread("left behind".to_owned(), move || waits.recv().unwrap()).unwrap());
        // As a place that forgets the other end.
        std::mem::forget(never);
        Inline
    });
    let failed: Vec<_> = report.failures().map(|failure| failure.case).collect();
    assert_eq!(failed, ["threads end"], "{report}");
}

#[test]
fn one_that_keeps_what_it_refuses() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let theirs = dropped.clone();
    let refusing = move || {
        let theirs = theirs.clone();
        does(move |task| {
            theirs.fetch_add(1, Ordering::Relaxed);
            drop(task);
            Ok(())
        })
    };
    let report = Conformance::new(|| Inline).refusing(refusing).check();
    let failed: Vec<_> = report.failures().map(|failure| failure.case).collect();
    assert_eq!(failed, ["refusal"], "{report}");
    assert!(dropped.load(Ordering::Relaxed) > 0);
}
