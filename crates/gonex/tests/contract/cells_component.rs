//! Rows of the table: components and runtimes, and how they are stopped.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use gonex::component::{Component, Failure, Lifecycle, Registry, ShutdownReport};
use gonex::{Handle, Op, PanicHook, Runtime, TaskError, rt};

use crate::support::{Gate, cancelled, leaves_nothing, poll_once};

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

/// A runtime that runs one closure at a time, one that holds it, and the gate at which it does.
fn working() -> (Runtime, Gate, Handle<()>) {
    let runtime = Runtime::builder().threads(NonZeroUsize::MIN).build().unwrap();
    let gate = Gate::new();
    let task = runtime.go(gate.pass());
    gate.entered();
    (runtime, gate, task)
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
    "runtime.shutdown(deadline)" {
        "drop": "tasks from outside are refused from its first step on; those that were taken go on, and another shutdown takes it up" => || {
            let (runtime, gate, mut task) = working();
            leaves_nothing(runtime.shutdown(rt::now() + HOUR));
            assert!(matches!(runtime.go(|| 1).join().block(), Err(TaskError::Refused { .. })));
            gate.open();
            assert!(runtime.shutdown(rt::now() + HOUR).block().is_clean());
            assert_eq!(task.join().block(), Ok(()));
        };
        "time-out": "what has not ended is given up: queued closures are lost, those that run linger; yields the report" => || {
            let (runtime, gate, mut task) = working();
            let mut queued = runtime.go(|| 1);
            let report = runtime.shutdown(rt::now() + HOUR).timeout(Duration::ZERO).block();
            assert_eq!((report.lost, report.lingering), (1, 1), "{report}");
            assert_eq!(queued.join().block(), Err(TaskError::lost(false)));
            gate.open();
            assert_eq!(task.join().block(), Ok(()));
        };
        "cancel": "as timed out" => || {
            let (runtime, gate, mut task) = working();
            let report = runtime.shutdown(rt::now() + HOUR).within(&cancelled()).block();
            assert_eq!((report.lost, report.lingering), (0, 1), "{report}");
            gate.open();
            assert_eq!(task.join().block(), Ok(()));
        };
        "close": "is what it does; once it is done, another has nothing to do" => || {
            let (runtime, gate, mut task) = working();
            gate.open();
            assert_eq!(runtime.shutdown(rt::now() + HOUR).block().lingering, 0);
            assert!(runtime.shutdown(rt::now() + HOUR).block().is_clean());
            assert_eq!(task.join().block(), Ok(()));
        };
        "panic": "of a task is the business of its handle; of a part, as in `registry.shutdown_all`" => || {
            let runtime = Runtime::builder().panic_hook(PanicHook::Quiet).build().unwrap();
            let mut task = runtime.go(|| panic!("no"));
            assert!(runtime.shutdown(rt::now() + HOUR).block().is_clean());
            assert!(matches!(task.join().block(), Err(TaskError::Panicked(_))));
        };
        "bound reached": "of the deadline: as timed out" => || {
            let (runtime, gate, mut task) = working();
            let report = runtime.shutdown(rt::now()).block();
            assert_eq!((report.lost, report.lingering), (0, 1), "{report}");
            gate.open();
            assert_eq!(task.join().block(), Ok(()));
        };
    }
}
