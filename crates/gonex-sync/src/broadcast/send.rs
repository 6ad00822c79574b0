use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::shared::{Closed, Shared};
use crate::channel::{SendError, TrySendError};
use crate::wait::Key;

/// The kind of [`BroadcastSender::send`](super::BroadcastSender::send).
#[must_use = "a send does nothing until it is awaited or blocked on"]
pub struct BroadcastSend<'a, T> {
    shared: &'a Shared<T>,
    /// Until it is sent.
    value: Option<T>,
    key: Option<Key>,
}

impl<'a, T> BroadcastSend<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>, value: T) -> Self {
        Self { shared, value: Some(value), key: None }
    }

    fn unsent(&mut self) -> T {
        self.value.take().expect("a send is not used again after it was done")
    }
}

impl<T> fmt::Debug for BroadcastSend<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastSend").field("waits", &self.key.is_some()).finish()
    }
}

// The value is moved, never pinned.
impl<T> Unpin for BroadcastSend<'_, T> {}

impl<T> Kind for BroadcastSend<'_, T> {
    type Output = Result<usize, SendError<T>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        let value = self.unsent();
        match self.shared.try_send(value) {
            Ok(reached) => Some(Ok(reached)),
            Err(TrySendError::Closed(value)) => Some(Err(SendError::Closed(value))),
            Err(TrySendError::Full(value)) => {
                self.value = Some(value);
                None
            }
        }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { shared, value, key } = &mut *self;
        match shared.poll_send(value, key, cx.waker()) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(reached)) => Poll::Ready(Ok(reached)),
            Poll::Ready(Err(Closed)) => Poll::Ready(Err(SendError::Closed(self.unsent()))),
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let value = self.unsent();
        Err(SendError::stopped(value, stop))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("send to").of("broadcast")
    }
}

impl<T> Drop for BroadcastSend<'_, T> {
    fn drop(&mut self) {
        self.shared.leave(&mut self.key);
    }
}
