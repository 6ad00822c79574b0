use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::peer::PeerId;
use crate::channel::through::Spot;
use crate::primitive::{Mutex, lock};
use crate::{Receiver, RecvError, TryRecvError};

/// A peer that values come from.
pub(super) struct Source<T> {
    pub(super) id: PeerId,
    pub(super) receiver: Receiver<T>,
    /// Whether it goes before others.
    pub(super) is_local: bool,
    /// Values that a gather had received when it was given up; they come first. Never more than there
    /// were gathers at once.
    held: Mutex<VecDeque<T>>,
}

impl<T> Source<T> {
    pub(super) fn new(id: PeerId, receiver: Receiver<T>, is_local: bool) -> Self {
        Self { id, receiver, is_local, held: Mutex::new(VecDeque::new()) }
    }

    pub(super) fn hold(&self, value: T) {
        lock(&self.held).push_front(value);
    }

    pub(super) fn take_held(&self) -> Option<T> {
        lock(&self.held).pop_front()
    }

    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        self.take_held().map_or_else(|| self.receiver.try_recv(), Ok)
    }
}

/// A source, and a receive that waits there.
pub(super) struct Place<T> {
    pub(super) source: Arc<Source<T>>,
    spot: Option<Spot>,
}

impl<T> Place<T> {
    pub(super) fn new(source: Arc<Source<T>>) -> Self {
        Self { source, spot: None }
    }

    /// Receives, or stands in line.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, RecvError>> {
        if let Some(value) = self.source.take_held() {
            return Poll::Ready(Ok(value));
        }
        let received = self.source.receiver.shared().poll_recv(&mut self.spot, cx.waker());
        received.map_err(|_| RecvError::Closed)
    }

    /// Whether it stands at this source, or at one behind it.
    pub(super) fn is_not_before(&self, source: &Arc<Source<T>>) -> bool {
        self.source.id > source.id || Arc::ptr_eq(&self.source, source)
    }

    /// Waits no longer, at a source that has left. What was handed over already is received.
    pub(super) fn end(mut self) -> Option<(PeerId, T)> {
        let value = self.stop()?;
        Some((self.source.id, value))
    }

    /// Waits no longer. A value that was handed over already is received.
    pub(super) fn stop(&mut self) -> Option<T> {
        let spot = self.spot.take()?;
        self.source.receiver.shared().stop_receiving(spot)
    }
}

impl<T> Drop for Place<T> {
    fn drop(&mut self) {
        if let Some(spot) = self.spot.take() {
            self.source.receiver.shared().leave_receivers(spot);
        }
    }
}

/// A peer that has left a [`Collector`](super::Collector), with what it has not delivered.
pub struct Detached<T> {
    pub(super) source: Arc<Source<T>>,
}

impl<T> Detached<T> {
    /// Receives what is left, without waiting: first what a gather that was given up had received.
    ///
    /// # Errors
    /// As [`Receiver::try_recv`].
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.source.try_recv()
    }

    /// The receiver that joined.
    #[must_use]
    pub fn receiver(&self) -> &Receiver<T> {
        &self.source.receiver
    }
}

impl<T> fmt::Debug for Detached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detached").field("id", &self.source.id).finish_non_exhaustive()
    }
}
