use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};
use smallvec::SmallVec;

use super::peer::PeerId;
use super::source::Place;
use super::sources::{List, Sources};
use crate::wait::Key;
use crate::{RecvError, TryRecvError};

/// The kind of [`Collector::recv`](super::Collector::recv).
#[must_use = "a receive does nothing until it is awaited or blocked on"]
pub struct Collect<'a, T> {
    sources: &'a Sources<T>,
    /// The sources it stands at, and its place at each, while it waits.
    list: List<T>,
    places: Vec<Place<T>>,
    watching: Option<Key>,
}

impl<'a, T> Collect<'a, T> {
    pub(super) fn new(sources: &'a Sources<T>) -> Self {
        Self { sources, list: Arc::new([]), places: Vec::new(), watching: None }
    }

    /// Stands where the sources are now, and keeps its places in the lines of those that stayed. What
    /// was handed over by those that left comes back.
    fn follow(&mut self) -> SmallVec<[(PeerId, T); 1]> {
        let list = self.sources.list();
        let mut handed = SmallVec::new();
        if Arc::ptr_eq(&list, &self.list) {
            return handed;
        }
        let mut before = std::mem::take(&mut self.places).into_iter().peekable();
        for source in &*list {
            while let Some(place) = before.next_if(|place| !place.is_not_before(source)) {
                handed.extend(place.end());
            }
            let stayed = before.next_if(|place| Arc::ptr_eq(&place.source, source));
            self.places.push(stayed.unwrap_or_else(|| Place::new(source.clone())));
        }
        handed.extend(before.filter_map(Place::end));
        self.list = list;
        handed
    }

    /// Leaves all lines. What was handed over meanwhile goes back.
    fn leave(&mut self) {
        self.sources.watch.forget(&mut self.watching);
        if !self.places.is_empty() {
            self.sources.put_back(&self.list, self.places.drain(..));
        }
        self.list = Arc::new([]);
    }
}

// The values are moved about and never pinned.
impl<T> Unpin for Collect<'_, T> {}

impl<T> fmt::Debug for Collect<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collect").field("waits_for", &self.places.len()).finish()
    }
}

impl<T> Kind for Collect<'_, T> {
    type Output = Result<(PeerId, T), RecvError>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        match self.sources.try_recv() {
            Ok(received) => Some(Ok(received)),
            Err(TryRecvError::Closed) => Some(Err(RecvError::Closed)),
            Err(TryRecvError::Empty) => None,
        }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // Watch first, look second: a change in between is seen by the one or the other.
        this.sources.watch.tell(&mut this.watching, cx.waker());
        let mut handed = this.follow().into_iter();
        if let Some(received) = handed.next().or_else(|| this.sources.take_returned()) {
            this.sources.give_back(handed);
            this.leave();
            return Poll::Ready(Ok(received));
        }
        let mut all_closed = true;
        for index in this.sources.order(this.places.iter().map(|place| &place.source)) {
            let place = &mut this.places[index];
            match place.poll(cx) {
                Poll::Ready(Ok(value)) => {
                    let id = place.source.id;
                    this.sources.served(index, &place.source);
                    this.leave();
                    return Poll::Ready(Ok((id, value)));
                }
                Poll::Ready(Err(_)) => {}
                Poll::Pending => all_closed = false,
            }
        }
        if all_closed {
            this.leave();
            return Poll::Ready(Err(RecvError::Closed));
        }
        Poll::Pending
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let this = &mut *self;
        let received =
            this.places.iter_mut().find_map(|place| Some((place.source.id, place.stop()?)));
        // What others had handed over goes back to them.
        this.leave();
        received.ok_or_else(|| stop.into())
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("receive from any peer")
    }
}

impl<T> Drop for Collect<'_, T> {
    fn drop(&mut self) {
        self.leave();
    }
}
