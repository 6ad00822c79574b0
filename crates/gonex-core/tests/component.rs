//! Registries: what components say, how they are stopped, and that none harms another.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

use std::future::{self, Future};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::component::{
    Component, Failure, Health, Lifecycle, Metrics, RegisterError, Registry, Snapshot,
};
use gonex_core::rt::{self, Manual};
use gonex_core::{Context, Instant, Op};
use proptest::prelude::*;

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// How a component ends when it is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    AtOnce,
    Never,
    AfterAStep,
    Fails,
    Panics,
    PanicsLater,
}

struct Part {
    name: String,
    end: End,
    log: Log,
    running: AtomicBool,
}

impl Part {
    fn new(name: &str, end: End, log: &Log) -> Arc<Self> {
        let (name, log) = (name.to_owned(), log.clone());
        Arc::new(Self { name, end, log, running: AtomicBool::new(true) })
    }
}

async fn step() {
    let mut first = true;
    future::poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

impl Component for Part {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &str {
        "part"
    }

    fn stop(self: Arc<Self>, _: Instant) -> Op<Lifecycle> {
        self.log.add(format!("stop {}", self.name));
        assert_ne!(self.end, End::Panics, "it will not");
        if self.end == End::AtOnce {
            self.running.store(false, Ordering::Relaxed);
            return Lifecycle::done();
        }
        Lifecycle::of(async move {
            match self.end {
                End::Never => future::pending().await,
                End::AfterAStep => step().await,
                End::PanicsLater => {
                    step().await;
                    panic!("not like this");
                }
                _ => return Err("out of order".into()),
            }
            self.running.store(false, Ordering::Relaxed);
            self.log.add(format!("ended {}", self.name));
            Ok(())
        })
    }

    fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    fn metrics(&self) -> Metrics {
        Metrics::new().with_count("parts", 1).with_gauge("load", 0.5)
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::map().with("end", format!("{:?}", self.end))
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut TaskContext::from_waker(Waker::noop()))
}

fn registry(ends: &[(&str, End)]) -> (Registry, Log) {
    let (registry, log) = (Registry::new(), Log::default());
    for (name, end) in ends {
        registry.register(Part::new(name, *end, &log)).unwrap().keep();
    }
    (registry, log)
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn the_last_registered_is_stopped_first_and_each_after_the_one_before() {
    let ends = [("a", End::AfterAStep), ("b", End::AtOnce), ("c", End::AfterAStep)];
    let (registry, log) = registry(&ends);
    let report = registry.shutdown_all(rt::now() + HOUR).block();
    assert!(report.is_clean() && registry.is_empty());
    assert_eq!(log.take(), ["stop c", "ended c", "stop b", "stop a", "ended a"]);
    let said = report.to_string();
    assert!(said.starts_with("the part \"c\" has ended\nthe part \"b\" has ended\n"), "{said}");
}

#[test]
fn each_ending_is_reported_and_the_others_go_on() {
    let ends = [
        ("ends", End::AtOnce),
        ("fails", End::Fails),
        ("panics", End::Panics),
        ("panics later", End::PanicsLater),
    ];
    let (registry, _) = registry(&ends);
    let (troubles, told) = (Log::default(), Log::default());
    let theirs = troubles.clone();
    registry.on_error(Some(Arc::new(move |trouble| theirs.add(trouble.to_string()))));
    let report = registry.shutdown_all(rt::now() + HOUR).block();
    for part in &report.parts {
        told.add(match &part.ending {
            Ok(()) => format!("{}: ended", part.name),
            Err(failure) => format!("{}: {failure}", part.name),
        });
    }
    let told = told.take();
    assert_eq!(told[0], "panics later: panicked: not like this");
    assert!(told[1].starts_with("panics: panicked: ") && told[1].contains("it will not"));
    assert_eq!(told[2..], ["fails: failed: out of order", "ends: ended"]);
    let troubles = troubles.take();
    assert_eq!(troubles[0], "the part \"panics later\", in `stop`: panicked: not like this");
    assert_eq!(troubles.len(), 3);
}

#[test]
fn at_the_deadline_the_others_are_asked_and_not_waited_for() {
    let clock = Arc::new(Manual::new());
    rt::enter(clock.clone(), || {
        let ends = [("a", End::AtOnce), ("b", End::AfterAStep), ("c", End::Never)];
        let (registry, log) = registry(&ends);
        let mut shutdown = pin!(registry.shutdown_all(rt::now() + HOUR));
        assert!(poll(shutdown.as_mut()).is_pending());
        assert_eq!(log.take(), ["stop c"]);
        assert_eq!(registry.len(), 3, "they are on the list until they have ended");
        clock.advance(HOUR);
        let Poll::Ready(report) = poll(shutdown.as_mut()) else { panic!("its time is over") };
        let endings: Vec<_> = report.parts.iter().map(|part| part.ending.clone()).collect();
        assert_eq!(endings, [Err(Failure::Timeout), Err(Failure::Timeout), Ok(())]);
        assert_eq!(log.take(), ["stop b", "stop a"]);
        assert!(registry.is_empty());
    });
}

#[test]
fn a_cancelled_shutdown_says_so_of_each() {
    let (registry, log) = registry(&[("a", End::Never), ("b", End::Never)]);
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    let report = registry.shutdown_all(rt::now() + HOUR).within(&context).block();
    let cancelled = |failure: &Failure| matches!(failure, Failure::Cancelled(_));
    assert!(report.parts.iter().all(|part| part.ending.as_ref().is_err_and(cancelled)));
    assert_eq!((report.parts.len(), log.take().len()), (2, 2));
}

#[test]
fn a_dropped_shutdown_leaves_the_rest_to_the_next() {
    let (registry, log) = registry(&[("a", End::AtOnce), ("b", End::Never), ("c", End::AtOnce)]);
    {
        let mut shutdown = pin!(registry.shutdown_all(rt::now() + HOUR));
        assert!(poll(shutdown.as_mut()).is_pending());
        let meanwhile = registry.shutdown_all(rt::now() + HOUR).block();
        assert!(meanwhile.parts.is_empty(), "all are taken on");
    }
    assert_eq!((log.take().len(), registry.len()), (2, 2));
    let report = registry.shutdown_all(rt::now()).block();
    assert_eq!(report.parts.len(), 2);
    assert_eq!(log.take(), ["stop b", "stop a"]);
}

#[test]
fn a_shut_down_registry_takes_no_more() {
    let (registry, log) = registry(&[]);
    drop(registry.shutdown_all(rt::now()).block());
    let refused = registry.register(Part::new("late", End::AtOnce, &log)).unwrap_err();
    assert!(matches!(&refused, RegisterError::ShutDown { name, .. } if &**name == "late"));
    assert!(refused.to_string().contains("\"late\""));
}

#[test]
fn a_name_is_taken_once_and_free_again_after() {
    let (registry, log) = registry(&[("a", End::AtOnce)]);
    let taken = registry.register(Part::new("a", End::AtOnce, &log)).unwrap_err();
    assert!(taken.to_string().contains("part \"a\""), "{taken}");
    assert!(registry.unregister("a") && !registry.unregister("a"));
    assert!(log.take().is_empty(), "it runs on");
    let guard = registry.register(Part::new("a", End::AtOnce, &log)).unwrap();
    assert!(registry.unregister("a"));
    registry.register(Part::new("a", End::AtOnce, &log)).unwrap().keep();
    drop(guard);
    assert!(registry.get("a").is_some(), "a guard takes its own component off, and no other");
}

#[test]
fn the_registry_lets_go_of_what_is_unregistered() {
    let (registry, log) = registry(&[]);
    let part = Part::new("a", End::AtOnce, &log);
    let guard = registry.register(part.clone()).unwrap();
    assert_eq!(Arc::strong_count(&part), 2);
    drop(guard);
    assert_eq!(Arc::strong_count(&part), 1);
    let guard = registry.register(part.clone()).unwrap();
    drop(registry);
    assert_eq!(Arc::strong_count(&part), 1, "a guard keeps no registry");
    drop(guard);
}

#[test]
fn numbers_are_added_up_and_states_are_listed() {
    let (registry, _) = registry(&[("a", End::AtOnce), ("b", End::Fails)]);
    let metrics = registry.metrics();
    assert_eq!((metrics.count("parts"), metrics.value("load")), (Some(2), Some(1.0)));
    let Snapshot::List(list) = registry.snapshot() else { panic!("a list") };
    assert_eq!(list[1].get("name"), Some(&"b".into()));
    assert_eq!(list[1].get("health"), Some(&"healthy".into()));
    assert_eq!(list[1].get("state").and_then(|state| state.get("end")), Some(&"Fails".into()));
    assert_eq!(registry.list(), ["a".into(), "b".into()]);
    registry.reset_metrics();
}

/// Panics wherever it can.
struct Hostile(AtomicUsize);

impl Component for Hostile {
    fn name(&self) -> &str {
        "hostile"
    }

    fn kind(&self) -> &str {
        "part"
    }

    fn stop(self: Arc<Self>, _: Instant) -> Op<Lifecycle> {
        panic!("stop")
    }

    fn is_running(&self) -> bool {
        panic!("is_running")
    }

    fn snapshot(&self) -> Snapshot {
        panic!("snapshot")
    }

    fn metrics(&self) -> Metrics {
        panic!("metrics")
    }

    fn reset_metrics(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("reset_metrics")
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        panic!("drop")
    }
}

#[test]
fn a_component_that_panics_everywhere_harms_nobody() {
    let (registry, log) = registry(&[("a", End::AtOnce)]);
    let told = Log::default();
    let theirs = told.clone();
    registry.on_error(Some(Arc::new(move |trouble| {
        theirs.add(trouble.during);
        panic!("a handler that panics as well");
    })));
    registry.register(Arc::new(Hostile(AtomicUsize::new(0)))).unwrap().keep();
    registry.register(Part::new("b", End::AtOnce, &log)).unwrap().keep();
    assert_eq!(registry.metrics().count("parts"), Some(2));
    let health = registry.health();
    assert_eq!(health, Health::unhealthy("hostile: its health() panicked: is_running"));
    let Snapshot::List(list) = registry.snapshot() else { panic!("a list") };
    assert_eq!(list[1].get("metrics"), Some(&Snapshot::None));
    assert_eq!(list[2].get("running"), Some(&Snapshot::Bool(true)));
    registry.reset_metrics();
    let report = registry.shutdown_all(rt::now()).block();
    assert_eq!(report.parts.iter().filter(|part| part.ending.is_ok()).count(), 2);
    assert_eq!(
        told.take(),
        [
            "metrics",
            "health",
            "health",
            "is_running",
            "metrics",
            "snapshot",
            "reset_metrics",
            "stop"
        ]
    );
    registry.on_error(None);
}

#[test]
fn components_come_and_go_on_many_threads() {
    let (registry, log) = registry(&[]);
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let (registry, log) = (registry.clone(), log.clone());
            thread::spawn(move || {
                for round in 0..200 {
                    let mine = format!("{worker}/{round}");
                    let guard = registry.register(Part::new(&mine, End::AtOnce, &log)).unwrap();
                    assert!(registry.get(&mine).is_some());
                    // One that all want, and one of them gets.
                    let shared = registry.register(Part::new("shared", End::AtOnce, &log));
                    assert!(registry.metrics().count("parts") >= Some(1));
                    drop((guard, shared));
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert!(registry.is_empty());
}

proptest! {
    /// Whatever is registered, taken off and shut down: what ends is what is listed, the last one first.
    #[test]
    fn the_list_is_what_a_list_would_be(steps in prop::collection::vec((0..6_u8, 0..4_u8), 0..60)) {
        let (registry, log) = registry(&[]);
        let mut model: Vec<String> = Vec::new();
        for (name, action) in steps {
            let name = name.to_string();
            if action == 0 {
                let was_there = model.iter().position(|known| *known == name);
                prop_assert_eq!(registry.unregister(&name), was_there.is_some());
                was_there.map(|at| model.remove(at));
            } else {
                let registered = registry.register(Part::new(&name, End::AtOnce, &log));
                prop_assert_eq!(registered.is_ok(), !model.contains(&name));
                if let Ok(guard) = registered {
                    guard.keep();
                    model.push(name);
                }
            }
            prop_assert_eq!(registry.list().iter().map(ToString::to_string).collect::<Vec<_>>(), model.clone());
        }
        let report = registry.shutdown_all(rt::now()).block();
        model.reverse();
        prop_assert_eq!(report.parts.iter().map(|part| part.name.to_string()).collect::<Vec<_>>(), model);
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_snapshot_is_serialised_as_what_it_stands_for() {
    let (registry, _) = registry(&[("a", End::AtOnce)]);
    let json = serde_json::to_value(registry.snapshot()).unwrap();
    let expected = serde_json::json!([{
        "name": "a",
        "kind": "part",
        "running": true,
        "health": "healthy",
        "reason": null,
        "metrics": { "load": 0.5, "parts": 1 },
        "state": { "end": "AtOnce" },
    }]);
    assert_eq!(json, expected);
    assert_eq!(serde_json::to_value(registry.metrics()).unwrap(), expected[0]["metrics"]);
}
