use std::fmt;
use std::sync::Arc;

use gonex_core::Op;

use super::collect::Collect;
use super::error::JoinError;
use super::gather::Gather;
use super::peer::PeerId;
use super::source::{Detached, Source};
use super::sources::Sources;
use crate::{Receiver, TryRecvError};

/// Receives from a set of peers, which come and go while the program runs.
///
/// Clones share the set. What is received is taken from the peers' channels, which others may receive
/// from too. At most 65,536 peers can join.
///
/// ```
/// use gonex_sync::channel;
/// use gonex_sync::distribute::{Collector, PeerId};
///
/// let peers = Collector::new();
/// let (first, rx) = channel(4);
/// peers.join(PeerId::new(1), rx)?;
/// let (second, rx) = channel(4);
/// peers.join(PeerId::new(2), rx)?;
///
/// second.send("b").block()?;
/// assert_eq!(peers.recv().block()?, (PeerId::new(2), "b"));
/// first.send("a").block()?;
/// drop(second);
/// let gathered = peers.gather().block();
/// assert_eq!(gathered[0], (PeerId::new(1), Ok("a")));
/// assert!(gathered[1].1.is_err(), "the second has ended");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Collector<T> {
    pub(super) sources: Arc<Sources<T>>,
}

impl<T> Collector<T> {
    /// Begins without peers.
    #[must_use]
    pub fn new() -> Self {
        Self { sources: Arc::new(Sources::new()) }
    }

    /// Adds a peer to receive from. Those who wait already see it too.
    ///
    /// # Errors
    /// [`JoinError`] when the id is taken, or the set is full; the receiver is dropped.
    ///
    /// ```
    /// use gonex_sync::channel;
    /// use gonex_sync::distribute::{Collector, JoinError, PeerId};
    ///
    /// let (_tx, rx) = channel::<u8>(1);
    /// let peers = Collector::new();
    /// peers.join(PeerId::new(1), rx.clone())?;
    /// assert_eq!(peers.join(PeerId::new(1), rx), Err(JoinError::Taken(PeerId::new(1))));
    /// # Ok::<(), JoinError>(())
    /// ```
    pub fn join(&self, id: PeerId, receiver: Receiver<T>) -> Result<(), JoinError> {
        self.sources.join(Source::new(id, receiver, false))
    }

    /// Adds a peer whose values go before those of others: one that is near. See
    /// [`recv`](Self::recv).
    ///
    /// # Errors
    /// As [`join`](Self::join).
    pub fn join_local(&self, id: PeerId, receiver: Receiver<T>) -> Result<(), JoinError> {
        self.sources.join(Source::new(id, receiver, true))
    }

    /// Removes a peer, and gives back its receiver with what is left there.
    ///
    /// What a receive or a gather has in hand from it is received all the same; and if that is given
    /// up, whoever receives next from this collector gets it.
    ///
    /// ```
    /// use gonex_sync::channel;
    /// use gonex_sync::distribute::{Collector, PeerId};
    ///
    /// let (tx, rx) = channel(1);
    /// let peers = Collector::new();
    /// peers.join(PeerId::new(1), rx)?;
    /// tx.try_send("left behind").unwrap();
    /// let detached = peers.leave(PeerId::new(1)).unwrap();
    /// assert_eq!(detached.try_recv(), Ok("left behind"));
    /// assert!(peers.is_empty());
    /// # Ok::<(), gonex_sync::distribute::JoinError>(())
    /// ```
    pub fn leave(&self, id: PeerId) -> Option<Detached<T>> {
        self.sources.leave(id).map(|source| Detached { source })
    }

    /// The ids of the peers, in their order.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerId> {
        self.sources.list().iter().map(|source| source.id).collect()
    }

    /// The number of peers, those that have ended included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.list().len()
    }

    /// Whether there are no peers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Receives a value from whichever peer has one, and says from which.
    ///
    /// [Local](Self::join_local) peers go first; but after seven values of theirs in a row another
    /// that has one gets its turn. Among equals all get their turn, round and round: none is starved.
    /// The values of one peer come in the order in which they were sent.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it takes nothing.
    ///
    /// # Errors
    /// [`RecvError`](crate::RecvError): closed when the channels of all peers are closed and empty, and
    /// when there are no peers, though some may join later; and when a limit or the ambient context
    /// stops it.
    ///
    /// ```
    /// use gonex_sync::channel;
    /// use gonex_sync::distribute::{Collector, PeerId};
    ///
    /// let (near, far) = (PeerId::new(1), PeerId::new(2));
    /// let (near_tx, rx) = channel(100);
    /// let peers = Collector::new();
    /// peers.join_local(near, rx)?;
    /// let (far_tx, rx) = channel(100);
    /// peers.join(far, rx)?;
    /// near_tx.send_all(0..32).block()?;
    /// far_tx.send_all(0..32).block()?;
    ///
    /// let from: Vec<_> = (0..32).map(|_| peers.recv().block().unwrap().0).collect();
    /// assert_eq!(from.iter().filter(|&&peer| peer == far).count(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn recv(&self) -> Op<Collect<'_, T>> {
        Op::new(Collect::new(&self.sources))
    }

    /// Receives a value if some peer has one: see [`recv`](Self::recv).
    ///
    /// # Errors
    /// Says whether nothing is there now, or never will be as long as no other peer joins.
    ///
    /// ```
    /// use gonex_sync::TryRecvError;
    /// use gonex_sync::distribute::{Collector, PeerId};
    ///
    /// let (tx, rx) = gonex_sync::channel(1);
    /// let peers = Collector::new();
    /// assert_eq!(peers.try_recv(), Err(TryRecvError::Closed));
    /// peers.join(PeerId::new(1), rx)?;
    /// assert_eq!(peers.try_recv(), Err(TryRecvError::Empty));
    /// tx.try_send(7).unwrap();
    /// assert_eq!(peers.try_recv(), Ok((PeerId::new(1), 7)));
    /// # Ok::<(), gonex_sync::distribute::JoinError>(())
    /// ```
    pub fn try_recv(&self) -> Result<(PeerId, T), TryRecvError> {
        self.sources.try_recv()
    }

    /// Receives one value from each peer, and yields them in the order of the peers' ids.
    ///
    /// A peer that has ended, or leaves meanwhile, is a gap: [closed](crate::RecvError::Closed). One
    /// that joins meanwhile is not waited for. Without peers it yields nothing at once.
    ///
    /// # Cancel safety
    /// When a limit or the ambient context stops it, what has come is yielded all the same, and the
    /// gaps say why. Dropped before it is done, it gives what has come back to the collector, where it
    /// is received next.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{RecvError, channel};
    /// use gonex_sync::distribute::{Collector, PeerId};
    ///
    /// let peers = Collector::new();
    /// let senders: Vec<_> = (0..3).map(|id| {
    ///     let (tx, rx) = channel(1);
    ///     peers.join(PeerId::new(id), rx).unwrap();
    ///     tx
    /// }).collect();
    /// senders[2].try_send("c").unwrap();
    /// senders[0].close();
    ///
    /// let gathered = peers.gather().timeout(Duration::ZERO).block();
    /// let outcomes: Vec<_> = gathered.into_iter().map(|(_, outcome)| outcome).collect();
    /// assert_eq!(outcomes, [Err(RecvError::Closed), Err(RecvError::Timeout), Ok("c")]);
    /// ```
    #[track_caller]
    pub fn gather(&self) -> Op<Gather<'_, T>> {
        Op::new(Gather::new(&self.sources))
    }
}

impl<T> Clone for Collector<T> {
    fn clone(&self) -> Self {
        Self { sources: self.sources.clone() }
    }
}

impl<T> Default for Collector<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Collector<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("peers", &self.peers()).finish()
    }
}
