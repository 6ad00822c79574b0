use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::delivery::Delivery;
use super::members::Peers;
use super::peer::PeerId;
use crate::SendError;

/// The kind of [`Distributor::broadcast`](super::Distributor::broadcast).
#[must_use = "a broadcast does nothing until it is awaited or blocked on"]
pub struct Broadcast<T> {
    /// Until the first poll.
    value: Option<T>,
    waiting: Vec<Delivery<T>>,
    outcomes: Vec<(PeerId, Result<(), SendError<T>>)>,
}

impl<T: Clone> Broadcast<T> {
    pub(crate) fn new(peers: &Peers<T>, value: T) -> Self {
        let outcomes = peers.iter().map(|peer| (peer.id, Ok(()))).collect();
        let waiting = peers.iter().cloned().map(Delivery::new).collect();
        Self { value: Some(value), waiting, outcomes }
    }

    /// Gives each peer its copy; the last one gets the original.
    fn begin(&mut self) {
        let Some(value) = self.value.take() else { return };
        if let Some((last, others)) = self.waiting.split_last_mut() {
            for (index, delivery) in others.iter_mut().enumerate() {
                delivery.push(index, value.clone());
            }
            last.push(others.len(), value);
        }
    }
}

// The values are moved about and never pinned.
impl<T> Unpin for Broadcast<T> {}

impl<T> fmt::Debug for Broadcast<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast").field("waits_for", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl<T: Clone> Kind for Broadcast<T> {
    type Output = Vec<(PeerId, Result<(), SendError<T>>)>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.begin();
        let Self { waiting, outcomes, .. } = &mut *self;
        let mut failed = |_, index: usize, error| outcomes[index].1 = Err(error);
        waiting.retain_mut(|delivery| delivery.poll(cx, &mut failed).is_pending());
        if waiting.is_empty() { Poll::Ready(std::mem::take(outcomes)) } else { Poll::Pending }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.begin();
        let Self { waiting, outcomes, .. } = &mut *self;
        let mut failed = |_, index: usize, error| outcomes[index].1 = Err(error);
        waiting.iter_mut().for_each(|delivery| delivery.stop(&stop, &mut failed));
        std::mem::take(outcomes)
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        match self.waiting.first() {
            Some(first) => Subject::new("broadcast to").numbered("peer", first.peer().get()),
            None => Subject::new("broadcast"),
        }
    }
}
