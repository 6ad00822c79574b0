//! What a rival has to say: how it opens a channel, sends, receives and selects.

use super::cell::Capacity;

/// The ends of a channel, one for each party.
pub type Ends<L> = (Vec<<L as Link>::Tx>, Vec<<L as Link>::Rx>);

/// A kind of channel for `u64`.
pub trait Link: Sized + 'static {
    type Tx: Send + 'static;
    type Rx: Send + 'static;

    /// Opens a channel with one end for each party; `None` where this kind cannot.
    fn open(capacity: Capacity, senders: usize, receivers: usize) -> Option<Ends<Self>>;
}

/// Receives by a select over these receivers until so many messages have come.
pub type SelectThreads<L> = fn(&mut [<L as Link>::Rx], u64) -> Tally;

/// A kind that threads can use.
pub trait Blocking: Link {
    /// Its own select; `None` where it has none for threads.
    const SELECT: Option<SelectThreads<Self>>;

    fn send(tx: &mut Self::Tx, value: u64);

    /// The next message; `None` once all senders are gone and all messages taken.
    fn recv(rx: &mut Self::Rx) -> Option<u64>;
}

/// A kind that tasks can use.
pub trait Async: Link {
    /// Does a select over its receives end? Not if a losing receive takes its value along.
    const SELECTS: bool = true;

    fn send(tx: &mut Self::Tx, value: u64) -> impl Future<Output = ()> + Send;

    fn recv(rx: &mut Self::Rx) -> impl Future<Output = Option<u64>> + Send;

    /// Receives by a select over these receivers until so many messages have come. The way of
    /// channels that have no select of their own is tokio's.
    fn select(rxs: &mut [Self::Rx], count: u64) -> impl Future<Output = Tally> + Send {
        tokio_select::<Self>(rxs, count)
    }
}

/// What a party received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub count: u64,
    pub sum: u64,
}

impl Tally {
    pub const fn add(&mut self, value: u64) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(value);
    }

    pub const fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.sum = self.sum.wrapping_add(other.sum);
    }

    /// Adds what `next` gives until so many have come.
    pub fn until(count: u64, mut next: impl FnMut() -> u64) -> Self {
        let mut tally = Self::default();
        while tally.count < count {
            tally.add(next());
        }
        tally
    }
}

/// What a select that met a closed channel says: none is closed before the count is reached.
pub const CLOSED: &str = "a channel closed before all messages had come";

async fn tokio_select<L: Async>(rxs: &mut [L::Rx], count: u64) -> Tally {
    let mut tally = Tally::default();
    match rxs {
        [a, b] => {
            while tally.count < count {
                let value = tokio::select! {
                    value = L::recv(a) => value,
                    value = L::recv(b) => value,
                };
                tally.add(value.expect(CLOSED));
            }
        }
        [a, b, c, d, e, f, g, h] => {
            while tally.count < count {
                let value = tokio::select! {
                    value = L::recv(a) => value,
                    value = L::recv(b) => value,
                    value = L::recv(c) => value,
                    value = L::recv(d) => value,
                    value = L::recv(e) => value,
                    value = L::recv(f) => value,
                    value = L::recv(g) => value,
                    value = L::recv(h) => value,
                };
                tally.add(value.expect(CLOSED));
            }
        }
        others => panic!("no select of {} arms is written out", others.len()),
    }
    tally
}
