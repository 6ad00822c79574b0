//! What insight says of the tasks of a runtime. It belongs to the process, so the tests take turns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use gonex_core::insight::{self, TaskState, register_task};
use gonex_runtime::{Group, Runtime, go, go_with};
use gonex_sync::channel;
use gonex_task::{TaskError, TaskOptions};

mod support;
use support::{by_hand, drive};

/// Insight on for one test alone; off again at its end.
struct Turn {
    _alone: MutexGuard<'static, ()>,
}

impl Turn {
    fn new() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let alone = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        insight::enable();
        // A task leaves the register after its result has been seen, and perhaps after its test has ended.
        until("those of the test before have gone", || insight::snapshot().is_empty());
        Self { _alone: alone }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        insight::on_stall(None);
        insight::disable();
    }
}

fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}:\n{}", insight::snapshot());
        thread::yield_now();
    }
}

fn state_of(name: &str) -> Option<TaskState> {
    insight::snapshot().iter().find(|task| task.name.starts_with(name)).map(|task| task.state)
}

#[test]
fn tasks_are_listed_with_what_they_wait_for_and_where_they_come_from() {
    let _turn = Turn::new();
    let runtime = Runtime::new().unwrap();
    let (tx, rx) = channel::<u32>(0);
    let theirs = rx.clone();
    let closure = TaskOptions::new().name("closure");
    let mut closure = runtime.go_with(&closure, move || theirs.recv().block());
    let options = TaskOptions::new().name("future");
    let line = line!() + 1;
    let mut future = runtime.go_with(&options, async move { rx.recv().await });
    let group = runtime.enter(Group::new);
    let (quiet, silence) = channel::<u32>(0);
    runtime.enter(|| group.try_spawn(move || silence.recv().block()).is_ok());
    for name in ["closure", "future", "0 of the group"] {
        until(name, || state_of(name) == Some(TaskState::Waiting));
    }
    let snapshot = insight::snapshot();
    assert_eq!(snapshot.len(), 3);
    let listed = snapshot.iter().find(|task| task.name.starts_with("future")).unwrap();
    assert!(listed.origin.unwrap().file().ends_with("insight.rs"));
    assert_eq!(listed.origin.unwrap().line(), line);
    assert!(listed.waits[0].subject.to_string().starts_with("receive from"));
    let table = snapshot.to_string();
    assert!(table.lines().count() == 4 && table.contains("WAITS TO"), "{table}");

    for n in 0..2 {
        tx.send(n).block().unwrap();
    }
    drop(quiet);
    assert!(closure.join().block().is_ok() && future.join().block().is_ok());
    until("they have ended", || insight::snapshot().is_empty());
}

#[test]
fn a_future_from_before_is_listed_from_its_next_poll_until_its_result_is_seen() {
    let _turn = Turn::new();
    insight::disable();
    let runtime = Runtime::new().unwrap();
    let (tx, rx) = channel::<u32>(0);
    let options = TaskOptions::new().name("early");
    let mut early = runtime.go_with(&options, async move { while rx.recv().await.is_ok() {} });
    tx.send(1).block().unwrap();
    insight::enable();
    until("it is polled", || {
        // The poll that was on its way when insight came on may take some of these, too.
        tx.send(2).block().unwrap();
        state_of("early") == Some(TaskState::Waiting)
    });
    drop(tx);
    assert_eq!(early.join().block(), Ok(()));
    assert!(state_of("early").is_none(), "{}", insight::snapshot());
}

#[test]
fn a_task_that_keeps_its_thread_busy_says_for_how_long() {
    let _turn = Turn::new();
    by_hand(|manual| {
        let (open, gate) = mpsc::channel::<()>();
        let mut busy = go_with(&TaskOptions::new().name("busy"), move || gate.recv().is_ok());
        until("it runs", || state_of("busy") == Some(TaskState::Running));
        manual.advance(Duration::from_secs(90));
        let table = insight::snapshot().to_string();
        let row = table.lines().find(|row| row.starts_with("busy")).unwrap();
        assert!(row.contains("running") && row.contains("90.0s"), "{table}");
        open.send(()).unwrap();
        assert_eq!(drive(manual, busy.join()), Ok(true));
    });
}

/// Two tasks that wait for one another, and the way to end that.
fn deadlock() -> (gonex_task::Handle<bool>, gonex_task::Handle<bool>, impl FnOnce()) {
    let ((left, from_left), (right, from_right)) = (channel::<u8>(1), channel::<u8>(1));
    let way_out = left.clone();
    let options = |name: &str| TaskOptions::new().name(name);
    let first = go_with(&options("first"), move || {
        from_left.recv().block().is_ok_and(|n| right.send(n).block().is_ok())
    });
    let second = go_with(&options("second"), async move {
        let got = from_right.recv().await;
        got.is_ok_and(|n| left.try_send(n).is_ok() || n == 1)
    });
    (first, second, move || way_out.try_send(1).unwrap())
}

#[test]
fn tasks_that_wait_for_one_another_and_for_nobody_else_are_a_stall() {
    let _turn = Turn::new();
    let (told, hears) = mpsc::channel();
    insight::on_stall(Some(Arc::new(move |report| told.send(report.to_string()).unwrap())));
    register_task("main").run(|| {
        let (mut first, second, end) = deadlock();
        let (said, saying) = mpsc::channel();
        let watching = thread::spawn(move || {
            let report = hears.recv_timeout(Duration::from_secs(60)).unwrap();
            end();
            said.send(report).unwrap();
        });
        // The main task waits as well, so nobody is left to wake any of them.
        assert_eq!(first.join().block(), Ok(true));
        assert_eq!(second.into_future().block(), Ok(true));
        let report = saying.recv().unwrap();
        assert!(report.starts_with("all 3 tasks wait"), "{report}");
        for name in ["first #", "second #", "main"] {
            assert!(report.contains(name), "{report}");
        }
        watching.join().unwrap();
    });
}

#[test]
fn without_somebody_registered_by_hand_there_is_no_stall() {
    let _turn = Turn::new();
    let told = Arc::new(AtomicBool::new(false));
    let theirs = told.clone();
    insight::on_stall(Some(Arc::new(move |_| theirs.store(true, Ordering::SeqCst))));
    let (mut first, mut second, end) = deadlock();
    until("both wait", || {
        ["first", "second"].iter().all(|name| state_of(name) == Some(TaskState::Waiting))
    });
    assert!(insight::stalled().is_none(), "this thread holds the way out");
    end();
    assert_eq!(first.join().block(), Ok(true));
    assert_eq!(second.join().block(), Ok(true));
    assert!(!told.load(Ordering::SeqCst));
}

#[test]
fn no_stall_is_told_while_tasks_go_on() {
    let _turn = Turn::new();
    let told = Arc::new(Mutex::new(None));
    let theirs = told.clone();
    insight::on_stall(Some(Arc::new(move |report| {
        theirs.lock().unwrap().get_or_insert_with(|| report.to_string());
    })));
    register_task("main").run(|| {
        for round in 0..300_u32 {
            let (tx, rx) = channel::<u32>(0);
            let mut sum = go(move || rx.iter().sum::<u32>());
            let mut sending = go(async move {
                for n in 0..10 {
                    tx.send(go(move || n).await?).await.ok();
                }
                Ok::<_, TaskError>(round)
            });
            assert_eq!(sending.join().block(), Ok(Ok(round)));
            assert_eq!(sum.join().block(), Ok(45));
        }
    });
    assert_eq!(*told.lock().unwrap(), None);
}
