use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::hash::KeyHash;
use super::members::Members;
use super::peer::{Peer, PeerId};
use super::transport::Sending;
use crate::{SendError, TrySendError};

/// A sender to one peer, or to the one that a key belongs to; made by
/// [`Distributor::route_to`](super::Distributor::route_to) and
/// [`Distributor::route`](super::Distributor::route).
pub struct Route<T> {
    members: Arc<Members<T>>,
    target: Target,
}

#[derive(Clone, Copy, Debug)]
enum Target {
    Peer(PeerId),
    Key(KeyHash),
}

impl<T> Route<T> {
    pub(super) fn to_peer(members: Arc<Members<T>>, peer: PeerId) -> Self {
        Self { members, target: Target::Peer(peer) }
    }

    pub(super) fn by_key(members: Arc<Members<T>>, key: KeyHash) -> Self {
        Self { members, target: Target::Key(key) }
    }

    fn resolve(&self) -> Option<Arc<Peer<T>>> {
        match self.target {
            Target::Peer(id) => self.members.get(id),
            Target::Key(key) => self.members.owner(key),
        }
    }

    /// The peer that a value would go to now, if there is one.
    ///
    /// ```
    /// use gonex_sync::distribute::{Distributor, PeerId};
    ///
    /// let (peers, _workers) = Distributor::<u8>::local(3, 4);
    /// assert_eq!(peers.route_to(PeerId::new(2)).peer(), Some(PeerId::new(2)));
    /// assert_eq!(peers.route_to(PeerId::new(3)).peer(), None);
    /// ```
    #[must_use]
    pub fn peer(&self) -> Option<PeerId> {
        self.resolve().map(|peer| peer.id)
    }

    /// Sends a value there, waiting for room.
    ///
    /// The peer is found when the operation begins. If it ends while a value that goes by its key
    /// waits, the value goes to the peer that has the key then.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it sends nothing, and the value is dropped. Under a limit that is
    /// reached the value comes back in the error.
    ///
    /// # Errors
    /// [`SendError`] with the value: closed when there is no such peer, when it has ended, and, for a
    /// key, when no peer is alive; and when a limit or the ambient context stops it.
    ///
    /// ```
    /// use gonex_sync::distribute::{Distributor, PeerId};
    ///
    /// let (peers, workers) = Distributor::local(3, 4);
    /// peers.route_to(PeerId::new(1)).send("for one").block()?;
    /// assert_eq!(workers[1].try_recv().unwrap(), "for one");
    /// assert!(peers.route_to(PeerId::new(9)).send("nobody").block().unwrap_err().is_closed());
    /// # Ok::<(), gonex_sync::SendError<&str>>(())
    /// ```
    #[track_caller]
    pub fn send(&self, value: T) -> Op<RouteSend<'_, T>> {
        Op::new(RouteSend { route: self, stage: Stage::Begin(value), tries: 0 })
    }

    /// Sends a value there if that needs no wait.
    ///
    /// # Errors
    /// Gives the value back: full when the peer has no room, closed as in [`send`](Self::send).
    ///
    /// ```
    /// use gonex_sync::distribute::Distributor;
    ///
    /// let (peers, workers) = Distributor::local(1, 1);
    /// let route = peers.route("key");
    /// route.try_send(1)?;
    /// assert!(route.try_send(2).unwrap_err().is_full());
    /// assert_eq!(workers[0].try_recv(), Ok(1));
    /// # Ok::<(), gonex_sync::TrySendError<u8>>(())
    /// ```
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        match self.resolve() {
            Some(peer) => peer.transport.try_send(value),
            None => Err(TrySendError::Closed(value)),
        }
    }
}

impl<T> Clone for Route<T> {
    fn clone(&self) -> Self {
        Self { members: self.members.clone(), target: self.target }
    }
}

impl<T> fmt::Debug for Route<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Route").field(&self.target).finish()
    }
}

/// So many peers may end, one after the other, while a value waits; more is as good as none left.
const MOST_TRIES: usize = 64;

/// The kind of [`Route::send`].
#[must_use = "a send does nothing until it is awaited or blocked on"]
pub struct RouteSend<'a, T> {
    route: &'a Route<T>,
    stage: Stage<T>,
    tries: usize,
}

enum Stage<T> {
    Begin(T),
    Sending(PeerId, Box<dyn Sending<T>>),
    Ended,
}

impl<T> RouteSend<'_, T> {
    /// Whether a value that came back may go to another peer.
    fn may_move(&mut self) -> bool {
        self.tries += 1;
        matches!(self.route.target, Target::Key(_)) && self.tries < MOST_TRIES
    }

    /// Has the value find a peer. `Err` if there is none but one that just failed.
    fn begin(&mut self, value: T, failed: Option<PeerId>) -> Result<(), SendError<T>> {
        match self.route.resolve().filter(|peer| Some(peer.id) != failed) {
            None => Err(SendError::Closed(value)),
            Some(peer) => match peer.transport.try_send(value) {
                Ok(()) => Ok(()),
                Err(TrySendError::Full(value)) => {
                    self.stage = Stage::Sending(peer.id, peer.transport.send(value));
                    Ok(())
                }
                Err(TrySendError::Closed(value)) if self.may_move() => {
                    self.begin(value, Some(peer.id))
                }
                Err(TrySendError::Closed(value)) => Err(SendError::Closed(value)),
            },
        }
    }
}

// The value is moved about and never pinned.
impl<T> Unpin for RouteSend<'_, T> {}

impl<T> fmt::Debug for RouteSend<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteSend").field("route", self.route).finish_non_exhaustive()
    }
}

impl<T> Kind for RouteSend<'_, T> {
    type Output = Result<(), SendError<T>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Stage::Begin(_) = &self.stage
            && let Stage::Begin(value) = std::mem::replace(&mut self.stage, Stage::Ended)
        {
            self.begin(value, None)?;
        }
        loop {
            let Stage::Sending(peer, sending) = &mut self.stage else { return Poll::Ready(Ok(())) };
            let (peer, sent) = (*peer, ready!(sending.poll(cx)));
            self.stage = Stage::Ended;
            match sent {
                Err(SendError::Closed(value)) if self.may_move() => {
                    self.begin(value, Some(peer))?;
                }
                sent => return Poll::Ready(sent),
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Begin(value) => Err(SendError::stopped(value, stop)),
            Stage::Sending(_, mut sending) => sending.stop(stop),
            Stage::Ended => Ok(()),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        match self.stage {
            Stage::Sending(peer, _) => Subject::new("send to").numbered("peer", peer.get()),
            _ => Subject::new("send to a peer"),
        }
    }
}
