//! crossfire: a type for each number of senders and receivers, each queue, and each way of
//! waiting. It makes capacity 0 into 1, so it cannot do 0. `mpmc` does every shape; `spsc` and
//! `mpsc` stand beside it where they fit.

use std::marker::PhantomData;

use crossfire::select::Select;
use crossfire::{AsyncRx, AsyncTx, MAsyncRx, MAsyncTx, MRx, MTx, Rx, Tx, mpmc, mpsc, spsc};

use super::super::cell::Capacity;
use super::super::link::{Async, Blocking, CLOSED, Ends, Link, SelectThreads, Tally};

/// Stands for a pair of crossfire's types.
pub struct Crossfire<T, R>(PhantomData<fn() -> (T, R)>);

pub type SpscArray = Crossfire<Tx<spsc::Array<u64>>, Rx<spsc::Array<u64>>>;
pub type SpscList = Crossfire<Tx<spsc::List<u64>>, Rx<spsc::List<u64>>>;
pub type MpscArray = Crossfire<MTx<mpsc::Array<u64>>, Rx<mpsc::Array<u64>>>;
pub type MpscList = Crossfire<MTx<mpsc::List<u64>>, Rx<mpsc::List<u64>>>;
pub type MpmcArray = Crossfire<MTx<mpmc::Array<u64>>, MRx<mpmc::Array<u64>>>;
pub type MpmcList = Crossfire<MTx<mpmc::List<u64>>, MRx<mpmc::List<u64>>>;

pub type SpscArrayAsync = Crossfire<AsyncTx<spsc::Array<u64>>, AsyncRx<spsc::Array<u64>>>;
pub type SpscListAsync = Crossfire<Tx<spsc::List<u64>>, AsyncRx<spsc::List<u64>>>;
pub type MpscArrayAsync = Crossfire<MAsyncTx<mpsc::Array<u64>>, AsyncRx<mpsc::Array<u64>>>;
pub type MpscListAsync = Crossfire<MTx<mpsc::List<u64>>, AsyncRx<mpsc::List<u64>>>;
pub type MpmcArrayAsync = Crossfire<MAsyncTx<mpmc::Array<u64>>, MAsyncRx<mpmc::Array<u64>>>;
pub type MpmcListAsync = Crossfire<MTx<mpmc::List<u64>>, MAsyncRx<mpmc::List<u64>>>;

/// Fits the ends to the number of parties.
macro_rules! ends {
    (spsc, $ends:expr, $senders:ident, $receivers:ident) => {{
        let (tx, rx) = $ends;
        (($senders, $receivers) == (1, 1)).then(|| (vec![tx], vec![rx]))
    }};
    (mpsc, $ends:expr, $senders:ident, $receivers:ident) => {
        super::one_receiver::<Self>($ends, $senders, $receivers)
    };
    (mpmc, $ends:expr, $senders:ident, $receivers:ident) => {
        Some(super::cloned::<Self>($ends, $senders, $receivers))
    };
}

macro_rules! open {
    ($kind:ident, $tx:ty, $rx:ty, bounded $open:path) => {
        open!(@ $kind, $tx, $rx, capacity, match capacity {
            Capacity::Bounded(0) | Capacity::Unbounded => return None,
            Capacity::Bounded(capacity) => $open(capacity),
        });
    };
    ($kind:ident, $tx:ty, $rx:ty, unbounded $open:path) => {
        open!(@ $kind, $tx, $rx, capacity, match capacity {
            Capacity::Bounded(_) => return None,
            Capacity::Unbounded => $open(),
        });
    };
    (@ $kind:ident, $tx:ty, $rx:ty, $capacity:ident, $ends:expr) => {
        impl Link for Crossfire<$tx, $rx> {
            type Tx = $tx;
            type Rx = $rx;

            fn open($capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
                let ends = $ends;
                ends!($kind, ends, senders, receivers)
            }
        }
    };
}

macro_rules! threads {
    ($kind:ident, $tx:ty, $rx:ty, $how:ident $open:path) => {
        open!($kind, $tx, $rx, $how $open);

        impl Blocking for Crossfire<$tx, $rx> {
            const SELECT: Option<SelectThreads<Self>> = Some(|rxs, count| {
                let mut select = Select::new();
                rxs.iter().for_each(|rx| select.add(rx));
                Tally::until(count, || {
                    let ready = select.select().expect(CLOSED);
                    let rx = rxs.iter().find(|rx| ready.is_from(*rx)).expect("one of them");
                    rx.read_select(ready).expect(CLOSED)
                })
            });

            fn send(tx: &mut Self::Tx, value: u64) {
                tx.send(value).expect("the receivers live");
            }

            fn recv(rx: &mut Self::Rx) -> Option<u64> {
                rx.recv().ok()
            }
        }
    };
}

macro_rules! tasks {
    ($kind:ident, $tx:ty, $rx:ty, bounded $open:path) => {
        open!($kind, $tx, $rx, bounded $open);
        tasks!(@ $tx, $rx, |tx, value| tx.send(value).await);
    };
    ($kind:ident, $tx:ty, $rx:ty, unbounded $open:path) => {
        open!($kind, $tx, $rx, unbounded $open);
        // A send that never waits is not a future.
        tasks!(@ $tx, $rx, |tx, value| tx.send(value));
    };
    (@ $tx:ty, $rx:ty, |$sender:ident, $value:ident| $send:expr) => {
        impl Async for Crossfire<$tx, $rx> {
            async fn send($sender: &mut Self::Tx, $value: u64) {
                $send.expect("the receivers live");
            }

            async fn recv(rx: &mut Self::Rx) -> Option<u64> {
                rx.recv().await.ok()
            }
        }
    };
}

threads!(spsc, Tx<spsc::Array<u64>>, Rx<spsc::Array<u64>>, bounded spsc::bounded_blocking);
threads!(spsc, Tx<spsc::List<u64>>, Rx<spsc::List<u64>>, unbounded spsc::unbounded_blocking);
threads!(mpsc, MTx<mpsc::Array<u64>>, Rx<mpsc::Array<u64>>, bounded mpsc::bounded_blocking);
threads!(mpsc, MTx<mpsc::List<u64>>, Rx<mpsc::List<u64>>, unbounded mpsc::unbounded_blocking);
threads!(mpmc, MTx<mpmc::Array<u64>>, MRx<mpmc::Array<u64>>, bounded mpmc::bounded_blocking);
threads!(mpmc, MTx<mpmc::List<u64>>, MRx<mpmc::List<u64>>, unbounded mpmc::unbounded_blocking);

tasks!(spsc, AsyncTx<spsc::Array<u64>>, AsyncRx<spsc::Array<u64>>, bounded spsc::bounded_async);
tasks!(spsc, Tx<spsc::List<u64>>, AsyncRx<spsc::List<u64>>, unbounded spsc::unbounded_async);
tasks!(mpsc, MAsyncTx<mpsc::Array<u64>>, AsyncRx<mpsc::Array<u64>>, bounded mpsc::bounded_async);
tasks!(mpsc, MTx<mpsc::List<u64>>, AsyncRx<mpsc::List<u64>>, unbounded mpsc::unbounded_async);
tasks!(mpmc, MAsyncTx<mpmc::Array<u64>>, MAsyncRx<mpmc::Array<u64>>, bounded mpmc::bounded_async);
tasks!(mpmc, MTx<mpmc::List<u64>>, MAsyncRx<mpmc::List<u64>>, unbounded mpmc::unbounded_async);
