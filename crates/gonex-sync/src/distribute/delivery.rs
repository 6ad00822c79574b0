//! Values on their way to one peer, one after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gonex_core::Stop;

use super::peer::{Peer, PeerId};
use super::transport::Sending;
use crate::{SendError, TrySendError};

/// What goes to one peer. Each value has an index by which its caller knows it.
pub(super) struct Delivery<T> {
    peer: Arc<Peer<T>>,
    queue: VecDeque<(usize, T)>,
    sending: Option<(usize, Box<dyn Sending<T>>)>,
}

impl<T> Delivery<T> {
    pub(super) fn new(peer: Arc<Peer<T>>) -> Self {
        Self { peer, queue: VecDeque::new(), sending: None }
    }

    pub(super) fn peer(&self) -> PeerId {
        self.peer.id
    }

    pub(super) fn push(&mut self, index: usize, value: T) {
        self.queue.push_back((index, value));
    }

    /// Goes on until nothing is left, or the peer has no room. What cannot be sent is handed to
    /// `failed`.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        failed: &mut impl FnMut(PeerId, usize, SendError<T>),
    ) -> Poll<()> {
        loop {
            if let Some((index, sending)) = &mut self.sending {
                let sent = ready!(sending.poll(cx));
                let index = *index;
                self.sending = None;
                if let Err(error) = sent {
                    failed(self.peer.id, index, error);
                }
            }
            let Some((index, value)) = self.queue.pop_front() else { return Poll::Ready(()) };
            match self.peer.transport.try_send(value) {
                Ok(()) => {}
                Err(TrySendError::Full(value)) => {
                    self.sending = Some((index, self.peer.transport.send(value)));
                }
                Err(TrySendError::Closed(value)) => {
                    failed(self.peer.id, index, SendError::Closed(value));
                }
            }
        }
    }

    /// Withdraws what has not been sent.
    pub(super) fn stop(
        &mut self,
        stop: &Stop,
        failed: &mut impl FnMut(PeerId, usize, SendError<T>),
    ) {
        if let Some((index, mut sending)) = self.sending.take()
            && let Err(error) = sending.stop(stop.clone())
        {
            failed(self.peer.id, index, error);
        }
        for (index, value) in self.queue.drain(..) {
            failed(self.peer.id, index, SendError::stopped(value, stop.clone()));
        }
    }
}
