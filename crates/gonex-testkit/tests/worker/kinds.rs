//! The kinds of workers there are.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_runtime::Runtime;
use gonex_runtime::pool::kind;
use gonex_testkit::worker::{Conformance, Deed, Probe, SimulatedWorkers, conformance};

#[test]
fn threads() {
    conformance(|| kind::threads(Probe::run));
}

#[test]
fn tasks_of_a_runtime() {
    let runtime = Runtime::new().unwrap();
    let four = NonZeroU32::new(4).unwrap();
    conformance(move || {
        runtime.enter(|| {
            kind::tasks(four, |probe: Probe| async move {
                // What waits is moved off: a future must not block.
                gonex_runtime::go(move || probe.run()).await.unwrap_or_else(|error| match error {
                    gonex_task::TaskError::Panicked(panic) => panic!("{}", panic.message),
                    other => panic!("{other}"),
                })
            })
        })
    });
}

#[test]
fn simulated_ones() {
    for is_mortal in [false, true] {
        let manual = Manual::new();
        let made: Arc<std::sync::Mutex<Option<SimulatedWorkers<Probe, u64>>>> = Arc::default();
        let (theirs, clock) = (made.clone(), manual.clone());
        let make = move || {
            let plan = |_: &Probe| Deed::Takes(Duration::from_millis(1));
            let workers = SimulatedWorkers::new(&clock, plan, Probe::run);
            let workers = if is_mortal { workers.mortal() } else { workers };
            let kind = workers.kind();
            *theirs.lock().unwrap() = Some(workers);
            kind
        };
        let drive = move || {
            let workers = made.lock().unwrap().clone();
            if let Some(workers) = workers {
                let until = rt::enter(Arc::new(manual.clone()), rt::now) + Duration::from_millis(1);
                workers.drive(until, || None);
            }
        };
        Conformance::new(make).driven_by(drive).run();
    }
}
