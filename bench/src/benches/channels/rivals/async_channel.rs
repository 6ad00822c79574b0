//! async-channel: no capacity 0 (it panics) and no select.

use async_channel::{Receiver, Sender, bounded, unbounded};

use super::super::cell::Capacity;
use super::super::link::{Async, Blocking, Ends, Link, SelectThreads};

pub struct AsyncChannel;

impl Link for AsyncChannel {
    type Tx = Sender<u64>;
    type Rx = Receiver<u64>;

    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let ends = match capacity {
            Capacity::Bounded(0) => return None,
            Capacity::Bounded(capacity) => bounded(capacity),
            Capacity::Unbounded => unbounded(),
        };
        Some(super::cloned::<Self>(ends, senders, receivers))
    }
}

impl Blocking for AsyncChannel {
    const SELECT: Option<SelectThreads<Self>> = None;

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.send_blocking(value).expect("the receivers live");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv_blocking().ok()
    }
}

impl Async for AsyncChannel {
    async fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).await.expect("the receivers live");
    }

    async fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await.ok()
    }
}
