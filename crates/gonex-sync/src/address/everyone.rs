use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::{Address, PeerSendError};
use crate::SendError;
use crate::distribute::peer::Peer;
use crate::distribute::{Broadcast, PeerId};

/// The kind of [`AddressBook::broadcast`](crate::AddressBook::broadcast).
#[must_use = "a broadcast does nothing until it is awaited or blocked on"]
pub struct SendToAll<M> {
    names: Vec<Arc<str>>,
    broadcast: Broadcast<M>,
}

impl<M: Clone + 'static> SendToAll<M> {
    /// To peers in their order.
    pub(super) fn new(peers: Vec<(Arc<str>, Address<M>)>, message: M) -> Self {
        let (names, addresses): (_, Vec<_>) = peers.into_iter().unzip();
        let peers = (0..).zip(addresses).map(|(number, address)| {
            let (id, weight) = (PeerId::new(number), NonZeroU32::MIN);
            Arc::new(Peer { id, weight, transport: Box::new(address) })
        });
        Self { names, broadcast: Broadcast::new(&peers.collect(), message) }
    }
}

impl<M> SendToAll<M> {
    fn named(&mut self, outcomes: Vec<(PeerId, Result<(), SendError<M>>)>) -> Outcomes<M> {
        let names = std::mem::take(&mut self.names).into_iter();
        names.zip(outcomes).map(|(name, (_, sent))| (name, sent.map_err(Into::into))).collect()
    }
}

type Outcomes<M> = Vec<(Arc<str>, Result<(), PeerSendError<M>>)>;

impl<M> fmt::Debug for SendToAll<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendToAll").field("names", &self.names).finish_non_exhaustive()
    }
}

impl<M: Clone> Kind for SendToAll<M> {
    type Output = Outcomes<M>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcomes<M>> {
        match Pin::new(&mut self.broadcast).poll(cx) {
            Poll::Ready(outcomes) => Poll::Ready(self.named(outcomes)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Outcomes<M> {
        let outcomes = Pin::new(&mut self.broadcast).stop(stop);
        self.named(outcomes)
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("broadcast to").of("addresses")
    }
}
