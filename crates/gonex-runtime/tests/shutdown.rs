//! A runtime that is shut down: what becomes of its tasks, its parts and its threads.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, Instant};

use gonex_core::component::{Component, Lifecycle};
use gonex_core::{Context, Op, rt};
use gonex_runtime::{Group, Runtime, go};
use gonex_task::TaskError;

mod support;
use support::{by_hand, drive};

#[path = "support/until.rs"]
mod until;
use until::until;

const MINUTE: Duration = Duration::from_secs(60);

fn runtime(name: &str) -> Runtime {
    Runtime::builder().threads(NonZeroUsize::new(2).unwrap()).name(name).build().unwrap()
}

/// The threads of this process with such a name.
#[cfg(target_os = "linux")]
fn threads(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|found| found.starts_with(name)).count()
}

/// A closure that waits for its gate, by means that no context stops.
fn gated() -> (mpsc::Sender<()>, impl FnOnce() -> u32 + Send) {
    let (open, gate) = mpsc::channel();
    (open, move || gate.recv().map_or(0, |()| 1))
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_taken_is_finished_and_no_thread_is_left() {
    let runtime = runtime("fin");
    let (opens, gates): (Vec<_>, Vec<_>) = (0..20).map(|_| gated()).unzip();
    let mut closures: Vec<_> = gates.into_iter().map(|gate| runtime.go(gate)).collect();
    let (tx, rx) = gonex_sync::channel::<u32>(0);
    let mut future = runtime.go(async move { rx.recv().await });
    until("its threads have begun", || threads("fin") >= 2);

    let mut shutdown = pin!(runtime.shutdown(rt::now() + MINUTE));
    let mut cx = TaskContext::from_waker(Waker::noop());
    assert!(shutdown.as_mut().poll(&mut cx).is_pending());
    assert!(matches!(runtime.go(|| 1).join().block(), Err(TaskError::Refused { .. })));
    assert!(matches!(runtime.go(async { 1 }).join().block(), Err(TaskError::Refused { .. })));

    opens.iter().for_each(|open| open.send(()).unwrap());
    tx.send(7).block().unwrap();
    let report = gonex_runtime::aio::block_on(shutdown);
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.ended, report.refused), (21, 2));
    assert!(closures.iter_mut().all(|task| task.join().block() == Ok(1)));
    assert_eq!(future.join().block(), Ok(Ok(7)));
    until("its threads end", || threads("fin") == 0);
    assert_eq!(runtime.stats().threads, 0);
    drop(runtime);
}

#[test]
fn what_runs_may_start_what_it_needs() {
    let runtime = runtime("needs");
    let (open, gate) = gated();
    let mut outer = runtime.go(move || {
        gate();
        let inner = go(async { go(|| 20).await.unwrap() + 1 });
        inner.into_future().block().unwrap() * 2
    });
    let mut shutdown = pin!(runtime.shutdown(rt::now() + MINUTE));
    let mut cx = TaskContext::from_waker(Waker::noop());
    assert!(shutdown.as_mut().poll(&mut cx).is_pending());
    open.send(()).unwrap();
    let report = gonex_runtime::aio::block_on(shutdown);
    assert!(report.is_clean() && report.refused == 0, "{report}");
    assert_eq!(outer.join().block(), Ok(42));
}

#[test]
fn at_the_deadline_the_rest_is_given_up() {
    by_hand(|manual| {
        let runtime = Runtime::current();
        let (opens, gates): (Vec<_>, Vec<_>) = (0..5).map(|_| gated()).unzip();
        let mut closures: Vec<_> = gates.into_iter().map(|gate| runtime.go(gate)).collect();
        until("two run", || runtime.stats().queued == 3);
        let (tx, rx) = gonex_sync::channel::<u32>(0);
        let mut future = runtime.go(async move { rx.recv().await.is_ok() });

        let report = drive(manual, runtime.shutdown(rt::now() + MINUTE));
        assert!(!report.is_clean());
        assert_eq!((report.ended, report.lost, report.lingering), (0, 4, 2), "{report}");
        assert!(report.to_string().contains("4 were lost, 2 linger"), "{report}");
        assert_eq!(future.join().block(), Err(TaskError::lost(true)));
        drop(tx);

        // Those that run were left alone, and go on.
        opens.iter().for_each(|open| open.send(()).unwrap_or_default());
        let (went_on, lost): (Vec<_>, Vec<_>) =
            closures.iter_mut().map(|task| task.join().block()).partition(|end| *end == Ok(1));
        assert_eq!(went_on.len(), 2);
        assert!(lost.iter().all(|end| *end == Err(TaskError::lost(false))), "{lost:?}");
        until("its threads end", || runtime.stats().threads == 0);
    });
}

#[test]
fn a_limit_or_a_context_that_stops_comes_before_the_deadline() {
    let runtime = runtime("limited");
    let (open, gate) = gated();
    let mut task = runtime.go(gate);
    until("it runs", || runtime.stats().queued == 0);
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("a second signal");
    let report = context.run(|| runtime.shutdown(rt::now() + MINUTE).block());
    assert_eq!((report.lost, report.lingering), (0, 1), "{report}");
    open.send(()).unwrap();
    assert_eq!(task.join().block(), Ok(1));
}

#[test]
fn dropping_a_runtime_that_was_given_up_waits_for_nothing() {
    let runtime = runtime("given up");
    let (open, gate) = gated();
    let mut task = runtime.go(gate);
    until("it runs", || runtime.stats().queued == 0);
    let report = runtime.shutdown(rt::now()).block();
    assert_eq!(report.lingering, 1, "{report}");
    drop(runtime);
    open.send(()).unwrap();
    assert_eq!(task.join().block(), Ok(1));
}

/// A part that notes when it stops, and needs a task for it.
struct Part {
    name: &'static str,
    log: Arc<Mutex<Vec<String>>>,
}

impl Component for Part {
    fn name(&self) -> &str {
        self.name
    }

    fn kind(&self) -> &str {
        "part"
    }

    fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
        Lifecycle::of(async move {
            let name = self.name;
            let line = go(move || format!("{name} stops")).await.map_err(|e| e.to_string())?;
            self.log.lock().unwrap().push(line);
            Ok(())
        })
    }

    fn is_running(&self) -> bool {
        true
    }
}

#[test]
fn parts_stop_after_the_tasks_the_last_one_first() {
    let runtime = runtime("parts");
    let log = Arc::new(Mutex::new(Vec::new()));
    for name in ["database", "server"] {
        let part = Arc::new(Part { name, log: log.clone() });
        runtime.registry().register(part).unwrap().keep();
    }
    let (open, gate) = gated();
    let theirs = log.clone();
    let mut task = runtime.go(move || {
        gate();
        theirs.lock().unwrap().push("the task ends".to_owned());
    });
    let report = runtime.enter(|| {
        let mut shutdown = pin!(runtime.shutdown(rt::now() + MINUTE));
        let mut cx = TaskContext::from_waker(Waker::noop());
        assert!(shutdown.as_mut().poll(&mut cx).is_pending());
        open.send(()).unwrap();
        gonex_runtime::aio::block_on(shutdown)
    });
    assert!(report.is_clean(), "{report}");
    assert_eq!(*log.lock().unwrap(), ["the task ends", "server stops", "database stops"]);
    assert_eq!(report.ended, 3);
    assert!(report.to_string().ends_with("the part \"database\" has ended\n"), "{report}");
    assert_eq!(task.join().block(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn futures_on_a_tokio_runtime_around_are_waited_for() {
    let runtime = runtime("around");
    let mut task = runtime.go(async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        runtime_of_the_task().go(|| 1).await
    });
    let report = runtime.shutdown(rt::now() + MINUTE).await;
    assert!(report.is_clean() && report.refused == 0, "{report}");
    assert_eq!(task.join().await, Ok(Ok(1)));

    let other = self::runtime("around");
    let mut endless = other.go(std::future::pending::<()>());
    let report = other.shutdown(rt::now() + MINUTE).await;
    assert_eq!((report.lost, report.lingering), (0, 1), "{report}");
    endless.cancel("enough");
    assert!(matches!(endless.join().await, Err(TaskError::Cancelled(_))));
}

fn runtime_of_the_task() -> Runtime {
    Runtime::current()
}

#[test]
fn a_group_that_is_cancelled_ends_in_time() {
    let runtime = runtime("group");
    let (_tx, rx) = gonex_sync::channel::<u32>(0);
    let mut group = runtime.enter(|| {
        let group = Group::new();
        for _ in 0..100 {
            let rx = rx.clone();
            group.spawn(move || rx.recv().block().is_ok()).block();
        }
        group
    });
    group.cancel("the program ends");
    let report = runtime.shutdown(rt::now() + MINUTE).block();
    assert!(report.is_clean(), "{report}");
    assert_eq!(group.wait_each().block().unwrap().len(), 100);
}

#[test]
fn a_shutdown_that_was_dropped_is_taken_up_by_the_next() {
    let runtime = runtime("twice");
    let (open, gate) = gated();
    let mut task = runtime.go(gate);
    {
        let mut shutdown = pin!(runtime.shutdown(rt::now() + MINUTE));
        let polled = shutdown.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending));
    }
    assert!(matches!(runtime.go(|| 1).join().block(), Err(TaskError::Refused { .. })));
    open.send(()).unwrap();
    let report = runtime.shutdown(rt::now() + MINUTE).block();
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.refused, 1);
    assert_eq!(task.join().block(), Ok(1));
    assert!(runtime.shutdown(rt::now() + MINUTE).block().is_clean(), "there is nothing left");
}
