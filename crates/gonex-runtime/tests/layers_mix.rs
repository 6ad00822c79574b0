//! The three layers together: none keeps another from going on.
#![cfg(not(gonex_loom))]

use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::time::Duration;

use gonex_core::Context;
use gonex_runtime::{Runtime, aio, compute, go, thread};
use gonex_sync::{Receiver, channel};

/// Nothing here takes that long.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_computation_that_is_awaited_does_not_block_the_runtime() {
    // One thread for futures: if the one that awaits kept it, the other could never open the gate.
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let sum = tokio.block_on(async {
        let (open, gate) = mpsc::channel::<u64>();
        let computing = go(async move {
            compute::background(move || {
                let more = gate.recv_timeout(LONG).unwrap();
                compute::map_reduce(1..=1_000_u64, |n| n, |a, b| a + b, more)
            })
            .await
        });
        let opening = go(async move { open.send(7).unwrap() });
        let (sum, opened) = aio::join!(computing.into_future(), opening.into_future());
        opened.unwrap();
        sum.unwrap().unwrap()
    });
    assert_eq!(sum, 500_507);
}

#[test]
fn a_future_awaited_in_a_closure_goes_on() {
    let runtime = Runtime::builder().threads(NonZeroUsize::MIN).build().unwrap();
    let (tx, rx) = channel::<u32>(0);
    // The closure has the only thread for closures; the futures need it not.
    let mut closure = runtime.go(move || {
        let sender = go(async move { tx.send(7).await });
        let received = aio::block_on(async { aio::timeout(LONG, rx.recv()).await });
        aio::block_on(sender.into_future()).unwrap().unwrap();
        received.unwrap().unwrap()
    });
    assert_eq!(closure.join().timeout(LONG).block(), Ok(7));
}

#[test]
fn all_three_work_on_one_thing_in_one_context() {
    let context = Context::background().with_value(10_u64).with_timeout(LONG);
    let base = || *Context::current().value::<u64>().unwrap();
    let (pages, incoming) = channel::<u64>(4);
    let (results, outgoing) = channel::<Vec<u64>>(4);
    let stored = context.run(|| {
        // Waiting: four sources at once.
        let fetching = aio::spawn(async move {
            let fetch = |n: u64| {
                let pages = pages.clone();
                async move {
                    aio::yield_now().await;
                    pages.send(n + base()).await.unwrap();
                }
            };
            aio::join_all((0..4).map(fetch)).await;
        });
        // Computing: each page on all cores.
        let computing = aio::spawn(async move {
            while let Ok(page) = incoming.recv().await {
                let squares = move || compute::parallel(0..page, |n| n * n + base());
                results.send(compute::background(squares).await.unwrap()).await.unwrap();
            }
        });
        // Living long: one writer, which blocks.
        let mut writing = thread::spawn(move || {
            let mut stored: Vec<Vec<u64>> = outgoing.iter().collect();
            stored.sort_by_key(Vec::len);
            (stored, base())
        });
        aio::block_on(async { aio::try_join!(fetching.into_future(), computing.into_future()) })
            .unwrap();
        writing.join().block()
    });
    let expected = (10..14).map(|page| (0..page).map(|n| n * n + 10).collect()).collect();
    assert_eq!(stored, Ok((expected, 10)));
}

#[test]
fn closures_that_await_futures_do_not_starve_the_pool() {
    let runtime = Runtime::builder().threads(NonZeroUsize::MIN).build().unwrap();
    let (tx, rx) = channel::<u32>(0);
    let wait = |rx: Receiver<u32>| move || aio::block_on(async move { rx.recv().await });
    let mut waiting: Vec<_> = (0..100).map(|_| runtime.go(wait(rx.clone()))).collect();
    // On the same thread, after all of them.
    let mut sending = runtime.go(move || (0..100).for_each(|n| tx.send(n).block().unwrap()));
    sending.join().timeout(LONG).block().unwrap();
    let received = waiting.iter_mut().map(|task| task.join().timeout(LONG).block().unwrap());
    assert_eq!(received.map(Result::unwrap).sum::<u32>(), 99 * 100 / 2);
}
