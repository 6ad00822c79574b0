//! Chains of places, row by row of the table at `Guarantee::falls_through`, at places that fail on command.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use gonex_core::Cause;
use gonex_task::place::{Chain, NotTaken, Why};
use gonex_task::portable::Guarantee;
use gonex_task::{
    Handle, Inline, PanicHook, Place, PlaceExt, Stalled, Task, TaskError, TaskOptions, isolate,
    task,
};

#[task(crate = gonex_task)]
fn once(n: u32) -> u32 {
    n
}

#[task(crate = gonex_task, idempotent, retry = 1)]
async fn again(n: u32) -> u32 {
    n
}

#[task(crate = gonex_task, idempotent)]
fn fails() -> Result<u8, String> {
    Err("of its own".to_owned())
}

#[task(crate = gonex_task, idempotent)]
fn panics() -> u8 {
    panic!("of its own")
}

/// What a place does with what it is handed.
#[derive(Clone)]
enum Command {
    HandBack(Why),
    Drop,
    End(TaskError),
    /// For calls: it goes down while the task runs.
    LoseBegun,
    Run,
}

/// A place that does as it is told.
struct Commanded(Command);

impl Place for Commanded {
    fn name(&self) -> &str {
        "commanded"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        match self.0.clone() {
            Command::HandBack(why) => return Err(task.not_taken(why, "as it was told")),
            Command::Drop => drop(task),
            Command::End(error) => task.end(error),
            Command::LoseBegun => {
                let mut call = task.require_call()?;
                call.begins();
                drop(call);
            }
            Command::Run => task.run(PanicHook::Untouched),
        }
        Ok(())
    }
}

/// The last place, which counts what gets there.
#[derive(Clone, Default)]
struct Last(Arc<Mutex<Vec<String>>>);

impl Place for Last {
    fn name(&self) -> &str {
        "last"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        let name = task.spec().name.map(|name| name.to_string()).unwrap_or_default();
        self.0.lock().unwrap().push(name);
        Inline.submit(task)
    }
}

impl Last {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Hands in one of each kind, and says for which the last place was asked: a closure, a future, a call that
/// runs at most once, and one that may run again.
fn falls_through(command: &Command) -> [bool; 4] {
    let at = |go: &dyn Fn(&Chain)| {
        let last = Last::default();
        go(&Chain::first(Commanded(command.clone())).or(last.clone()));
        last.count() == 1
    };
    [
        at(&|place| check(place.go(|| 7))),
        at(&|place| check(place.go(async { 7 }))),
        at(&|place| check(place.go(once::call(7)))),
        at(&|place| check(place.go(again::call(7)))),
    ]
}

/// Each has ended, one way or the other.
fn check(mut handle: Handle<u32>) {
    assert!(handle.is_finished());
    if let Ok(n) = handle.join().block() {
        assert_eq!(n, 7);
    }
}

#[test]
fn what_is_not_taken_goes_on() {
    for why in [Why::Refused, Why::Unavailable, Why::NotStarted] {
        assert_eq!(falls_through(&Command::HandBack(why)), [true; 4], "{why:?}");
    }
}

#[test]
fn what_is_lost_before_it_began_goes_on() {
    assert_eq!(falls_through(&Command::Drop), [true; 4]);
    assert_eq!(falls_through(&Command::End(TaskError::lost(false))), [true; 4]);
    assert_eq!(falls_through(&Command::End(TaskError::refused("later"))), [true; 4]);
}

#[test]
fn what_is_lost_while_it_ran_goes_on_if_it_may_run_again() {
    assert_eq!(falls_through(&Command::End(TaskError::lost(true))), [false, false, false, true]);
    // Closures and futures are refused there.
    assert_eq!(falls_through(&Command::LoseBegun), [true, true, false, true]);
}

#[test]
fn what_the_task_ends_with_does_not_go_on() {
    let panicked = isolate("a task", || panic!("no")).unwrap_err();
    let own = [
        panicked,
        TaskError::Cancelled(Cause::from("enough")),
        TaskError::Timeout,
        TaskError::Stalled(Box::new(Stalled::new(1, 1, 1))),
        TaskError::unreadable("garbled"),
    ];
    for error in own {
        assert!(!Guarantee::AtLeastOnce { retries: 9 }.falls_through(&error, 0));
        assert_eq!(falls_through(&Command::End(error.clone())), [false; 4], "{error}");
    }
    assert_eq!(falls_through(&Command::Run), [false; 4]);
    let last = Last::default();
    let chain = Chain::first(Commanded(Command::Run)).or(last.clone());
    assert_eq!(chain.go(fails::call()).join().block(), Ok(fails()));
    assert!(matches!(chain.go(panics::call()).join().block(), Err(TaskError::Panicked(_))));
    assert_eq!(last.count(), 0);
}

#[test]
fn attempts_are_counted_along_the_chain() {
    let lose = || Commanded(Command::LoseBegun);
    let last = Last::default();
    let chain = Chain::first(lose()).or(lose()).or(last.clone());
    let ended = chain.go(again::call(7)).join().block();
    assert!(matches!(ended, Err(TaskError::Lost { started: true, .. })), "{ended:?}");
    assert_eq!(last.count(), 0, "it has one retry");
}

#[test]
fn a_call_is_itself_wherever_it_gets() {
    let last = Last::default();
    let chain = Chain::first(Commanded(Command::HandBack(Why::Refused)))
        .or(Commanded(Command::Drop))
        .or(last.clone());
    assert_eq!(chain.name(), "commanded or commanded or last");
    let options = TaskOptions::new().name("letter");
    assert_eq!(chain.go_with(&options, once::call(7)).join().block(), Ok(7));
    assert_eq!(chain.go_with(&options, || 7).join().block(), Ok(7));
    assert_eq!(chain.go_with(&options, async { 7 }).join().block(), Ok(7));
    assert_eq!(*last.0.lock().unwrap(), ["letter"; 3]);
    assert_eq!(chain.go_all((0..9).map(once::call)).block(), Ok((0..9).collect()));
}

#[test]
fn what_nobody_takes_comes_back_whole_and_says_what_each_has_said() {
    let back = || Commanded(Command::HandBack(Why::Unavailable));
    let chain = Chain::first(back()).or(back());
    for (task, mut handle) in [
        Task::new(|| 7, &TaskOptions::new()),
        Task::new(async { 7 }, &TaskOptions::new()),
        Task::new(once::call(7), &TaskOptions::new()),
        Task::new(again::call(7), &TaskOptions::new()),
    ] {
        let is_portable = task.is_portable();
        let not_taken = chain.submit(task).unwrap_err();
        assert_eq!(not_taken.why(), Why::Unavailable);
        let reason =
            "no place of the chain took it: commanded: as it was told; commanded: as it was told";
        assert_eq!(not_taken.reason(), reason);
        let task = not_taken.into_task();
        assert_eq!(task.is_portable(), is_portable);
        Inline.submit(task).unwrap();
        assert_eq!(handle.join().block(), Ok(7));
    }
    let dropped =
        Chain::first(Commanded(Command::Drop)).or(back()).go(once::call(7)).join().block();
    let told = dropped.unwrap_err().to_string();
    assert!(
        told.contains("commanded: the task was lost before it started; commanded: as it"),
        "{told}"
    );
}
