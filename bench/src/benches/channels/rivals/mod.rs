//! Ours and the rivals, each as its users write it.

pub mod async_channel;
pub mod crossbeam;
pub mod crossfire;
pub mod flume;
pub mod gonex;
pub mod kanal;
pub mod std_mpsc;
pub mod tokio_mpsc;

use super::link::Ends;
use super::link::Link;

/// Ends for a channel whose two sides clone.
fn cloned<L: Link>(ends: (L::Tx, L::Rx), senders: usize, receivers: usize) -> Ends<L>
where
    L::Tx: Clone,
    L::Rx: Clone,
{
    let (tx, rx) = ends;
    (std::iter::repeat_n(tx, senders).collect(), std::iter::repeat_n(rx, receivers).collect())
}

/// Ends for a channel with one receiver; `None` if more are wanted.
fn one_receiver<L: Link>(ends: (L::Tx, L::Rx), senders: usize, receivers: usize) -> Option<Ends<L>>
where
    L::Tx: Clone,
{
    let (tx, rx) = ends;
    (receivers == 1).then(|| (std::iter::repeat_n(tx, senders).collect(), vec![rx]))
}
