//! Places that break what places owe, each in its own way, and the cases that find it.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use gonex_core::rt;
use gonex_task::place::{NotTaken, Why};
use gonex_task::portable::wire::{Answer, BuildId, Envelope, Reply};
use gonex_task::portable::{PortableTask, Respond, Serving};
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
    // None is to hang here, so the limit may be one that a busy machine keeps.
    let make = || {
        let (never, waits) = mpsc::channel::<()>();
        drop(rt::spawn_thread("left behind".to_owned(), move || waits.recv().unwrap()).unwrap());
        // As a place that forgets the other end.
        std::mem::forget(never);
        Inline
    };
    let report = Conformance::new(make).limit(Duration::from_secs(30)).check();
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

/// What the suite finds of a place to which calls get as bytes, and which does something to these.
fn check_calls(change: fn(Envelope<'_>) -> Vec<Vec<u8>>, answer: fn(&[u8]) -> Vec<u8>) -> Report {
    let make = move || {
        does(move |task| {
            let mut call = task.require_call()?;
            let message = match call.send(BuildId::current(), 1 << 30) {
                Ok(message) => message,
                Err(error) => return call.unsent(error),
            };
            let call = Arc::new(Mutex::new(Some(call)));
            for message in change(Envelope::read(&message).unwrap()) {
                Serving::read(message)
                    .unwrap()
                    .run(&Inline, Altering { call: call.clone(), answer });
            }
            Ok(())
        })
    };
    Conformance::new(make).only_calls().limit(Duration::from_secs(1)).check()
}

/// Hands a reply on otherwise than it was, to whichever attempt is first.
struct Altering {
    call: Arc<Mutex<Option<PortableTask>>>,
    answer: fn(&[u8]) -> Vec<u8>,
}

impl Respond for Altering {
    fn reply(self, message: Vec<u8>) {
        let call = self.call.lock().unwrap().take();
        if let Some(call) = call {
            drop(call.reply(&(self.answer)(&message)));
        }
    }
}

fn as_it_is(message: &[u8]) -> Vec<u8> {
    message.to_vec()
}

#[test]
fn one_that_runs_calls_twice() {
    let twice = |call: Envelope<'_>| vec![call.to_bytes(); 2];
    assert_failed(&check_calls(twice, as_it_is), &["calls in order", "the place goes with calls"]);
}

#[test]
fn one_that_forgets_what_goes_with_a_call() {
    let bare =
        |call: Envelope<'_>| vec![Envelope { remaining: None, trace: None, ..call }.to_bytes()];
    assert_failed(&check_calls(bare, as_it_is), &["deadlines of calls", "traces of calls"]);
}

#[test]
fn one_that_forgets_where_a_panic_was() {
    let report = check_calls(
        |call| vec![call.to_bytes()],
        |message| {
            let reply = Reply::read(message).unwrap();
            let answer = match reply.answer {
                Answer::Panicked { message, .. } => Answer::Panicked { message, place: None },
                other => other,
            };
            Reply { answer, ..reply }.to_bytes()
        },
    );
    assert_failed(&report, &["panics of calls"]);
    assert!(report.passed().any(|case| case == "calls"), "{report}");
}
