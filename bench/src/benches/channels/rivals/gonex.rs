//! Ours: one handle for threads and tasks.

use gonex_sync::{Receiver, Sender, channel, select, select_block, unbounded};

use super::super::cell::Capacity;
use super::super::link::{Async, Blocking, CLOSED, Ends, Link, SelectThreads, Tally};

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
    const SELECT: Option<SelectThreads<Self>> = Some(select_threads);

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

    async fn select(rxs: &mut [Self::Rx], count: u64) -> Tally {
        let mut tally = Tally::default();
        match &*rxs {
            [a, b] => {
                while tally.count < count {
                    let value = select! {
                        recv(a) -> value => value,
                        recv(b) -> value => value,
                    };
                    tally.add(value.expect(CLOSED));
                }
            }
            [a, b, c, d, e, f, g, h] => {
                while tally.count < count {
                    let value = select! {
                        recv(a) -> value => value,
                        recv(b) -> value => value,
                        recv(c) -> value => value,
                        recv(d) -> value => value,
                        recv(e) -> value => value,
                        recv(f) -> value => value,
                        recv(g) -> value => value,
                        recv(h) -> value => value,
                    };
                    tally.add(value.expect(CLOSED));
                }
            }
            others => panic!("no select of {} arms is written out", others.len()),
        }
        tally
    }
}

fn select_threads(rxs: &mut [Receiver<u64>], count: u64) -> Tally {
    match &*rxs {
        [a, b] => Tally::until(count, || {
            let value = select_block! {
                recv(a) -> value => value,
                recv(b) -> value => value,
            };
            value.expect(CLOSED)
        }),
        [a, b, c, d, e, f, g, h] => Tally::until(count, || {
            let value = select_block! {
                recv(a) -> value => value,
                recv(b) -> value => value,
                recv(c) -> value => value,
                recv(d) -> value => value,
                recv(e) -> value => value,
                recv(f) -> value => value,
                recv(g) -> value => value,
                recv(h) -> value => value,
            };
            value.expect(CLOSED)
        }),
        others => panic!("no select of {} arms is written out", others.len()),
    }
}
