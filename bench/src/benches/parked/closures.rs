//! Closures parked on receives: each keeps a thread, whoever runs it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use gonex::Runtime;
use gonex_sync::OneshotReceiver;

use super::child::{Measured, Meter, Waiting};

pub const CLOSURES: [Waiting; 2] = [("gonex go_detached", gonex), ("std::thread::spawn", threads)];

fn gonex(count: usize) -> Result<Measured, Box<dyn Error>> {
    // A runtime asks for some room above those that wait.
    let runtime = Runtime::builder().max_blocked(count + count / 5).build()?;
    let most = runtime.max_blocked();
    if most < count {
        return Err(format!(
            "{count} closures are to wait, and the system's limits leave threads for {most}; raise \
             them (ulimit -u, or pids.max of the cgroup)"
        )
        .into());
    }
    park(count, |receiver, counted| {
        runtime.go_detached(move || wait(receiver, &counted));
        Ok(())
    })
}

fn threads(count: usize) -> Result<Measured, Box<dyn Error>> {
    park(count, |receiver, counted| {
        thread::Builder::new().spawn(move || wait(receiver, &counted))?;
        Ok(())
    })
}

fn wait(mut receiver: OneshotReceiver<u64>, counted: &AtomicUsize) {
    counted.fetch_add(1, Ordering::Relaxed);
    let got = receiver.recv().block();
    counted.fetch_add(usize::from(got.is_ok()), Ordering::Relaxed);
}

/// The last to count itself may not have parked yet when all have: one of very many.
fn park(
    count: usize,
    start: impl Fn(OneshotReceiver<u64>, Arc<AtomicUsize>) -> Result<(), Box<dyn Error>>,
) -> Result<Measured, Box<dyn Error>> {
    let counted = Arc::new(AtomicUsize::new(0));
    let until = |goal: usize| {
        while counted.load(Ordering::Relaxed) < goal {
            thread::yield_now();
        }
    };
    let meter = Meter::start()?;
    let mut senders = Vec::with_capacity(count);
    for _ in 0..count {
        let (sender, receiver) = gonex_sync::oneshot();
        senders.push(sender);
        start(receiver, counted.clone())?;
    }
    until(count);
    let grown = meter.grown()?;
    for sender in senders {
        sender.send(1).map_err(|_| "a closure has ended before its message")?;
    }
    until(2 * count);
    meter.end(grown, count)
}
