use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};
use gonex_sync::Semaphore;
use gonex_sync::semaphore::Acquire;

use super::policy::Shared;

/// The kind of [`LeakyBucket::enqueue`](super::LeakyBucket::enqueue).
#[must_use = "nothing is put in until it is awaited or blocked on"]
pub struct Enqueue<T> {
    shared: Arc<Shared<T>>,
    acquire: Acquire<Arc<Semaphore>>,
    thing: Option<T>,
    /// Whether it has been polled, and so may have waited.
    waits: bool,
}

impl<T> Enqueue<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, thing: T) -> Self {
        let acquire = shared.room.acquire_owned(1).into_kind();
        Self { shared, acquire, thing: Some(thing), waits: false }
    }
}

/// What was not put in goes with it.
impl<T> Drop for Enqueue<T> {
    fn drop(&mut self) {
        if self.waits && self.thing.is_some() {
            self.shared.counters.abandoned.add(1);
        }
    }
}

/// The thing is only moved.
impl<T> Unpin for Enqueue<T> {}

impl<T> fmt::Debug for Enqueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enqueue").field("acquire", &self.acquire).finish_non_exhaustive()
    }
}

/// What was stopped while it waited for room.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing was put in: {stop}")]
pub struct EnqueueError<T> {
    /// What was not put in.
    pub thing: T,
    /// What stopped it.
    pub stop: Stop,
}

impl<T> fmt::Debug for EnqueueError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnqueueError").field("stop", &self.stop).finish_non_exhaustive()
    }
}

impl<T> Kind for Enqueue<T> {
    type Output = Result<(), EnqueueError<T>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match Pin::new(&mut this.acquire).poll(cx) {
            Poll::Pending => {
                this.waits = true;
                Poll::Pending
            }
            Poll::Ready(Ok(place)) => {
                if let Some(thing) = this.thing.take() {
                    this.shared.put(thing, place);
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(_)) => unreachable!("nobody closes the bucket or asks for two places"),
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let this = &mut *self;
        let Some(thing) = this.thing.take() else { unreachable!("stopped after it was put in") };
        match Pin::new(&mut this.acquire).stop(stop.clone()) {
            Ok(place) => {
                this.shared.put(thing, place);
                Ok(())
            }
            Err(_) => {
                if this.waits {
                    this.shared.counters.abandoned.add(1);
                }
                Err(EnqueueError { thing, stop })
            }
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("put into").of("leaky bucket")
    }
}
