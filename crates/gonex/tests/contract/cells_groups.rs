//! The rows of tasks that have an owner.

use std::panic::resume_unwind;
use std::time::Duration;

use gonex::{Group, Runtime, Stop, TaskError, TryError, TryGroup, scope};

use crate::support::{Gate, cancelled, leaves_nothing, quiet};

/// A group whose only slot is taken by a task that waits at the gate.
fn full() -> (Group<u8>, Gate) {
    let gate = Gate::new();
    let pass = gate.pass();
    let group = Group::new().limit(1);
    group
        .spawn(move || {
            pass();
            7
        })
        .block();
    gate.entered();
    (group, gate)
}

/// A group of one task, which panics.
fn failing(runtime: &Runtime) -> Group<u8> {
    runtime.enter(|| {
        let group = Group::new();
        group.spawn(|| -> u8 { resume_unwind(Box::new("oh")) }).block();
        group
    })
}

crate::table::cells! {
    "group.spawn(work)" {
        "drop": "drops the work, which has not started; its place in line goes to the next" => || {
            let (mut group, gate) = full();
            leaves_nothing(group.spawn(|| 8));
            gate.open();
            assert_eq!(group.wait().block(), Ok(vec![7]));
        };
        "time-out": "yields `Stop::Timeout` and drops the work; started if there is a slot" => || {
            let (mut group, gate) = full();
            assert_eq!(group.spawn(|| 8).timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            gate.open();
            assert_eq!(group.wait().block(), Ok(vec![7]));
            assert_eq!(group.spawn(|| 9).timeout(Duration::ZERO).block(), Ok(1));
        };
        "cancel": "yields `Stop::Cancelled`, or unwinds to the task's border, and drops the work" => || {
            let (group, _gate) = full();
            let stopped = group.spawn(|| 8).within(&cancelled()).block();
            assert!(matches!(stopped, Err(Stop::Cancelled(_))));
        };
        "close": "of the group, by its cancellation: the task is not run, and its result says so" => || {
            let mut group = Group::new();
            group.cancel("enough");
            group.spawn(|| 1).block();
            assert!(matches!(group.wait().block(), Err(TaskError::Cancelled(_))));
        };
        "panic": "does not occur: the work runs elsewhere";
        "bound reached": "of the group: waits for a slot, in line; of the runtime: the task is refused, and its result says so" => || {
            let (mut group, gate) = full();
            assert!(group.try_spawn(|| 8).is_err());
            gate.open();
            assert_eq!(group.spawn(|| 8).block(), 1);
            assert_eq!(group.wait().block(), Ok(vec![7, 8]));
        };
    }
    "group.wait()" {
        "drop": "leaves the tasks running, and their results with the group" => || {
            let (mut group, gate) = full();
            leaves_nothing(group.wait());
            gate.open();
            assert_eq!(group.wait().block(), Ok(vec![7]));
        };
        "time-out": "yields `TaskError::Timeout`; as a drop; done if all have just ended" => || {
            let (mut group, gate) = full();
            assert_eq!(group.wait().timeout(Duration::ZERO).block(), Err(TaskError::Timeout));
            gate.open();
            assert_eq!(group.wait().block(), Ok(vec![7]));
        };
        "cancel": "yields `TaskError::Cancelled`; as a drop" => || {
            let (mut group, gate) = full();
            let stopped = group.wait().within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
            gate.open();
            assert_eq!(group.wait().block(), Ok(vec![7]));
        };
        "close": "of the runtime: what is refused or lost is a failure";
        "panic": "of a task: the others are cancelled; yields the failure that came first when all have ended" => || {
            let runtime = quiet();
            assert!(matches!(failing(&runtime).wait().block(), Err(TaskError::Panicked(_))));
        };
        "bound reached": "there is no bound";
    }
    "group.wait_each()" {
        "drop": "as `group.wait()`" => || {
            let (mut group, gate) = full();
            leaves_nothing(group.wait_each());
            gate.open();
            assert_eq!(group.wait_each().block(), Ok(vec![Ok(7)]));
        };
        "time-out": "as `group.wait()`" => || {
            let (mut group, _gate) = full();
            let stopped = group.wait_each().timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TaskError::Timeout));
        };
        "cancel": "as `group.wait()`" => || {
            let (mut group, _gate) = full();
            let stopped = group.wait_each().within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
        };
        "close": "of the runtime: as `group.wait()`";
        "panic": "of a task: is its result, in its place" => || {
            let runtime = quiet();
            let each = failing(&runtime).wait_each().block().unwrap();
            assert!(matches!(&each[..], [Err(TaskError::Panicked(_))]));
        };
        "bound reached": "there is no bound";
    }
    "group.next()" {
        "drop": "leaves the result with the group" => || {
            let (mut group, gate) = full();
            leaves_nothing(group.next());
            gate.open();
            assert_eq!(group.next().block(), Ok(Some(7)));
            assert_eq!(group.next().block(), Ok(None));
        };
        "time-out": "yields `TaskError::Timeout`; as a drop" => || {
            let (mut group, _gate) = full();
            assert_eq!(group.next().timeout(Duration::ZERO).block(), Err(TaskError::Timeout));
        };
        "cancel": "yields `TaskError::Cancelled`; as a drop" => || {
            let (mut group, _gate) = full();
            let stopped = group.next().within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
        };
        "close": "of the runtime: as `group.wait()`";
        "panic": "of the task: yields it, in its turn" => || {
            let runtime = quiet();
            assert!(matches!(failing(&runtime).next().block(), Err(TaskError::Panicked(_))));
        };
        "bound reached": "there is no bound";
    }
    "try_group.wait()" {
        "drop": "as `group.wait()`" => || {
            let gate = Gate::new();
            let pass = gate.pass();
            let mut group = TryGroup::<u8, ()>::new();
            group.spawn(move || { pass(); Ok(1) }).block();
            leaves_nothing(group.wait());
        };
        "time-out": "yields `TryError::Task` with `TaskError::Timeout`; as `group.wait()`" => || {
            let gate = Gate::new();
            let pass = gate.pass();
            let mut group = TryGroup::<(), ()>::new();
            group.spawn(move || { pass(); Ok(()) }).block();
            let stopped = group.wait().timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TryError::Task(TaskError::Timeout)));
        };
        "cancel": "yields `TryError::Task` with `TaskError::Cancelled`; as `group.wait()`" => || {
            let gate = Gate::new();
            let pass = gate.pass();
            let mut group = TryGroup::<(), ()>::new();
            group.spawn(move || { pass(); Ok(()) }).block();
            let stopped = group.wait().within(&cancelled()).block();
            assert!(matches!(stopped, Err(TryError::Task(TaskError::Cancelled(_)))));
        };
        "close": "of the runtime: as `group.wait()`";
        "panic": "of a task, or its own error: the others are cancelled; yields what came first when all have ended" => || {
            let mut group = TryGroup::<(), &str>::new();
            group.spawn(|| Err("oh")).block();
            assert_eq!(group.wait().block(), Err(TryError::Failed("oh")));
        };
        "bound reached": "there is no bound";
    }
    "scoped_handle.join()" {
        "drop": "detaches the handle; the scope still waits for the task" => || {
            let gate = Gate::new();
            let pass = gate.pass();
            let mut ran = false;
            scope(|s| {
                leaves_nothing(s.go(|| { pass(); ran = true; }).join());
                gate.open();
            });
            assert!(ran);
        };
        "time-out": "yields `TaskError::Timeout`; as a drop" => || {
            let gate = Gate::new();
            let pass = gate.pass();
            scope(|s| {
                let stopped = s.go(pass).join().timeout(Duration::ZERO).block();
                assert_eq!(stopped, Err(TaskError::Timeout));
                gate.open();
            });
        };
        "cancel": "yields `TaskError::Cancelled`; as a drop" => || {
            let gate = Gate::new();
            let pass = gate.pass();
            scope(|s| {
                let stopped = s.go(pass).join().within(&cancelled()).block();
                assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
                gate.open();
            });
        };
        "close": "of the runtime: a task that is refused or lost says so";
        "panic": "of the task: yields it, and the scope does not tell it again" => || {
            quiet().enter(|| scope(|s| {
                let joined = s.go(|| resume_unwind(Box::new("oh"))).join().block();
                assert!(matches!(joined, Err::<(), _>(TaskError::Panicked(_))));
            }));
        };
        "bound reached": "there is no bound";
    }
}
