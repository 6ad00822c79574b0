use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;

use gonex_core::Op;

use super::balance::Balance;
use super::broadcast::Broadcast;
use super::error::{JoinError, TableFull};
use super::hash::KeyHash;
use super::local::Movable;
use super::members::Members;
use super::peer::{Peer, PeerId, PeerState};
use super::route::Route;
use super::scatter::Scatter;
use super::transport::Transport;
use crate::{Receiver, channel};

/// Sends to a set of peers, which come and go while the program runs.
///
/// Clones share the set. An operation sees the peers that have joined when it is called; one that
/// leaves after that still gets what was on its way. At most 65,536 peers can join.
///
/// ```
/// use gonex_sync::distribute::Distributor;
///
/// let (peers, workers) = Distributor::local(3, 8);
/// peers.broadcast("begin").block();
/// peers.scatter(["a", "b", "c", "d"]).block()?;
/// peers.route("a key").send("for its owner").block()?;
///
/// assert!(workers.iter().all(|worker| worker.try_recv() == Ok("begin")));
/// assert_eq!((workers[0].try_recv(), workers[1].try_recv()), (Ok("a"), Ok("b")));
/// assert_eq!((workers[2].try_recv(), workers[0].try_recv()), (Ok("c"), Ok("d")));
/// assert_eq!(workers.iter().filter_map(|worker| worker.try_recv().ok()).count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Distributor<T> {
    members: Arc<Members<T>>,
}

impl<T> Distributor<T> {
    /// Begins without peers.
    #[must_use]
    pub fn new() -> Self {
        Self { members: Arc::new(Members::new()) }
    }

    /// Makes so many peers within this process, with the ids 0, 1, 2, …, and their receivers, which
    /// hold up to `capacity` values each. [`balance`](Self::balance) may move what is queued in them.
    ///
    /// # Panics
    /// With more than 65,536 workers, and with a capacity that no [`channel()`] can have.
    ///
    /// ```
    /// use gonex_sync::distribute::Distributor;
    ///
    /// let (peers, workers) = Distributor::<u8>::local(4, 16);
    /// assert_eq!((peers.len(), workers.len()), (4, 4));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn local(workers: usize, capacity: usize) -> (Self, Vec<Receiver<T>>)
    where
        T: Send + 'static,
    {
        let peers = Self::new();
        let mut receivers = Vec::with_capacity(workers);
        for id in 0..workers {
            let (tx, rx) = channel(capacity);
            let joined = peers.join(PeerId::new(id as u64), Movable::new(tx, &rx));
            assert!(joined.is_ok(), "{workers} workers are more than can join");
            receivers.push(rx);
        }
        (peers, receivers)
    }

    // ---- who takes part ----

    /// Adds a peer, with the way to it: a [`Sender`](crate::Sender), a [`Movable`], or any other
    /// [`Transport`].
    ///
    /// # Errors
    /// [`JoinError`] when the id is taken, or the set is full; the transport is dropped.
    ///
    /// ```
    /// use gonex_sync::channel;
    /// use gonex_sync::distribute::{Distributor, JoinError, PeerId};
    ///
    /// let (tx, _rx) = channel::<u8>(1);
    /// let peers = Distributor::new();
    /// let id = PeerId::new(1);
    /// peers.join(id, tx.clone())?;
    /// assert_eq!(peers.join(id, tx), Err(JoinError::Taken(id)));
    /// # Ok::<(), JoinError>(())
    /// ```
    pub fn join(
        &self,
        id: PeerId,
        transport: impl Transport<T> + 'static,
    ) -> Result<(), JoinError> {
        self.join_weighted(id, NonZeroU32::MIN, transport)
    }

    /// Adds a peer that [`route`](Self::route) gives more keys, in proportion to its weight.
    ///
    /// # Errors
    /// As [`join`](Self::join).
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use gonex_sync::distribute::{Distributor, JoinError, PeerId};
    ///
    /// let (peers, _workers) = Distributor::<u8>::local(1, 4);
    /// let (tx, _rx) = gonex_sync::channel(4);
    /// peers.join_weighted(PeerId::new(1), NonZeroU32::new(9).unwrap(), tx)?;
    /// let of_the_strong = |key: &u32| peers.route(key).peer() == Some(PeerId::new(1));
    /// assert!((0..1000).filter(of_the_strong).count() > 800);
    /// # Ok::<(), JoinError>(())
    /// ```
    pub fn join_weighted(
        &self,
        id: PeerId,
        weight: NonZeroU32,
        transport: impl Transport<T> + 'static,
    ) -> Result<(), JoinError> {
        self.members.join(Peer { id, weight, transport: Box::new(transport) })
    }

    /// Removes a peer, and the explicit routes to it. Says whether there was one.
    ///
    /// It is not closed; but a channel whose only sender was here is, as always.
    ///
    /// ```
    /// use gonex_sync::distribute::{Distributor, PeerId};
    ///
    /// let (peers, workers) = Distributor::<u8>::local(2, 4);
    /// assert!(peers.leave(PeerId::new(0)));
    /// assert!(!peers.leave(PeerId::new(0)));
    /// assert!(workers[0].is_closed());
    /// ```
    pub fn leave(&self, id: PeerId) -> bool {
        self.members.leave(id).is_some()
    }

    /// How it stands with each peer, in the order of their ids.
    ///
    /// ```
    /// use gonex_sync::distribute::Distributor;
    ///
    /// let (peers, mut workers) = Distributor::local(2, 4);
    /// workers.pop();
    /// peers.broadcast(1).block();
    /// let peers = peers.peers();
    /// assert_eq!((peers[0].is_alive, peers[0].queued), (true, Some(1)));
    /// assert!(!peers[1].is_alive);
    /// ```
    #[must_use]
    pub fn peers(&self) -> Vec<PeerState> {
        self.members.peers().iter().map(|peer| peer.state()).collect()
    }

    /// The number of peers, those that have ended included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.peers().len()
    }

    /// Whether there are no peers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Closes the ways to all peers: nothing more goes in, and what is queued can still be received.
    /// Says how many were open.
    ///
    /// ```
    /// use gonex_sync::distribute::Distributor;
    ///
    /// let (peers, workers) = Distributor::local(2, 4);
    /// peers.broadcast(1).block();
    /// assert_eq!((peers.close(), peers.close()), (2, 0));
    /// assert_eq!(workers[0].iter().collect::<Vec<_>>(), [1]);
    /// ```
    pub fn close(&self) -> usize {
        self.members.peers().iter().filter(|peer| peer.transport.close()).count()
    }

    // ---- to all ----

    /// Sends a copy of a value to each peer, waiting for those that have no room; none waits for
    /// another. Yields how it went with each, in the order of their ids: a peer that has ended is
    /// [closed](crate::SendError::Closed), with the copy that was for it.
    ///
    /// The copies are made when it begins. Without peers nothing happens, which is no error.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves sent what was sent. When a limit or the ambient context
    /// stops it, those that have not got their copy say so, with it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::SendError;
    /// use gonex_sync::distribute::{Distributor, PeerId};
    ///
    /// let (peers, workers) = Distributor::local(2, 1);
    /// peers.route_to(PeerId::new(1)).try_send("in the way").unwrap();
    /// let outcomes = peers.broadcast("news").timeout(Duration::ZERO).block();
    /// assert_eq!(outcomes[0], (PeerId::new(0), Ok(())));
    /// assert_eq!(outcomes[1], (PeerId::new(1), Err(SendError::Timeout("news"))));
    /// assert_eq!(workers[0].try_recv(), Ok("news"));
    /// ```
    #[track_caller]
    pub fn broadcast(&self, value: T) -> Op<Broadcast<T>>
    where
        T: Clone,
    {
        Op::new(Broadcast::new(&self.members.peers(), value))
    }

    /// Sends the first value to the first peer, the second to the second, and so on; where there are
    /// more values than peers it goes round, and it always begins with the first peer.
    ///
    /// Each peer gets its values in order, and none waits for another. The iterator runs in the call.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves sent what was sent, and the rest is dropped.
    ///
    /// # Errors
    /// [`ScatterError`](super::ScatterError) with the values that were not sent: all of them when there
    /// are no peers; those for a peer that has ended; and, when a limit or the ambient context stops
    /// it, those that still waited.
    ///
    /// ```
    /// use gonex_sync::distribute::{Distributor, PeerId, ScatterError};
    ///
    /// let (peers, mut workers) = Distributor::local(2, 4);
    /// workers.pop();
    /// let error = peers.scatter([10, 11, 12, 13]).block().unwrap_err();
    /// assert_eq!(workers[0].try_iter().collect::<Vec<_>>(), [10, 12]);
    ///
    /// let ScatterError::Unsent(unsent) = &error else { panic!() };
    /// assert_eq!((unsent[1].index, unsent[1].peer), (3, PeerId::new(1)));
    /// assert_eq!(error.into_values(), [11, 13]);
    /// ```
    #[track_caller]
    pub fn scatter(&self, values: impl IntoIterator<Item = T>) -> Op<Scatter<T>> {
        Op::new(Scatter::new(&self.members.peers(), values))
    }

    // ---- to one ----

    /// A sender to one peer. It may be made before the peer has joined.
    ///
    /// ```
    /// use gonex_sync::distribute::{Distributor, PeerId};
    ///
    /// let (peers, workers) = Distributor::local(2, 4);
    /// let pinned = peers.route_to(PeerId::new(1));
    /// pinned.send("job").block()?;
    /// assert_eq!(workers[1].try_recv(), Ok("job"));
    /// # Ok::<(), gonex_sync::SendError<&str>>(())
    /// ```
    #[must_use]
    pub fn route_to(&self, peer: PeerId) -> Route<T> {
        Route::to_peer(self.members.clone(), peer)
    }

    /// A sender to the peer that a key belongs to, which is found anew for each value.
    ///
    /// A key with an [explicit route](Self::set_route) belongs to that peer, whether it has joined and
    /// is alive or not. Any other belongs to one of those that are alive, by rendezvous hashing: as
    /// long as the set stays, values with the same key go to the same peer, in the order in which they
    /// were sent. When a peer goes, its keys go to others and all other keys stay; when one comes, it
    /// takes its share of all.
    ///
    /// ```
    /// use gonex_sync::distribute::{Distributor, PeerId};
    ///
    /// let (peers, _workers) = Distributor::<u8>::local(5, 4);
    /// let before: Vec<_> = (0..100).map(|key| peers.route(&key).peer()).collect();
    /// peers.leave(PeerId::new(3));
    /// for (key, owner) in before.into_iter().enumerate() {
    ///     let stays = peers.route(&(key as i32)).peer() == owner;
    ///     assert_eq!(stays, owner != Some(PeerId::new(3)));
    /// }
    /// ```
    #[must_use]
    pub fn route<K: Hash + ?Sized>(&self, key: &K) -> Route<T> {
        Route::by_key(self.members.clone(), KeyHash::of(key))
    }

    /// Gives a key a route of its own, which goes before the hash. Yields the one it had.
    ///
    /// Routes are kept by the [hash](KeyHash) of the key, 64 bits; at most 65,536 of them. They end
    /// with [`clear_route`](Self::clear_route) and when their peer [leaves](Self::leave). A peer may
    /// join later; until then, and when it has ended, its keys have nobody to go to.
    ///
    /// # Errors
    /// [`TableFull`] when there are too many.
    ///
    /// ```
    /// use gonex_sync::distribute::{Distributor, KeyHash, PeerId};
    ///
    /// let (peers, _workers) = Distributor::<u8>::local(3, 4);
    /// let by_hash = peers.route("key").peer();
    /// for id in [0, 1, 2].map(PeerId::new) {
    ///     peers.set_route("key", id)?;
    ///     assert_eq!(peers.route("key").peer(), Some(id));
    /// }
    /// assert_eq!(peers.routes(), [(KeyHash::of("key"), PeerId::new(2))]);
    /// assert_eq!(peers.clear_route("key"), Some(PeerId::new(2)));
    /// assert_eq!(peers.route("key").peer(), by_hash);
    /// # Ok::<(), gonex_sync::distribute::TableFull>(())
    /// ```
    pub fn set_route<K: Hash + ?Sized>(
        &self,
        key: &K,
        peer: PeerId,
    ) -> Result<Option<PeerId>, TableFull> {
        self.members.set_route(KeyHash::of(key), peer)
    }

    /// Ends the explicit route of a key, and yields it: see [`set_route`](Self::set_route).
    pub fn clear_route<K: Hash + ?Sized>(&self, key: &K) -> Option<PeerId> {
        self.members.clear_route(KeyHash::of(key))
    }

    /// All explicit routes: see [`set_route`](Self::set_route).
    #[must_use]
    pub fn routes(&self) -> Vec<(KeyHash, PeerId)> {
        self.members.routes()
    }

    // ---- from the busy to the idle ----

    /// Moves what is queued from peers with many values to peers with few, until their numbers differ
    /// by 1 at most, as far as it saw when it was called. It never waits for room.
    ///
    /// It takes from [`Movable`] channels only, and gives to all that are alive and have room. Taken
    /// are those that have waited longest. Those that go from one peer to another keep
    /// their order among themselves, and come after what is queued there; but two values with the same
    /// key may then be with two peers, and be received in any order. Where the order of a key counts,
    /// have the peers join with a plain [`Sender`](crate::Sender).
    ///
    /// # Cancel safety
    /// Dropped or stopped, it leaves moved what was moved, and nothing is lost. If others have filled
    /// a queue meanwhile, the value for it goes to another, or to the end of the one it came from; and
    /// if there is no room anywhere, it comes back in [`left_over`](super::Balanced::left_over).
    ///
    /// ```
    /// use gonex_sync::distribute::{Distributor, PeerId};
    ///
    /// let (peers, workers) = Distributor::local(3, 16);
    /// for job in 0..9 {
    ///     peers.route_to(PeerId::new(0)).try_send(job).unwrap();
    /// }
    /// assert_eq!(peers.balance().block().moved, 6);
    /// assert_eq!(workers.iter().map(|worker| worker.len()).collect::<Vec<_>>(), [3, 3, 3]);
    /// assert_eq!(workers[0].try_iter().collect::<Vec<_>>(), [6, 7, 8]);
    /// ```
    #[track_caller]
    pub fn balance(&self) -> Op<Balance<T>> {
        Op::new(Balance::new(self.members.peers()))
    }
}

impl<T> Clone for Distributor<T> {
    fn clone(&self) -> Self {
        Self { members: self.members.clone() }
    }
}

impl<T> Default for Distributor<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Distributor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distributor").field("peers", &self.peers()).finish()
    }
}
