//! tokio::sync::mpsc: one receiver, no capacity 0 (it panics); threads by `blocking_send` and
//! `blocking_recv`.

use tokio::sync::mpsc::{
    Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel,
};

use super::super::cell::Capacity;
use super::super::link::{Async, Blocking, Ends, Link, SelectThreads};

pub struct TokioBounded;
pub struct TokioUnbounded;

impl Link for TokioBounded {
    type Tx = Sender<u64>;
    type Rx = Receiver<u64>;

    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        match capacity {
            Capacity::Bounded(0) | Capacity::Unbounded => None,
            Capacity::Bounded(n) => super::one_receiver::<Self>(channel(n), senders, receivers),
        }
    }
}

impl Blocking for TokioBounded {
    const SELECT: Option<SelectThreads<Self>> = None;

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.blocking_send(value).expect("the receiver lives");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.blocking_recv()
    }
}

impl Async for TokioBounded {
    async fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).await.expect("the receiver lives");
    }

    async fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await
    }
}

impl Link for TokioUnbounded {
    type Tx = UnboundedSender<u64>;
    type Rx = UnboundedReceiver<u64>;

    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let Capacity::Unbounded = capacity else { return None };
        super::one_receiver::<Self>(unbounded_channel(), senders, receivers)
    }
}

impl Blocking for TokioUnbounded {
    const SELECT: Option<SelectThreads<Self>> = None;

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).expect("the receiver lives");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.blocking_recv()
    }
}

impl Async for TokioUnbounded {
    async fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).expect("the receiver lives");
    }

    async fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await
    }
}
