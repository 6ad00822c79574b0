//! Does one thing many times, for `bench/telemetry` to count the instructions of it:
//! `gonex-telemetry-cost wait|task TIMES [on]`.

use std::env;
use std::error::Error;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Waker};

use gonex_core::telemetry::{self, TaskOutcome, TaskTrace};
use gonex_sync::{Receiver, Sender, channel};

/// A receive that has to wait, and then gets its value.
fn wait(tx: &Sender<u64>, rx: &Receiver<u64>) {
    let mut cx = Context::from_waker(Waker::noop());
    let mut receive = pin!(rx.recv());
    assert!(receive.as_mut().poll(&mut cx).is_pending());
    assert!(tx.try_send(7).is_ok());
    assert!(receive.as_mut().poll(&mut cx).is_ready());
}

/// What a scheduler says of a task that runs to its end.
fn task() {
    let mut trace = TaskTrace::handed_in("closure", || "a task");
    trace.started();
    black_box(trace.inside(|| black_box(7)));
    trace.ended(TaskOutcome::Done);
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (what, times, on) = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [what, times] => (what.to_string(), times.parse::<u64>()?, false),
        [what, times, "on"] => (what.to_string(), times.parse::<u64>()?, true),
        _ => return Err("usage: gonex-telemetry-cost wait|task TIMES [on]".into()),
    };
    if on {
        telemetry::set_metrics(true)?;
        telemetry::set_tracing(true)?;
    }
    let (tx, rx) = channel(1);
    for _ in 0..times {
        match &*what {
            "wait" => wait(&tx, &rx),
            "task" => task(),
            other => return Err(format!("there is no `{other}`; say wait or task").into()),
        }
    }
    Ok(())
}
