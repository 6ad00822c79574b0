//! crossbeam-channel: threads only.

use crossbeam_channel::{Receiver, Sender, bounded, select, unbounded};

use super::super::cell::Capacity;
use super::super::link::{Blocking, CLOSED, Ends, Link, SelectThreads, Tally};

pub struct Crossbeam;

impl Link for Crossbeam {
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

impl Blocking for Crossbeam {
    const SELECT: Option<SelectThreads<Self>> = Some(select_threads);

    fn send(tx: &mut Self::Tx, value: u64) {
        tx.send(value).expect("the receivers live");
    }

    fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }
}

fn select_threads(rxs: &mut [Receiver<u64>], count: u64) -> Tally {
    match rxs {
        [a, b] => Tally::until(count, || {
            select! {
                recv(a) -> value => value,
                recv(b) -> value => value,
            }
            .expect(CLOSED)
        }),
        [a, b, c, d, e, f, g, h] => Tally::until(count, || {
            select! {
                recv(a) -> value => value,
                recv(b) -> value => value,
                recv(c) -> value => value,
                recv(d) -> value => value,
                recv(e) -> value => value,
                recv(f) -> value => value,
                recv(g) -> value => value,
                recv(h) -> value => value,
            }
            .expect(CLOSED)
        }),
        others => panic!("no select of {} arms is written out", others.len()),
    }
}
