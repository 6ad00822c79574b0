use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::PeerSendError;
use crate::distribute::{Sending, Transport};
use crate::{SendError, TrySendError};

/// The kind of [`Address::send`](crate::Address::send) and
/// [`AddressBook::send`](crate::AddressBook::send).
#[must_use = "a send does nothing until it is awaited or blocked on"]
pub struct SendTo<M> {
    /// `None` leads to nobody.
    way: Option<Arc<dyn Transport<M>>>,
    stage: Stage<M>,
}

enum Stage<M> {
    Begin(M),
    Sending(Box<dyn Sending<M>>),
    Ended,
}

impl<M> SendTo<M> {
    pub(super) fn new(way: Option<Arc<dyn Transport<M>>>, message: M) -> Self {
        Self { way, stage: Stage::Begin(message) }
    }

    /// Sends if that needs no wait.
    pub(super) fn try_now(&mut self) -> Option<Result<(), PeerSendError<M>>> {
        if !matches!(self.stage, Stage::Begin(_)) {
            return None;
        }
        let Stage::Begin(message) = std::mem::replace(&mut self.stage, Stage::Ended) else {
            return None;
        };
        let Some(way) = &self.way else { return Some(Err(PeerSendError::NoSuchPeer(message))) };
        match way.try_send(message) {
            Ok(()) => Some(Ok(())),
            Err(TrySendError::Closed(message)) => Some(Err(PeerSendError::NoSuchPeer(message))),
            Err(TrySendError::Full(message)) => {
                self.stage = Stage::Begin(message);
                None
            }
        }
    }

    pub(super) fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), PeerSendError<M>>> {
        if let Some(sent) = self.try_now() {
            return Poll::Ready(sent);
        }
        // Whoever is nobody has been found out above.
        self.stage = match (std::mem::replace(&mut self.stage, Stage::Ended), &self.way) {
            (Stage::Begin(message), Some(way)) => Stage::Sending(way.send(message)),
            (stage, _) => stage,
        };
        let Stage::Sending(sending) = &mut self.stage else {
            panic!("a send is not polled again after it was done")
        };
        let Poll::Ready(sent) = sending.poll(cx) else { return Poll::Pending };
        self.stage = Stage::Ended;
        Poll::Ready(sent.map_err(Into::into))
    }

    pub(super) fn give_up(&mut self, stop: Stop) -> Result<(), PeerSendError<M>> {
        match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Begin(message) => Err(SendError::stopped(message, stop).into()),
            Stage::Sending(mut sending) => sending.stop(stop).map_err(Into::into),
            Stage::Ended => Ok(()),
        }
    }
}

// The message is moved about and never pinned.
impl<M> Unpin for SendTo<M> {}

impl<M> fmt::Debug for SendTo<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waits = matches!(self.stage, Stage::Sending(_));
        f.debug_struct("SendTo").field("waits", &waits).finish_non_exhaustive()
    }
}

impl<M> Kind for SendTo<M> {
    type Output = Result<(), PeerSendError<M>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.try_now()
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.go_on(cx)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.give_up(stop)
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("send to").of("address")
    }
}
