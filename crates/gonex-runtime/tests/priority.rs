//! Who goes first, and that nobody waits for ever.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_runtime::Runtime;
use gonex_task::{Handle, Priority, TaskOptions};

const STEP: Duration = Duration::from_millis(100);

/// A runtime of one thread, which is kept busy until the sender is dropped, on a clock moved by hand.
fn busy() -> (Arc<Manual>, Runtime, mpsc::Sender<()>) {
    let clock = Arc::new(Manual::new());
    let build = || Runtime::builder().threads(NonZeroUsize::MIN).ageing(STEP).build().unwrap();
    let runtime = rt::enter(clock.clone(), build);
    let (gate, opened) = mpsc::channel::<()>();
    let (entered, has_entered) = mpsc::channel::<()>();
    runtime
        .go(move || {
            entered.send(()).unwrap();
            opened.recv().unwrap_err();
        })
        .detach();
    has_entered.recv().unwrap();
    (clock, runtime, gate)
}

/// Starts a task that writes its name, when time stands at `clock`.
fn start(
    clock: &Arc<Manual>,
    runtime: &Runtime,
    written: &Arc<Mutex<Vec<&'static str>>>,
    level: i8,
    name: &'static str,
) -> Handle<()> {
    let written = written.clone();
    let options = TaskOptions::new().name(name).priority(Priority::new(level));
    let work = move || written.lock().unwrap().push(name);
    rt::enter(clock.clone(), || runtime.go_with(&options, work))
}

#[test]
fn the_urgent_go_first_and_the_rest_in_order() {
    let (clock, runtime, gate) = busy();
    let written = Arc::default();
    let mut tasks = [
        start(&clock, &runtime, &written, 1, "low"),
        start(&clock, &runtime, &written, 0, "normal"),
        start(&clock, &runtime, &written, -1, "high"),
        start(&clock, &runtime, &written, -3, "highest"),
        start(&clock, &runtime, &written, 0, "normal too"),
        start(&clock, &runtime, &written, 1, "low too"),
    ];
    drop(gate);
    tasks.iter_mut().for_each(|task| task.join().block().unwrap());
    let order = written.lock().unwrap().clone();
    assert_eq!(order, ["highest", "high", "normal", "normal too", "low", "low too"]);
}

#[test]
fn waiting_makes_a_task_as_urgent_as_one_of_the_next_level() {
    let (clock, runtime, gate) = busy();
    let written = Arc::default();
    let mut tasks = vec![start(&clock, &runtime, &written, 1, "low, early")];
    clock.advance(STEP);
    tasks.push(start(&clock, &runtime, &written, 1, "low, late"));
    tasks.push(start(&clock, &runtime, &written, 0, "normal"));
    drop(gate);
    tasks.iter_mut().for_each(|task| task.join().block().unwrap());
    let order = written.lock().unwrap().clone();
    assert_eq!(order, ["low, early", "normal", "low, late"]);
}
