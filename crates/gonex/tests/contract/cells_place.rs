//! The rows of places: what becomes of a task that is handed in.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gonex::place::Why;
use gonex::portable::AfterReply;
use gonex::portable::wire::{Answer, BuildId, Reply};
use gonex::{
    Chain, Context, Inline, PanicHook, Place, PlaceExt, Runtime, Task, TaskError, TaskOptions, rt,
    task,
};

use crate::support::{Gate, cancelled, quiet};

/// A place that has no room for more, and what holds it up.
fn full() -> (Runtime, Gate) {
    let one = NonZeroUsize::MIN;
    let builder = Runtime::builder().threads(one).max_queued(one);
    let runtime = builder.panic_hook(PanicHook::Quiet).build().unwrap();
    let gate = Gate::new();
    runtime.go(gate.pass()).detach();
    gate.entered();
    runtime.go(|| ()).detach();
    (runtime, gate)
}

/// A place that has ended, as a task of it may still hold it.
fn ended() -> Runtime {
    let runtime = quiet();
    runtime.go(Runtime::current).join().block().unwrap()
}

#[task]
fn double(n: u32) -> u32 {
    2 * n
}

#[task(timeout = "1ms")]
fn naps() {
    rt::sleep(Duration::from_secs(3600)).block();
}

#[task]
fn panics() -> u8 {
    std::panic::resume_unwind(Box::new("no"))
}

fn within(context: &Context) -> TaskOptions {
    TaskOptions::new().within(context)
}

crate::table::cells! {
    "place.go(work)" {
        "drop": "of the handle: detaches the task, which runs all the same" => || {
            for place in [&quiet() as &dyn Place, &Inline] {
                let (tell, told) = mpsc::channel();
                drop(place.go(move || tell.send(7).unwrap()));
                assert_eq!(told.recv(), Ok(7));
            }
        };
        "time-out": "of the context: a task that has not begun never does, one that waits ends; its handle says `TaskError::Timeout`" => || {
            for place in [&quiet() as &dyn Place, &Inline] {
                let late = Context::background().with_timeout(Duration::ZERO);
                let never = || unreachable!("it never starts");
                assert_eq!(place.go_with(&within(&late), never).join().block(), Err::<(), _>(TaskError::Timeout));
                let soon = Context::background().with_timeout(Duration::from_millis(1));
                let nap = || rt::sleep(Duration::from_secs(3600)).block();
                assert_eq!(place.go_with(&within(&soon), nap).join().block(), Err(TaskError::Timeout));
            }
        };
        "cancel": "of the context, or by the handle: as a time-out, with `TaskError::Cancelled`" => || {
            for place in [&quiet() as &dyn Place, &Inline] {
                let never = || unreachable!("it never starts");
                let ended = place.go_with(&within(&cancelled()), never).join().block();
                assert!(matches!(ended, Err::<(), _>(TaskError::Cancelled(_))));
            }
        };
        "close": "of the place: `TaskError::Refused`, for what it has taken and not begun `TaskError::Lost`" => || {
            assert!(matches!(ended().go(|| 7).join().block(), Err(TaskError::Refused { .. })));
            let (task, mut handle) = Task::new(|| 7, &TaskOptions::new());
            drop(task);
            assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: false, .. })));
        };
        "panic": "of the task: `TaskError::Panicked`, also where the task runs in the caller, which it does not reach" => || {
            for place in [&quiet() as &dyn Place, &Inline] {
                let ended = place.go(|| -> u8 { std::panic::resume_unwind(Box::new("no")) }).join().block();
                assert!(matches!(ended, Err(TaskError::Panicked(panic)) if panic.message == "no"));
            }
        };
        "bound reached": "`TaskError::Refused`, with the reason; so for a future that `Inline` would block another one with" => || {
            let (full, _gate) = full();
            assert!(matches!(full.go(|| 7).join().block(), Err(TaskError::Refused { .. })));
            let within = quiet().go(async { Inline.go(async { 7 }).await }).join().block();
            assert!(matches!(within, Ok(Err(TaskError::Refused { .. }))));
        };
    }
    "place.submit(task)" {
        "drop": "of the task before it runs: its handle says `TaskError::Lost`" => || {
            let (task, mut handle) = Task::new(async { 7 }, &TaskOptions::new());
            drop(ended().submit(task));
            assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: false, .. })));
        };
        "time-out": "does not occur: it does not wait; `Inline` runs the task first";
        "cancel": "does not occur: as a time-out";
        "close": "of the place: hands the task back whole, with `Why::Unavailable`" => || {
            let (task, mut handle) = Task::new(|| 7, &TaskOptions::new());
            let not_taken = ended().submit(task).unwrap_err();
            assert_eq!(not_taken.why(), Why::Unavailable);
            Inline.submit(not_taken.into_task()).unwrap();
            assert_eq!(handle.join().block(), Ok(7));
        };
        "panic": "of the task: is its handle's, and reaches nobody else" => || {
            let (task, mut handle) = Task::new(|| std::panic::resume_unwind(Box::new("no")), &TaskOptions::new());
            Inline.submit(task).unwrap();
            assert!(matches!(handle.join().block(), Err::<(), _>(TaskError::Panicked(_))));
        };
        "bound reached": "hands the task back whole, with `Why::Refused`" => || {
            let (full, _gate) = full();
            let (task, mut handle) = Task::new(|| 7, &TaskOptions::new());
            let not_taken = full.submit(task).unwrap_err();
            assert_eq!(not_taken.why(), Why::Refused);
            quiet().submit(not_taken.into_task()).unwrap();
            assert_eq!(handle.join().block(), Ok(7));
        };
    }
    "place.go(call)" {
        "drop": "as `place.go(work)`: detaches the task, wherever it runs" => || {
            drop(quiet().go(double::call(1)));
            let (task, handle) = Task::new(double::call(1), &TaskOptions::new());
            drop(handle);
            Inline.submit(task).unwrap();
        };
        "time-out": "as `place.go(work)`; what is left of the time goes with the call. The function's own `timeout` counts from here, too" => || {
            let late = Context::background().with_timeout(Duration::ZERO);
            let ended = Inline.go_with(&within(&late), double::call(1)).join().block();
            assert_eq!(ended, Err(TaskError::Timeout));
            assert_eq!(quiet().go(naps::call()).join().block(), Err(TaskError::Timeout));
        };
        "cancel": "as `place.go(work)`; elsewhere the call is asked to end, and its reply says how it did" => || {
            let ended = Inline.go_with(&within(&cancelled()), double::call(1)).join().block();
            assert!(matches!(ended, Err(TaskError::Cancelled(_))));
        };
        "close": "of the place: `TaskError::Refused`; lost before it began, it may go elsewhere; lost while it ran, only if it is `idempotent`, else it ends with `TaskError::Lost`" => || {
            assert!(matches!(ended().go(double::call(1)).join().block(), Err(TaskError::Refused { .. })));
            assert_eq!(Chain::first(ended()).or(Inline).go(double::call(1)).join().block(), Ok(2));
            let (task, mut handle) = Task::new(double::call(1), &TaskOptions::new());
            let mut call = task.into_call().unwrap();
            call.begins();
            assert!(call.lost().is_none());
            assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: true, .. })));
        };
        "panic": "of the function, or of serde with its arguments or result: `TaskError::Panicked`" => || {
            let ended = quiet().go(panics::call()).join().block();
            assert!(matches!(ended, Err(TaskError::Panicked(panic)) if panic.message == "no"));
        };
        "bound reached": "`TaskError::Refused`, with the reason; for a result that is too large to come back `TaskError::Unreadable`" => || {
            let (full, _gate) = full();
            assert!(matches!(full.go(double::call(1)).join().block(), Err(TaskError::Refused { .. })));
            let (task, mut handle) = Task::new(double::call(1), &TaskOptions::new());
            let mut call = task.into_call().unwrap();
            call.send(BuildId::UNKNOWN, 1 << 10).unwrap();
            let answer = Answer::Unwritable { reason: "too large" };
            let reply = Reply { id: call.id(), attempt: 1, answer }.to_bytes();
            assert!(matches!(call.reply(&reply), Ok(AfterReply::Ended)));
            assert!(matches!(handle.join().block(), Err(TaskError::Unreadable { .. })));
        };
    }
    "place.map(items, make)" {
        "drop": "as `place.go_all(..)`: detaches the tasks" => || {
            let (tell, told) = mpsc::channel();
            drop(quiet().map([7], |n| {
                let tell = tell.clone();
                move || tell.send(n).unwrap()
            }));
            assert_eq!(told.recv(), Ok(7));
        };
        "time-out": "as `place.go_all(..)`" => || {
            assert_eq!(Inline.map([7], double::call).timeout(Duration::ZERO).block(), Ok(vec![14]));
        };
        "cancel": "as `place.go_all(..)`" => || {
            let place = quiet();
            let pending = place.map([1], |_| std::future::pending::<()>());
            assert!(matches!(pending.within(&cancelled()).block(), Err(TaskError::Cancelled(_))));
        };
        "close": "of the place: as `place.go_all(..)`" => || {
            assert!(matches!(ended().map([7], double::call).block(), Err(TaskError::Refused { .. })));
        };
        "panic": "as `place.go_all(..)`; of `make`: reaches the caller, and no task has started" => || {
            let place = quiet();
            let ran = Arc::new(AtomicBool::new(false));
            let make = |n| {
                let ran = ran.clone();
                if n == 2 {
                    std::panic::resume_unwind(Box::new("no"));
                }
                move || ran.store(true, Ordering::SeqCst)
            };
            let thrown = catch_unwind(AssertUnwindSafe(|| drop(place.map([1, 2], make))));
            assert!(thrown.is_err());
            drop(place);
            assert!(!ran.load(Ordering::SeqCst));
        };
        "bound reached": "as `place.go_all(..)`" => || {
            let (full, _gate) = full();
            assert!(matches!(full.map([7], double::call).block(), Err(TaskError::Refused { .. })));
        };
    }
    "place.go_all(..)" {
        "drop": "as `go_all(..)`: detaches the tasks" => || {
            let (tell, told) = mpsc::channel();
            drop(quiet().go_all([move || tell.send(7).unwrap()]));
            assert_eq!(told.recv(), Ok(7));
        };
        "time-out": "as `go_all(..)`; at `Inline` all have ended before" => || {
            let all = Inline.go_all([|| 7]).timeout(Duration::ZERO);
            assert_eq!(all.block(), Ok(vec![7]));
        };
        "cancel": "as `go_all(..)`: yields `TaskError::Cancelled` and cancels the tasks" => || {
            // Kept: with its runtime a future is dropped.
            let place = quiet();
            let pending = place.go_all([std::future::pending::<()>()]);
            assert!(matches!(pending.within(&cancelled()).block(), Err(TaskError::Cancelled(_))));
        };
        "close": "of the place: as `place.go(work)`; the others are cancelled" => || {
            assert!(matches!(ended().go_all([|| 7]).block(), Err(TaskError::Refused { .. })));
        };
        "panic": "as `go_all(..)`: yields the first `TaskError::Panicked` and cancels the others" => || {
            let work = [|| -> u8 { std::panic::resume_unwind(Box::new("no")) }];
            assert!(matches!(Inline.go_all(work).block(), Err(TaskError::Panicked(_))));
        };
        "bound reached": "as `place.go(work)`; the others are cancelled" => || {
            let (full, _gate) = full();
            assert!(matches!(full.go_all([|| 7]).block(), Err(TaskError::Refused { .. })));
        };
    }
}
