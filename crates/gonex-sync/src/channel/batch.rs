//! Many values with one operation.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use gonex_core::{Kind, Stop};

use super::error::{RecvError, SendError, TryRecvError};
use super::recv::Recv;
use super::send::Send;
use super::shared::Shared;

/// What was not sent of many values, in order.
///
/// It is an iterator, so [`send_all`](crate::Sender::send_all) takes it for another try.
#[derive(Clone, Debug)]
pub struct Unsent<I: Iterator> {
    first: Option<I::Item>,
    rest: I,
}

impl<I: Iterator> Iterator for Unsent<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.first.take().or_else(|| self.rest.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let first = usize::from(self.first.is_some());
        let (low, high) = self.rest.size_hint();
        (low.saturating_add(first), high.and_then(|high| high.checked_add(first)))
    }
}

/// The kind of [`Sender::send_all`](crate::Sender::send_all).
#[must_use = "a send does nothing until it is awaited or blocked on"]
pub struct SendAll<'a, I: Iterator> {
    shared: &'a Shared<I::Item>,
    lane: usize,
    /// The value that waits for room.
    sending: Option<Send<'a, I::Item>>,
    rest: Option<I>,
}

impl<'a, I: Iterator> SendAll<'a, I> {
    pub(super) fn new(shared: &'a Shared<I::Item>, lane: usize, values: I) -> Self {
        Self { shared, lane, sending: None, rest: Some(values) }
    }

    fn unsent(&mut self, error: SendError<I::Item>) -> SendError<Unsent<I>> {
        // Taken once: an operation is not polled after its end.
        let rest = self.rest.take().expect("a send of many values ends once");
        let unsent = |value| Unsent { first: Some(value), rest };
        match error {
            SendError::Closed(value) => SendError::Closed(unsent(value)),
            SendError::Timeout(value) => SendError::Timeout(unsent(value)),
            SendError::Cancelled(value, cause) => SendError::Cancelled(unsent(value), cause),
        }
    }
}

// The iterator is used through `&mut` only.
impl<I: Iterator> Unpin for SendAll<'_, I> {}

impl<I: Iterator> fmt::Debug for SendAll<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendAll").field("waits", &self.sending.is_some()).finish()
    }
}

impl<I: Iterator> Kind for SendAll<'_, I> {
    type Output = Result<(), SendError<Unsent<I>>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Some(sending) = &mut self.sending {
                let sent = ready!(Pin::new(sending).poll(cx));
                self.sending = None;
                if let Err(error) = sent {
                    return Poll::Ready(Err(self.unsent(error)));
                }
            }
            let Some(value) = self.rest.as_mut().and_then(Iterator::next) else {
                return Poll::Ready(Ok(()));
            };
            self.sending = Some(Send::new(self.shared, self.lane, value));
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let Some(mut sending) = self.sending.take() else { return Ok(()) };
        match Pin::new(&mut sending).stop(stop.clone()) {
            Err(error) => Err(self.unsent(error)),
            Ok(()) => match self.rest.as_mut().and_then(Iterator::next) {
                None => Ok(()),
                Some(value) => Err(self.unsent(SendError::stopped(value, stop))),
            },
        }
    }

    fn limited(self) -> Self {
        self
    }
}

/// The kind of [`Receiver::recv_many`](crate::Receiver::recv_many).
#[must_use = "a receive does nothing until it is awaited or blocked on"]
pub struct RecvMany<'a, 'b, T> {
    first: Recv<'a, T>,
    shared: &'a Shared<T>,
    into: &'b mut Vec<T>,
    limit: usize,
}

impl<'a, 'b, T> RecvMany<'a, 'b, T> {
    pub(super) fn new(shared: &'a Shared<T>, into: &'b mut Vec<T>, limit: usize) -> Self {
        Self { first: Recv::new(shared), shared, into, limit }
    }

    /// With the first value, takes what else is there.
    fn with_first(&mut self, first: Result<T, RecvError>) -> Result<usize, RecvError> {
        let before = self.into.len();
        self.into.push(first?);
        while self.into.len() - before < self.limit {
            match self.shared.try_recv() {
                Ok(value) => self.into.push(value),
                // Whether it is closed is for the next receive to say.
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        Ok(self.into.len() - before)
    }
}

impl<T> fmt::Debug for RecvMany<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvMany").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl<T> Kind for RecvMany<'_, '_, T> {
    type Output = Result<usize, RecvError>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.limit == 0 {
            return Poll::Ready(Ok(0));
        }
        let first = ready!(Pin::new(&mut self.first).poll(cx));
        Poll::Ready(self.with_first(first))
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let first = Pin::new(&mut self.first).stop(stop);
        self.with_first(first)
    }

    fn limited(self) -> Self {
        self
    }
}
