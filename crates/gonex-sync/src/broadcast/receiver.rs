use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::error::{BroadcastRecvError, TryBroadcastRecvError};
use super::shared::Shared;
use super::slots::OnLag;
use crate::simulation::step;

/// A subscriber of a [`broadcast`](super::broadcast()): receives all that is sent after it subscribed.
///
/// Dropped, it has read everything, so that nobody waits for it.
pub struct BroadcastReceiver<T> {
    shared: Arc<Shared<T>>,
    subscriber: usize,
}

impl<T> BroadcastReceiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, on_lag: OnLag) -> Self {
        let subscriber = shared.subscribe(on_lag);
        Self { shared, subscriber }
    }

    /// How many values this subscriber has missed in all by being too slow.
    ///
    /// ```
    /// use gonex_sync::{BroadcastSender, OnLag};
    ///
    /// let tx = BroadcastSender::new(1);
    /// let rx = tx.subscribe_with(OnLag::DropOldest);
    /// tx.try_send(1).unwrap();
    /// tx.try_send(2).unwrap();
    /// assert_eq!(rx.missed(), 1);
    /// ```
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.shared.missed(self.subscriber)
    }

    /// The number of values it can receive now.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::broadcast(2);
    /// tx.try_send(1).unwrap();
    /// assert_eq!((rx.len(), tx.subscribe().len()), (1, 0));
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.unread(self.subscriber)
    }

    /// Whether it has received everything.
    ///
    /// ```
    /// assert!(gonex_sync::broadcast::<u8>(2).1.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Clone> BroadcastReceiver<T> {
    /// Receives the next value, waiting for one.
    ///
    /// Values come in the order in which they were sent, each to every subscriber as a clone; the last
    /// one to receive it gets the value itself.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it takes nothing.
    ///
    /// # Errors
    /// [`BroadcastRecvError`]: when this subscriber has missed values and [wants to
    /// know](OnLag::Error); when the channel is closed and empty; and when a limit or the ambient
    /// context stops the operation.
    ///
    /// # Panics
    /// With the value's `clone`; the value counts as received then.
    ///
    /// ```
    /// use gonex_sync::BroadcastRecvError;
    ///
    /// let (tx, mut rx) = gonex_sync::broadcast(2);
    /// tx.try_send(1).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.recv().block(), Ok(1));
    /// assert_eq!(rx.recv().block(), Err(BroadcastRecvError::Closed));
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> Op<BroadcastRecv<'_, T>> {
        Op::new(BroadcastRecv { receiver: self, waits: false })
    }

    /// Receives the next value if it is there.
    ///
    /// # Errors
    /// Says whether one may come, or how many were missed.
    ///
    /// ```
    /// use gonex_sync::TryBroadcastRecvError;
    ///
    /// let (tx, mut rx) = gonex_sync::broadcast(2);
    /// assert_eq!(rx.try_recv(), Err(TryBroadcastRecvError::Empty));
    /// tx.try_send(1).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_recv(&mut self) -> Result<T, TryBroadcastRecvError> {
        step("try to receive from", "broadcast");
        self.shared.try_recv(self.subscriber)
    }
}

impl<T> Drop for BroadcastReceiver<T> {
    fn drop(&mut self) {
        self.shared.unsubscribe(self.subscriber);
    }
}

impl<T> fmt::Debug for BroadcastReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastReceiver")
            .field("len", &self.len())
            .field("missed", &self.missed())
            .finish()
    }
}

/// The kind of [`BroadcastReceiver::recv`].
#[must_use = "a receive does nothing until it is awaited or blocked on"]
pub struct BroadcastRecv<'a, T> {
    receiver: &'a mut BroadcastReceiver<T>,
    waits: bool,
}

impl<T> fmt::Debug for BroadcastRecv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastRecv").field("waits", &self.waits).finish()
    }
}

/// What a receive yields, unless it goes on waiting.
fn done<T>(got: Result<T, TryBroadcastRecvError>) -> Option<Result<T, BroadcastRecvError>> {
    match got {
        Ok(value) => Some(Ok(value)),
        Err(TryBroadcastRecvError::Empty) => None,
        Err(TryBroadcastRecvError::Closed) => Some(Err(BroadcastRecvError::Closed)),
        Err(TryBroadcastRecvError::Lagged(missed)) => Some(Err(BroadcastRecvError::Lagged(missed))),
    }
}

impl<T: Clone> Kind for BroadcastRecv<'_, T> {
    type Output = Result<T, BroadcastRecvError>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        done(self.receiver.shared.try_recv(self.receiver.subscriber))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.waits = true;
        let Self { receiver, .. } = &mut *self;
        let got = receiver.shared.recv(receiver.subscriber, Some(cx.waker()));
        done(got).map_or(Poll::Pending, Poll::Ready)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let got = self.receiver.shared.try_recv(self.receiver.subscriber);
        done(got).unwrap_or_else(|| Err(stop.into()))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("receive from").of("broadcast")
    }
}

impl<T> Drop for BroadcastRecv<'_, T> {
    fn drop(&mut self) {
        if self.waits {
            self.receiver.shared.forget_waker(self.receiver.subscriber);
        }
    }
}
