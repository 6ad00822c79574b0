//! Channels as streams and sinks, for the combinators of the `futures` family.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};
use futures_sink::Sink;
use gonex_core::Op;

use super::error::SendError;
use super::recv::{Recv, RecvOwned};
use super::send::Send;
use super::{Receiver, Sender};

/// A stream of what a receiver receives, made by [`Receiver::stream`].
///
/// It ends when the channel is closed and empty, and when the ambient context stops.
///
/// # Cancel safety
/// Dropping it loses no value.
#[must_use = "a stream does nothing until it is polled"]
pub struct RecvStream<'a, T> {
    receiver: &'a Receiver<T>,
    waiting: Option<Op<Recv<'a, T>>>,
    ended: bool,
}

impl<'a, T> RecvStream<'a, T> {
    pub(super) fn new(receiver: &'a Receiver<T>) -> Self {
        Self { receiver, waiting: None, ended: false }
    }
}

impl<T> Stream for RecvStream<'_, T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let receiver = self.receiver;
        let waiting = self.waiting.get_or_insert_with(|| receiver.recv());
        let received = ready!(Future::poll(Pin::new(waiting), cx));
        self.waiting = None;
        self.ended = received.is_err();
        Poll::Ready(received.ok())
    }
}

impl<T> FusedStream for RecvStream<'_, T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T> fmt::Debug for RecvStream<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvStream").field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// A stream that owns its receiver, made by [`Receiver::into_stream`].
#[must_use = "a stream does nothing until it is polled"]
pub struct IntoStream<T> {
    // Before the receiver: it leaves the line first.
    waiting: Option<Op<RecvOwned<T>>>,
    receiver: Receiver<T>,
    ended: bool,
}

impl<T> IntoStream<T> {
    pub(super) fn new(receiver: Receiver<T>) -> Self {
        Self { waiting: None, receiver, ended: false }
    }
}

impl<T> Stream for IntoStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let Self { waiting, receiver, ended } = &mut *self;
        if *ended {
            return Poll::Ready(None);
        }
        let shared = || Op::new(RecvOwned::new(receiver.shared().clone()));
        let received = ready!(Future::poll(Pin::new(waiting.get_or_insert_with(shared)), cx));
        *waiting = None;
        *ended = received.is_err();
        Poll::Ready(received.ok())
    }
}

impl<T> FusedStream for IntoStream<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T> fmt::Debug for IntoStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoStream").field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// A sink that sends into a channel, made by [`Sender::sink`].
///
/// A value that was started is sent when the sink is next asked whether it is ready, or flushed.
/// Closing it flushes; the channel is closed with its last sender.
#[must_use = "a sink does nothing until it is polled"]
pub struct SendSink<'a, T> {
    sender: &'a Sender<T>,
    sending: Option<Op<Send<'a, T>>>,
}

impl<'a, T> SendSink<'a, T> {
    pub(super) fn new(sender: &'a Sender<T>) -> Self {
        Self { sender, sending: None }
    }

    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        let Some(sending) = &mut self.sending else { return Poll::Ready(Ok(())) };
        let sent = ready!(Future::poll(Pin::new(sending), cx));
        self.sending = None;
        Poll::Ready(sent)
    }
}

impl<T> Sink<T> for SendSink<'_, T> {
    type Error = SendError<T>;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_sent(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, value: T) -> Result<(), Self::Error> {
        let sender = self.sender;
        self.sending = Some(sender.send(value));
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_sent(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_sent(cx)
    }
}

impl<T> fmt::Debug for SendSink<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendSink").field("waits", &self.sending.is_some()).finish_non_exhaustive()
    }
}

/// Values received by blocking, made by [`Receiver::iter`].
///
/// It ends when the channel is closed and empty, and when the ambient context stops.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is used"]
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<'a, T> Iter<'a, T> {
    pub(super) fn new(receiver: &'a Receiver<T>) -> Self {
        Self { receiver }
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().block().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// Values received by blocking, with the receiver, made by its `into_iter`.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is used"]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().block().ok()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}

/// What is there, without waiting, made by [`Receiver::try_iter`].
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is used"]
pub struct TryIter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<'a, T> TryIter<'a, T> {
    pub(super) fn new(receiver: &'a Receiver<T>) -> Self {
        Self { receiver }
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}
