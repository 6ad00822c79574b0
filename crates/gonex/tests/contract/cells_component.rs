//! Rows of the table: components, and how they are stopped.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use gonex::component::{Component, Failure, Lifecycle, Registry, ShutdownReport};
use gonex::{Op, rt};

use crate::support::{cancelled, leaves_nothing, poll_once};

/// A component that ends when somebody sends to it, or never.
struct Part {
    name: &'static str,
    end: Option<gonex::Receiver<()>>,
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
            match &self.end {
                Some(end) => end.recv().await.map_err(|error| error.to_string().into()),
                None => panic!("it does not end"),
            }
        })
    }

    fn is_running(&self) -> bool {
        true
    }
}

const HOUR: Duration = Duration::from_secs(3600);

/// Two components, the second of which waits for its end, and the way to end it.
fn waiting() -> (Registry, gonex::Sender<()>) {
    let registry = Registry::new();
    let (first, ended) = gonex::channel(1);
    first.try_send(()).unwrap();
    registry.register(Arc::new(Part { name: "first", end: Some(ended) })).unwrap().keep();
    let (tx, rx) = gonex::channel(1);
    registry.register(Arc::new(Part { name: "second", end: Some(rx) })).unwrap().keep();
    (registry, tx)
}

fn endings(report: &ShutdownReport) -> Vec<(&str, Result<(), Failure>)> {
    report.parts.iter().map(|part| (&*part.name, part.ending.clone())).collect()
}

fn stop(registry: &Registry) -> Op<Lifecycle> {
    registry.get("second").unwrap().stop(rt::now() + HOUR)
}

crate::table::cells! {
    "component.stop(deadline)" {
        "drop": "nobody waits for its end any more; what it leaves is the component's to say" => || {
            let (registry, _end) = waiting();
            leaves_nothing(stop(&registry));
        };
        "time-out": "yields `Failure::Timeout`" => || {
            let (registry, _end) = waiting();
            let late = stop(&registry).timeout(Duration::ZERO).block();
            assert_eq!(late, Err(Failure::Timeout));
        };
        "cancel": "yields `Failure::Cancelled` with the cause" => || {
            let (registry, _end) = waiting();
            let ended = stop(&registry).within(&cancelled()).block();
            assert!(matches!(ended, Err(Failure::Cancelled(_))));
        };
        "close": "does not occur: what has ended already yields `Ok` at once" => || {
            assert_eq!(Lifecycle::done().block(), Ok(()));
        };
        "panic": "of the component: yields `Failure::Panicked(message)`" => || {
            let part = Arc::new(Part { name: "part", end: None });
            let ended = part.stop(rt::now()).block();
            assert_eq!(ended, Err(Failure::Panicked("it does not end".to_owned())));
        };
        "bound reached": "of the deadline, which is the component's to keep: nothing by itself";
    }
    "registry.shutdown_all(deadline)" {
        "drop": "those that have not ended stay on the list, for the next shutdown" => || {
            let (registry, end) = waiting();
            leaves_nothing(registry.shutdown_all(rt::now() + HOUR));
            assert_eq!(registry.len(), 2);
            end.try_send(()).unwrap();
            assert!(registry.shutdown_all(rt::now() + HOUR).block().is_clean());
        };
        "time-out": "the others are still asked to stop; yields a report in which those that have not ended have `Failure::Timeout`" => || {
            let (registry, _end) = waiting();
            let report = registry.shutdown_all(rt::now() + HOUR).timeout(Duration::ZERO).block();
            assert_eq!(endings(&report), [("second", Err(Failure::Timeout)), ("first", Ok(()))]);
        };
        "cancel": "as timed out, with `Failure::Cancelled`" => || {
            let (registry, _end) = waiting();
            let report = registry.shutdown_all(rt::now() + HOUR).within(&cancelled()).block();
            assert!(matches!(endings(&report)[..], [(_, Err(Failure::Cancelled(_))), (_, Ok(()))]));
        };
        "close": "is what it does: nothing can be registered from its first step on; another shutdown meanwhile has nothing to do" => || {
            let (registry, _end) = waiting();
            let mut shutdown = pin!(registry.shutdown_all(rt::now() + HOUR));
            assert!(poll_once(&mut shutdown).is_pending());
            assert!(registry.register(Arc::new(Part { name: "late", end: None })).is_err());
            assert!(registry.shutdown_all(rt::now()).block().parts.is_empty());
        };
        "panic": "of a component: the report has `Failure::Panicked`, and the others are stopped" => || {
            let (registry, end) = waiting();
            end.try_send(()).unwrap();
            registry.register(Arc::new(Part { name: "third", end: None })).unwrap().keep();
            let report = registry.shutdown_all(rt::now() + HOUR).block();
            let said = endings(&report);
            assert_eq!(said[0], ("third", Err(Failure::Panicked("it does not end".to_owned()))));
            assert_eq!(said[1..], [("second", Ok(())), ("first", Ok(()))]);
        };
        "bound reached": "of the deadline: as timed out" => || {
            let (registry, end) = waiting();
            let mut shutdown = pin!(registry.shutdown_all(rt::now()));
            let Poll::Ready(report) = poll_once(&mut shutdown) else { panic!("its time is over") };
            assert_eq!(endings(&report), [("second", Err(Failure::Timeout)), ("first", Ok(()))]);
            drop(end);
        };
    }
}
