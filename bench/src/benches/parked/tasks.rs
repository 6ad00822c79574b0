//! Tasks parked on receives: started, all waiting, then woken by a message each.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gonex_sync::{OneshotReceiver, OneshotSender};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::child::{Measured, Meter, Waiting};
use crate::benches::channels::rivals::{
    async_channel::AsyncChannel,
    crossfire::{MpmcArrayAsync, MpscArrayAsync},
    flume::Flume,
    gonex::Gonex,
    kanal::KanalAsync,
    tokio_mpsc::TokioBounded,
};
use crate::benches::channels::{Async, Capacity, Ends, Link};

pub const SHARED: [Waiting; 5] = [
    ("gonex", shared::<Gonex>),
    ("flume", shared::<Flume>),
    ("kanal", shared::<KanalAsync>),
    ("crossfire", shared::<MpmcArrayAsync>),
    ("async-channel", shared::<AsyncChannel>),
];

pub const EACH: [Waiting; 8] = [
    ("gonex", each::<Gonex>),
    ("gonex oneshot", each::<GonexOneshot>),
    ("tokio oneshot", each::<TokioOneshot>),
    ("tokio mpsc", each::<TokioBounded>),
    ("flume", each::<Flume>),
    ("kanal", each::<KanalAsync>),
    ("crossfire mpsc", each::<MpscArrayAsync>),
    ("async-channel", each::<AsyncChannel>),
];

/// The smallest buffer that all of them have.
const CAPACITY: Capacity = Capacity::Bounded(1);

fn shared<L: Async>(count: usize) -> Result<Measured, Box<dyn Error>> {
    park::<L>(count, || L::open(CAPACITY, 1, count))
}

fn each<L: Async>(count: usize) -> Result<Measured, Box<dyn Error>> {
    park::<L>(count, || {
        let (mut txs, mut rxs) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for _ in 0..count {
            let (tx, rx) = L::open(CAPACITY, 1, 1)?;
            txs.extend(tx);
            rxs.extend(rx);
        }
        Some((txs, rxs))
    })
}

/// One thread, so that a task that has counted itself has also parked when another looks.
fn park<L: Async>(
    count: usize,
    open: impl FnOnce() -> Option<Ends<L>>,
) -> Result<Measured, Box<dyn Error>> {
    let runtime = Builder::new_current_thread().build()?;
    let counted = Arc::new(AtomicUsize::new(0));
    let meter = Meter::start()?;
    let (mut txs, rxs) = open().ok_or("the channel cannot do this")?;
    runtime.block_on(async {
        for mut rx in rxs {
            let counted = counted.clone();
            tokio::spawn(async move {
                counted.fetch_add(1, Ordering::Relaxed);
                let got = L::recv(&mut rx).await;
                counted.fetch_add(usize::from(got.is_some()), Ordering::Relaxed);
            });
        }
        until(&counted, count).await;
        let grown = meter.grown()?;
        let senders = txs.len();
        for message in 0..count {
            L::send(&mut txs[message % senders], message as u64).await;
        }
        until(&counted, 2 * count).await;
        meter.end(grown, count)
    })
}

pub async fn until(counted: &AtomicUsize, goal: usize) {
    while counted.load(Ordering::Relaxed) < goal {
        tokio::task::yield_now().await;
    }
}

struct GonexOneshot;

impl Link for GonexOneshot {
    type Tx = Option<OneshotSender<u64>>;
    type Rx = OneshotReceiver<u64>;

    fn open(_: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let (tx, rx) = gonex_sync::oneshot();
        ((senders, receivers) == (1, 1)).then(|| (vec![Some(tx)], vec![rx]))
    }
}

impl Async for GonexOneshot {
    async fn send(tx: &mut Self::Tx, value: u64) {
        let tx = tx.take().expect("one message for each");
        tx.send(value).expect("the receiver lives");
    }

    async fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await.ok()
    }
}

struct TokioOneshot;

impl Link for TokioOneshot {
    type Tx = Option<oneshot::Sender<u64>>;
    type Rx = oneshot::Receiver<u64>;

    fn open(_: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>> {
        let (tx, rx) = oneshot::channel();
        ((senders, receivers) == (1, 1)).then(|| (vec![Some(tx)], vec![rx]))
    }
}

impl Async for TokioOneshot {
    async fn send(tx: &mut Self::Tx, value: u64) {
        let tx = tx.take().expect("one message for each");
        tx.send(value).expect("the receiver lives");
    }

    async fn recv(rx: &mut Self::Rx) -> Option<u64> {
        rx.await.ok()
    }
}
