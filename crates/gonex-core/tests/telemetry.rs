//! What metrics and traces say of tasks and of operations that wait.
//!
//! Telemetry belongs to the process, so the tests take turns.
#![cfg(all(feature = "metrics", feature = "tracing", not(any(gonex_loom, gonex_shuttle))))]

#[path = "support/listen.rs"]
mod listen;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::telemetry::{self, TaskOutcome, TaskTrace};
use gonex_core::{Context, Stop};
use listen::{Book, Recorder, Spans};

/// Telemetry on for one test alone; off again at its end.
struct Turn {
    _alone: MutexGuard<'static, ()>,
}

impl Turn {
    fn new(metrics: bool, tracing: bool) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let alone = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        telemetry::set_metrics(metrics).unwrap();
        telemetry::set_tracing(tracing).unwrap();
        Self { _alone: alone }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        telemetry::set_metrics(false).unwrap();
        telemetry::set_tracing(false).unwrap();
    }
}

/// Runs a test with a recorder, a subscriber and a clock in hand, all of this thread.
fn listening(metrics: bool, tracing: bool, body: impl FnOnce(&Manual)) -> (Book, Spans) {
    let _turn = Turn::new(metrics, tracing);
    let (book, spans) = (Book::default(), Spans::default());
    let (clock, recorder) = (Arc::new(Manual::new()), Recorder(book.clone()));
    rt::enter(clock.clone(), || {
        metrics::with_local_recorder(&recorder, || {
            tracing::subscriber::with_default(spans.clone(), || body(&clock));
        });
    });
    (book, spans)
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut TaskContext::from_waker(Waker::noop()))
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_task_is_counted_and_timed() {
    let (book, spans) = listening(true, true, |clock| {
        let mut trace = TaskTrace::handed_in("closure", || "adder");
        clock.advance(SECOND * 2);
        trace.started();
        assert_eq!((Spans::inside(), trace.inside(Spans::inside)), (0, 1));
        clock.advance(SECOND * 3);
        trace.started();
        trace.ended(TaskOutcome::Done);
        trace.ended(TaskOutcome::Lost);
    });
    assert_eq!(
        book.lines(),
        [
            "gonex_task_queue_seconds{kind=closure} 2",
            "gonex_task_run_seconds{kind=closure} 3",
            "gonex_tasks_ended_total{kind=closure,outcome=done} 1",
            "gonex_tasks_running{kind=closure} 0",
            "gonex_tasks_started_total{kind=closure} 1",
            "gonex_tasks_total{kind=closure} 1",
        ]
    );
    assert_eq!(
        spans.lines(),
        ["gonex::task task kind=closure name=adder queue_seconds=2.0 run_seconds=3.0 outcome=done"]
    );
}

#[test]
fn a_task_that_never_starts_is_lost_or_refused() {
    let (book, spans) = listening(true, true, |_| {
        drop(TaskTrace::handed_in("future", || "reader"));
        TaskTrace::handed_in("future", || "writer").ended(TaskOutcome::Refused);
    });
    assert_eq!(
        book.lines(),
        [
            "gonex_tasks_ended_total{kind=future,outcome=lost} 1",
            "gonex_tasks_ended_total{kind=future,outcome=refused} 1",
            "gonex_tasks_total{kind=future} 2",
        ]
    );
    assert_eq!(
        spans.lines(),
        [
            "gonex::task task kind=future name=reader outcome=lost",
            "gonex::task task kind=future name=writer outcome=refused",
        ]
    );
}

#[test]
fn an_operation_that_waits_is_counted_and_timed_at_its_end() {
    let (book, spans) = listening(true, true, |clock| {
        let mut nap = pin!(rt::sleep(SECOND * 5));
        assert!(poll(nap.as_mut()).is_pending());
        assert!(poll(nap.as_mut()).is_pending(), "two polls are one wait");
        clock.advance(SECOND * 5);
        assert!(poll(nap.as_mut()).is_ready());
        let mut late = pin!(rt::sleep(SECOND * 5).timeout(SECOND));
        assert!(poll(late.as_mut()).is_pending());
        clock.advance(SECOND);
        assert_eq!(poll(late.as_mut()), Poll::Ready(Err(Stop::Timeout)));
        let (context, _canceller) = Context::background().with_cancel();
        let mut given_up = Box::pin(context.done());
        assert!(poll(given_up.as_mut()).is_pending());
    });
    assert_eq!(
        book.lines(),
        [
            "gonex_operation_wait_seconds{operation=sleep,on=} 5 1",
            "gonex_operation_wait_seconds{operation=wait for the end of,on=a context} 0",
            "gonex_operation_waits_total{operation=sleep,on=,outcome=done} 1",
            "gonex_operation_waits_total{operation=sleep,on=,outcome=stopped} 1",
            "gonex_operation_waits_total{operation=wait for the end of,on=a context,outcome=dropped} 1",
            "gonex_operations_waiting{operation=sleep,on=} 0",
            "gonex_operations_waiting{operation=wait for the end of,on=a context} 0",
        ]
    );
    let said = spans.lines();
    assert_eq!(said.len(), 3);
    assert!(said[0].starts_with("gonex::operation wait operation=sleep on= place=crates/"));
    assert!(said[0].ends_with("outcome=done") && said[1].ends_with("outcome=stopped"));
    assert!(said[2].contains("on=a context") && said[2].ends_with("outcome=dropped"));
}

#[test]
fn what_blocks_is_counted_as_well() {
    let (book, _) = listening(true, false, |clock| {
        let theirs = clock.clone();
        let other = std::thread::spawn(move || {
            while theirs.timers() == 0 {
                std::thread::yield_now();
            }
            theirs.advance(SECOND);
        });
        rt::sleep(SECOND).block();
        other.join().unwrap();
        let ready = rt::sleep(SECOND).timeout(Duration::ZERO).block();
        assert_eq!(ready, Err(Stop::Timeout), "stopped before it waits");
    });
    // The first line is how long, which depends on who was quicker: the clock or the thread that parks.
    assert_eq!(
        book.lines()[1..],
        [
            "gonex_operation_waits_total{operation=sleep,on=,outcome=done} 1",
            "gonex_operations_waiting{operation=sleep,on=} 0",
        ]
    );
}

#[test]
fn what_is_ready_at_once_has_not_waited() {
    let (book, spans) = listening(true, true, |_| {
        assert!(poll(pin!(rt::sleep(Duration::ZERO))).is_ready());
    });
    assert!(book.lines().is_empty() && spans.lines().is_empty());
}

#[test]
fn off_nobody_is_told() {
    let (book, spans) = listening(false, false, |clock| {
        let mut trace = TaskTrace::handed_in("closure", || -> String { unreachable!("it is off") });
        let mut nap = pin!(rt::sleep(SECOND));
        assert!(poll(nap.as_mut()).is_pending());
        // Not before the next begins.
        telemetry::set_metrics(true).unwrap();
        trace.started();
        trace.ended(TaskOutcome::Done);
        clock.advance(SECOND);
        assert!(poll(nap.as_mut()).is_ready());
    });
    assert!(book.lines().is_empty() && spans.lines().is_empty());
}

#[test]
fn what_began_is_told_to_its_end() {
    let (book, _) = listening(true, false, |_| {
        let mut trace = TaskTrace::handed_in("closure", || "adder");
        trace.started();
        telemetry::set_metrics(false).unwrap();
        trace.ended(TaskOutcome::Done);
    });
    assert!(book.lines().contains(&"gonex_tasks_running{kind=closure} 0".to_owned()));
}

#[test]
fn each_can_be_had_alone() {
    let task = || TaskTrace::handed_in("closure", || "adder").ended(TaskOutcome::Done);
    let (book, spans) = listening(true, false, |_| task());
    assert!(!book.lines().is_empty() && spans.lines().is_empty());
    let (book, spans) = listening(false, true, |_| task());
    assert!(book.lines().is_empty() && !spans.lines().is_empty());
}

#[test]
fn a_recorder_that_panics_harms_no_task() {
    let _turn = Turn::new(true, false);
    metrics::with_local_recorder(&listen::Hostile, || {
        let mut trace = TaskTrace::handed_in("closure", || "adder");
        trace.started();
        assert_eq!(trace.inside(|| 7), 7);
        trace.ended(TaskOutcome::Done);
        assert!(poll(pin!(rt::sleep(SECOND))).is_pending());
    });
}

#[test]
fn what_a_recorder_waits_for_is_not_recorded() {
    let _turn = Turn::new(true, false);
    let waits = listen::Waits::default();
    metrics::with_local_recorder(&waits, || {
        assert!(poll(pin!(rt::sleep(SECOND))).is_pending());
    });
    assert_eq!(waits.calls(), 4, "waiting + 1, waiting - 1, waits, seconds");
}
