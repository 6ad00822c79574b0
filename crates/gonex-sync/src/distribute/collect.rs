use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::collector::Sources;
use super::peer::PeerId;
use super::source::Place;
use crate::wait::Key;
use crate::{RecvError, TryRecvError};

/// The kind of [`Collector::recv`](super::Collector::recv).
#[must_use = "a receive does nothing until it is awaited or blocked on"]
pub struct Collect<'a, T> {
    sources: &'a Sources<T>,
    /// One at each source, in their order, while it waits.
    places: Vec<Place<T>>,
    watching: Option<Key>,
}

impl<'a, T> Collect<'a, T> {
    pub(super) fn new(sources: &'a Sources<T>) -> Self {
        Self { sources, places: Vec::new(), watching: None }
    }

    /// Stands where the sources are now, and keeps its places in the lines of those that stayed.
    fn follow(&mut self) {
        let list = self.sources.list();
        let same = self.places.len() == list.len()
            && self.places.iter().zip(&*list).all(|(place, at)| Arc::ptr_eq(&place.source, at));
        if same {
            return;
        }
        let mut before = std::mem::take(&mut self.places).into_iter().peekable();
        for source in &*list {
            while before.next_if(|place| place.source.id < source.id).is_some() {}
            let stayed = before.next_if(|place| Arc::ptr_eq(&place.source, source));
            self.places.push(stayed.unwrap_or_else(|| Place::new(source.clone())));
        }
    }

    fn leave(&mut self) {
        self.places.clear();
        self.sources.watch.forget(&mut self.watching);
    }
}

impl<T> fmt::Debug for Collect<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collect").field("waits_for", &self.places.len()).finish()
    }
}

impl<T> Kind for Collect<'_, T> {
    type Output = Result<(PeerId, T), RecvError>;
    type Limited = Self;

    fn attempt(self: Pin<&mut Self>) -> Option<Self::Output> {
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
        this.follow();
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
        let received = this.places.iter_mut().find_map(|place| {
            let value = place.stop()?;
            Some((place.source.id, value))
        });
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
