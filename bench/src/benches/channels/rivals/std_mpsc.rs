//! The standard library's channel: threads, one receiver, no select.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::super::cell::Capacity;
use super::super::link::{Blocking, Ends, Link, SelectThreads};

pub struct StdBounded;
pub struct StdUnbounded;

impl Link for StdBounded {
    type Tx = SyncSender<u64>;
    type Rx = Receiver<u64>;

    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let Capacity::Bounded(capacity) = capacity else { return None };
        super::one_receiver::<Self>(sync_channel(capacity), senders, receivers)
    }
}

impl Blocking for StdBounded {
    const SELECT: Option<SelectThreads<Self>> = None;

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).expect("the receiver lives");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }
}

impl Link for StdUnbounded {
    type Tx = Sender<u64>;
    type Rx = Receiver<u64>;

    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let Capacity::Unbounded = capacity else { return None };
        super::one_receiver::<Self>(channel(), senders, receivers)
    }
}

impl Blocking for StdUnbounded {
    const SELECT: Option<SelectThreads<Self>> = None;

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).expect("the receiver lives");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }
}
