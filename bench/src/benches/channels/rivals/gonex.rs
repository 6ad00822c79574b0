//! Ours: one handle for threads and tasks.

use gonex_sync::{Receiver, Sender, channel, unbounded};

use super::super::cell::Capacity;
use super::super::link::{Async, Blocking, Ends, Link, SelectThreads};

pub struct Gonex;

impl Link for Gonex {
    type Tx = Sender<u64>;
    type Rx = Receiver<u64>;

    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let ends = match capacity {
            Capacity::Bounded(capacity) => channel(capacity),
            Capacity::Unbounded => unbounded(),
        };
        Some(super::cloned::<Self>(ends, senders, receivers))
    }
}

impl Blocking for Gonex {
    const SELECT: Option<SelectThreads<Self>> = None;

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).block().expect("the receivers live");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().block().ok()
    }
}

impl Async for Gonex {
    async fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).await.expect("the receivers live");
    }

    async fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await.ok()
    }
}
