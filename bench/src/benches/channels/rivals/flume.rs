//! flume: one handle for threads and tasks, and a selector for threads.

use flume::{Receiver, Selector, Sender, bounded, unbounded};

use super::super::cell::Capacity;
use super::super::link::{Async, Blocking, CLOSED, Ends, Link, SelectThreads, Tally};

pub struct Flume;

impl Link for Flume {
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

impl Blocking for Flume {
    const SELECT: Option<SelectThreads<Self>> = Some(select_threads);

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).expect("the receivers live");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }
}

fn select_threads(rxs: &mut [Receiver<u64>], count: u64) -> Tally {
    Tally::until(count, || {
        let all = rxs.iter().fold(Selector::new(), |all, rx| all.recv(rx, |value| value));
        all.wait().expect(CLOSED)
    })
}

impl Async for Flume {
    async fn send(tx: &mut Self::Tx, value: u64) {
        tx.send_async(value).await.expect("the receivers live");
    }

    async fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv_async().await.ok()
    }
}
