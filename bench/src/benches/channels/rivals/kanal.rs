//! kanal: two kinds of handle on the same channel, no select of its own.

use kanal::{
    AsyncReceiver, AsyncSender, Receiver, Sender, bounded, bounded_async, unbounded,
    unbounded_async,
};

use super::super::cell::Capacity;
use super::super::link::{Async, Blocking, Ends, Link, SelectThreads};

pub struct Kanal;
pub struct KanalAsync;

impl Link for Kanal {
    type Tx = Sender<u64>;
    type Rx = Receiver<u64>;

    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let ends = match capacity {
            Capacity::Bounded(capacity) => bounded(capacity),
            Capacity::Unbounded => unbounded(),
        };
        Some(super::cloned::<Self>(ends, senders, receivers))
    }
}

impl Blocking for Kanal {
    const SELECT: Option<SelectThreads<Self>> = None;

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).expect("the receivers live");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }
}

impl Link for KanalAsync {
    type Tx = AsyncSender<u64>;
    type Rx = AsyncReceiver<u64>;

    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let ends = match capacity {
            Capacity::Bounded(capacity) => bounded_async(capacity),
            Capacity::Unbounded => unbounded_async(),
        };
        Some(super::cloned::<Self>(ends, senders, receivers))
    }
}

impl Async for KanalAsync {
    /// The losing receives of tokio's select destroy values (see `soundness/kanal_receive.rs`), so
    /// the receiver waits for ever for messages that were sent.
    const SELECTS: bool = false;

    async fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).await.expect("the receivers live");
    }

    async fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await.ok()
    }
}
