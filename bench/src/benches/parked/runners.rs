//! Tasks parked on the same kind of receive, by who runs them.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_executor::Executor;
use gonex::{go, go_detached};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::child::{Measured, Meter, Waiting};
use super::tasks::until;

pub const RUNNERS: [Waiting; 5] = [
    ("gonex go_detached", |count| {
        park(count, |receiver, counted| go_detached(wait(receiver, counted)))
    }),
    ("gonex go, handle kept", |count| park(count, |receiver, counted| go(wait(receiver, counted)))),
    ("tokio::spawn", |count| {
        park(count, |receiver, counted| drop(tokio::spawn(wait(receiver, counted))))
    }),
    ("tokio::spawn, handle kept", |count| {
        park(count, |receiver, counted| tokio::spawn(wait(receiver, counted)))
    }),
    ("async-executor", async_executor),
];

/// What every task does.
async fn wait(receiver: oneshot::Receiver<u64>, counted: Arc<AtomicUsize>) {
    counted.fetch_add(1, Ordering::Relaxed);
    let got = receiver.await;
    counted.fetch_add(usize::from(got.is_ok()), Ordering::Relaxed);
}

/// tokio only lends its thread: the tasks are the executor's.
fn async_executor(count: usize) -> Result<Measured, Box<dyn Error>> {
    let executor = Executor::new();
    let start = |receiver, counted| executor.spawn(wait(receiver, counted)).detach();
    Builder::new_current_thread().build()?.block_on(executor.run(parked(count, start)))
}

/// Ours takes the tokio that it finds itself on.
fn park<H>(
    count: usize,
    start: impl Fn(oneshot::Receiver<u64>, Arc<AtomicUsize>) -> H,
) -> Result<Measured, Box<dyn Error>> {
    Builder::new_current_thread().build()?.block_on(async {
        // What is started once for a process is no task's.
        go(async {}).await?;
        parked(count, start).await
    })
}

/// One thread, so that a task that has counted itself has also parked when another looks.
async fn parked<H>(
    count: usize,
    start: impl Fn(oneshot::Receiver<u64>, Arc<AtomicUsize>) -> H,
) -> Result<Measured, Box<dyn Error>> {
    let counted = Arc::new(AtomicUsize::new(0));
    let meter = Meter::start()?;
    let mut senders = Vec::with_capacity(count);
    let mut handles = Vec::with_capacity(count);
    for _ in 0..count {
        let (sender, receiver) = oneshot::channel();
        senders.push(sender);
        handles.push(start(receiver, counted.clone()));
    }
    until(&counted, count).await;
    let grown = meter.grown()?;
    for sender in senders {
        sender.send(1).map_err(|_| "a task has ended before its message")?;
    }
    until(&counted, 2 * count).await;
    drop(handles);
    meter.end(grown, count)
}
