use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::delivery::Delivery;
use super::error::{ScatterError, Undelivered};
use super::members::Peers;

/// The kind of [`Distributor::scatter`](super::Distributor::scatter).
#[must_use = "a scatter does nothing until it is awaited or blocked on"]
pub struct Scatter<T> {
    waiting: Vec<Delivery<T>>,
    unsent: Vec<Undelivered<T>>,
    /// What was to be sent to nobody.
    homeless: Vec<T>,
}

impl<T> Scatter<T> {
    pub(super) fn new(peers: &Peers<T>, values: impl IntoIterator<Item = T>) -> Self {
        let mut waiting: Vec<_> = peers.iter().cloned().map(Delivery::new).collect();
        let mut homeless = Vec::new();
        let number = waiting.len();
        for (index, value) in values.into_iter().enumerate() {
            match index.checked_rem(number) {
                Some(peer) => waiting[peer].push(index, value),
                None => homeless.push(value),
            }
        }
        Self { waiting, unsent: Vec::new(), homeless }
    }

    fn end(&mut self) -> Result<(), ScatterError<T>> {
        let homeless = std::mem::take(&mut self.homeless);
        if !homeless.is_empty() {
            return Err(ScatterError::NoPeers(homeless));
        }
        let mut unsent = std::mem::take(&mut self.unsent);
        unsent.sort_unstable_by_key(|one| one.index);
        if unsent.is_empty() { Ok(()) } else { Err(ScatterError::Unsent(unsent)) }
    }
}

// The values are moved about and never pinned.
impl<T> Unpin for Scatter<T> {}

impl<T> fmt::Debug for Scatter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scatter").field("waits_for", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl<T> Kind for Scatter<T> {
    type Output = Result<(), ScatterError<T>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { waiting, unsent, .. } = &mut *self;
        let mut failed = |peer, index, error| unsent.push(Undelivered { index, peer, error });
        waiting.retain_mut(|delivery| delivery.poll(cx, &mut failed).is_pending());
        if waiting.is_empty() { Poll::Ready(self.end()) } else { Poll::Pending }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let Self { waiting, unsent, .. } = &mut *self;
        let mut failed = |peer, index, error| unsent.push(Undelivered { index, peer, error });
        waiting.iter_mut().for_each(|delivery| delivery.stop(&stop, &mut failed));
        self.end()
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        match self.waiting.first() {
            Some(first) => Subject::new("scatter to").numbered("peer", first.peer().get()),
            None => Subject::new("scatter"),
        }
    }
}
