use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::error::{SendError, TrySendError};
use super::shared::Shared;
use super::through::Spot;

/// The kind of [`Sender::send`](crate::Sender::send).
#[must_use = "a send does nothing until it is awaited or blocked on"]
pub struct Send<'a, T> {
    shared: &'a Shared<T>,
    lane: usize,
    /// Until it is sent, or while the channel does not keep it.
    value: Option<T>,
    /// The place in line, while it waits.
    spot: Option<Spot>,
}

impl<'a, T> Send<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>, lane: usize, value: T) -> Self {
        Self { shared, lane, value: Some(value), spot: None }
    }

    // An `Option`, since a `Poll` that a call yields goes through memory.
    #[inline(never)]
    fn wait(&mut self, cx: &mut Context<'_>) -> Option<Result<(), SendError<T>>> {
        let Self { shared, lane, value, spot } = self;
        if spot.is_none()
            && let Some(unsent) = value.take()
        {
            match shared.send_spinning(unsent, *lane) {
                Ok(()) => return Some(Ok(())),
                Err(unsent) => *value = Some(unsent),
            }
        }
        match shared.poll_send(value, *lane, spot, cx.waker()) {
            Poll::Ready(sent) => Some(match (sent, value.take()) {
                (Err(_), Some(value)) => Err(SendError::Closed(value)),
                _ => Ok(()),
            }),
            Poll::Pending => None,
        }
    }

    /// Leaves the line; the value is back.
    #[inline]
    fn leave(&mut self) {
        // `take` alone would write.
        if self.spot.is_some() {
            self.leave_line();
        }
    }

    #[cold]
    fn leave_line(&mut self) {
        if let Some(spot) = self.spot.take()
            && let Some(value) = self.shared.leave_senders(spot, self.lane)
        {
            self.value = Some(value);
        }
    }
}

// The value is moved about and never pinned.
impl<T> Unpin for Send<'_, T> {}

impl<T> fmt::Debug for Send<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Send").field("waits", &self.spot.is_some()).finish()
    }
}

impl<T> Kind for Send<'_, T> {
    type Output = Result<(), SendError<T>>;
    type Limited = Self;

    const SPINS: bool = true;

    fn comes_unasked(&self) -> bool {
        self.shared.is_buffered()
    }

    #[inline(always)]
    fn attempt(&mut self) -> Option<Self::Output> {
        let value = self.value.take()?;
        match self.shared.try_send(value, self.lane) {
            Ok(()) => Some(Ok(())),
            Err(TrySendError::Closed(value)) => Some(Err(SendError::Closed(value))),
            Err(TrySendError::Full(value)) => {
                self.value = Some(value);
                None
            }
        }
    }

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.spot.is_none()
            && let Some(value) = self.value.take()
        {
            match self.shared.send_quickly(value, self.lane) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(value) => self.value = Some(value),
            }
        }
        self.wait(cx).map_or(Poll::Pending, Poll::Ready)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.leave();
        match self.value.take() {
            Some(value) => Err(SendError::stopped(value, stop)),
            // A receiver took it just now.
            None => Ok(()),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("send to").of("channel")
    }
}

impl<T> Drop for Send<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}
