use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::peer::PeerId;
use super::source::{Place, Source};
use super::sources::{List, Sources, contains};
use crate::RecvError;
use crate::wait::Key;

/// The kind of [`Collector::gather`](super::Collector::gather).
#[must_use = "a gather does nothing until it is awaited or blocked on"]
pub struct Gather<'a, T> {
    sources: &'a Sources<T>,
    /// The sources it began with.
    list: List<T>,
    parts: Vec<Part<T>>,
    watching: Option<Key>,
}

/// What is known of one peer.
struct Part<T> {
    place: Place<T>,
    outcome: Option<Result<T, RecvError>>,
}

impl<'a, T> Gather<'a, T> {
    pub(super) fn new(sources: &'a Sources<T>) -> Self {
        let list = sources.list();
        let part =
            |source: &Arc<Source<T>>| Part { place: Place::new(source.clone()), outcome: None };
        let parts = list.iter().map(part).collect();
        Self { sources, list, parts, watching: None }
    }

    /// What came, and in the gaps why nothing did. All parts have ended.
    fn end(&mut self) -> Vec<(PeerId, Result<T, RecvError>)> {
        let parts = std::mem::take(&mut self.parts).into_iter();
        let ended = parts.map(|part| (part.place.source.id, part.outcome));
        ended.map(|(id, outcome)| (id, outcome.unwrap_or(Err(RecvError::Closed)))).collect()
    }
}

impl<T> fmt::Debug for Gather<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waits_for = self.parts.iter().filter(|part| part.outcome.is_none()).count();
        f.debug_struct("Gather").field("waits_for", &waits_for).finish()
    }
}

// The values are moved about and never pinned.
impl<T> Unpin for Gather<'_, T> {}

impl<T> Kind for Gather<'_, T> {
    type Output = Vec<(PeerId, Result<T, RecvError>)>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // Watch first, look second: a change in between is seen by the one or the other.
        this.sources.watch.tell(&mut this.watching, cx.waker());
        let list = this.sources.list();
        let mut waits = false;
        for part in this.parts.iter_mut().filter(|part| part.outcome.is_none()) {
            match part.place.poll(cx) {
                Poll::Ready(outcome) => part.outcome = Some(outcome),
                Poll::Pending => {
                    if contains(&list, &part.place.source) {
                        waits = true;
                    } else {
                        part.outcome = Some(part.place.stop().ok_or(RecvError::Closed));
                    }
                }
            }
        }
        if waits { Poll::Pending } else { Poll::Ready(this.end()) }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        for part in self.parts.iter_mut().filter(|part| part.outcome.is_none()) {
            part.outcome = Some(part.place.stop().ok_or_else(|| stop.clone().into()));
        }
        self.end()
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        match self.parts.iter().find(|part| part.outcome.is_none()) {
            Some(part) => Subject::new("gather from").numbered("peer", part.place.source.id.get()),
            None => Subject::new("gather"),
        }
    }
}

impl<T> Drop for Gather<'_, T> {
    fn drop(&mut self) {
        self.sources.watch.forget(&mut self.watching);
        let mut waiting = Vec::new();
        for Part { place, outcome } in self.parts.drain(..) {
            match outcome {
                None => waiting.push(place),
                Some(Ok(value)) => self.sources.hold(&place.source, value),
                Some(Err(_)) => {}
            }
        }
        if !waiting.is_empty() {
            self.sources.put_back(&self.list, waiting.into_iter());
        }
    }
}
