use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use gonex_core::{Kind, Stop};

use super::acks::Learned;
use super::error::{AckError, SendError};
use super::shared::Shared;
use super::store::Position;
use super::through::Spot;

/// The kind of [`Sender::send_acked`](crate::Sender::send_acked).
#[must_use = "a send does nothing until it is awaited or blocked on"]
pub struct SendAcked<'a, T> {
    shared: &'a Shared<T>,
    lane: usize,
    value: Option<T>,
    spot: Option<Spot>,
    /// Where the value stands, once it is sent.
    sent: Option<Position>,
}

impl<'a, T> SendAcked<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>, lane: usize, value: T) -> Self {
        Self { shared, lane, value: Some(value), spot: None, sent: None }
    }

    fn leave(&mut self) {
        if let Some(spot) = self.spot.take() {
            self.value = self.shared.leave_senders(spot, self.lane).or(self.value.take());
        }
        if let Some(position) = self.sent.take() {
            self.shared.forget_ack(position);
        }
    }
}

// The value is moved about and never pinned.
impl<T> Unpin for SendAcked<'_, T> {}

impl<T> fmt::Debug for SendAcked<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendAcked").field("sent", &self.sent.is_some()).finish_non_exhaustive()
    }
}

impl<T> Kind for SendAcked<'_, T> {
    type Output = Result<(), AckError<T>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { shared, lane, value, spot, sent } = &mut *self;
        let position = match *sent {
            Some(position) => position,
            None => match ready!(shared.poll_send_acked(value, *lane, spot, cx.waker())) {
                Ok(position) => *sent.insert(position),
                Err(_) => {
                    let Some(value) = value.take() else {
                        return Poll::Ready(Err(AckError::Discarded));
                    };
                    return Poll::Ready(Err(AckError::NotSent(SendError::Closed(value))));
                }
            },
        };
        let learned = ready!(shared.poll_ack(position, cx.waker()));
        self.leave();
        Poll::Ready(match learned {
            Learned::Received => Ok(()),
            _ => Err(AckError::Discarded),
        })
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // It may have been received just now.
        let mut cx = Context::from_waker(Waker::noop());
        if let Poll::Ready(outcome) = self.as_mut().poll(&mut cx) {
            return outcome;
        }
        let sent = self.sent.is_some();
        self.leave();
        match self.value.take() {
            Some(value) if !sent => Err(AckError::NotSent(SendError::stopped(value, stop))),
            _ => Err(AckError::NotYet(stop)),
        }
    }

    fn limited(self) -> Self {
        self
    }
}

impl<T> Drop for SendAcked<'_, T> {
    fn drop(&mut self) {
        self.leave();
    }
}
