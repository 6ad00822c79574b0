use std::fmt;
use std::sync::{Arc, Weak};

use gonex_core::Op;

use super::batch::RecvMany;
use super::error::TryRecvError;
use super::recv::Recv;
use super::shared::{End, Shared};
use super::stream::{IntoStream, Iter, RecvStream, TryIter};
use crate::simulation::step;

/// The end of a channel out of which values come; made by [`channel`](crate::channel()) and its kin.
///
/// Clones are receivers of the same channel: each value goes to one of them. When the last one is
/// dropped, the channel is closed, and what is inside is dropped.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared<T>> {
        &self.shared
    }

    /// Receives a value, waiting for one.
    ///
    /// Values come in the order in which they were sent. With several receivers, one that was
    /// handed to a receive that was then given up may come after later ones. Those who wait are
    /// served in the order in which they came, as with [`Sender::send`](crate::Sender::send).
    ///
    /// # Cancel safety
    /// Dropped before it is done, it takes nothing: a value that had been handed to it goes back to
    /// the head of the channel.
    ///
    /// # Errors
    /// [`RecvError`](crate::RecvError) when the channel is closed and empty, and when a limit or
    /// the ambient context stops it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{RecvError, channel};
    ///
    /// let (tx, rx) = channel(1);
    /// assert_eq!(rx.recv().timeout(Duration::ZERO).block(), Err(RecvError::Timeout));
    /// tx.send(7).block().unwrap();
    /// drop(tx);
    /// assert_eq!(rx.recv().block(), Ok(7));
    /// assert_eq!(rx.recv().block(), Err(RecvError::Closed));
    /// ```
    #[inline]
    #[track_caller]
    pub fn recv(&self) -> Op<Recv<'_, T>> {
        Op::new(Recv::new(&self.shared))
    }

    /// Receives a value if one is there, or, at capacity 0, if a sender waits.
    ///
    /// # Errors
    /// Says whether the channel is empty, or closed as well.
    ///
    /// ```
    /// use gonex_sync::{TryRecvError, channel};
    ///
    /// let (tx, rx) = channel(1);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.try_send(7).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Ok(7));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    /// ```
    #[inline]
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        step("try to receive from", "channel");
        self.shared.try_recv()
    }

    /// Receives at least one value, and at most `limit`, to the end of `into`; yields how many.
    ///
    /// It waits for the first and takes what else is there. A limit of 0 yields 0 at once.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it takes nothing.
    ///
    /// # Errors
    /// As [`recv`](Self::recv); `into` is as it was then.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(8);
    /// tx.send_all(1..=5).block().unwrap();
    /// let mut values = Vec::new();
    /// assert_eq!(rx.recv_many(&mut values, 3).block(), Ok(3));
    /// assert_eq!(rx.recv_many(&mut values, 3).block(), Ok(2));
    /// assert_eq!(values, [1, 2, 3, 4, 5]);
    /// ```
    #[track_caller]
    pub fn recv_many<'b>(&self, into: &'b mut Vec<T>, limit: usize) -> Op<RecvMany<'_, 'b, T>> {
        Op::new(RecvMany::new(&self.shared, into, limit))
    }

    /// Receives by blocking, until the channel is closed and empty. `for value in &receiver` does
    /// the same.
    ///
    /// It ends as well when the ambient context stops.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(8);
    /// tx.send_all(["a", "b"]).block().unwrap();
    /// drop(tx);
    /// assert_eq!(rx.iter().collect::<Vec<_>>(), ["a", "b"]);
    /// ```
    pub fn iter(&self) -> Iter<'_, T> {
        Iter::new(self)
    }

    /// Receives what is there, without waiting.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(8);
    /// tx.send_all(["a", "b"]).block().unwrap();
    /// assert_eq!(rx.try_iter().collect::<Vec<_>>(), ["a", "b"]);
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter::new(self)
    }

    /// A stream of what is received, for the combinators of the `futures` family.
    ///
    /// ```
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll, Waker};
    /// use futures_core::Stream;
    ///
    /// let (tx, rx) = gonex_sync::channel(1);
    /// tx.try_send(7).unwrap();
    /// drop(tx);
    /// let mut stream = rx.stream();
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert_eq!(Pin::new(&mut stream).poll_next(&mut cx), Poll::Ready(Some(7)));
    /// assert_eq!(Pin::new(&mut stream).poll_next(&mut cx), Poll::Ready(None));
    /// ```
    pub fn stream(&self) -> RecvStream<'_, T> {
        RecvStream::new(self)
    }

    /// A stream that owns the receiver: see [`stream`](Self::stream).
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::task::{Context, Poll, Waker};
    /// use futures_core::Stream;
    ///
    /// let (tx, rx) = gonex_sync::channel(1);
    /// let mut stream = pin!(rx.into_stream());
    /// tx.try_send(7).unwrap();
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(Some(7)));
    /// assert!(stream.poll_next(&mut cx).is_pending());
    /// ```
    pub fn into_stream(self) -> IntoStream<T> {
        IntoStream::new(self)
    }

    /// Makes a handle that does not keep the channel open.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel::<u8>(1);
    /// let weak = rx.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(rx);
    /// assert!(weak.upgrade().is_none() && tx.is_closed());
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver { shared: Arc::downgrade(&self.shared) }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.add_handle(End::Receiving);
        Self { shared: self.shared.clone() }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.drop_handle(End::Receiving);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .field("closed", &self.is_closed())
            .finish()
    }
}

super::observe::observers!(Receiver, lane: |_: &Self| 0);

/// A receiver that does not keep its channel open, made by [`Receiver::downgrade`].
pub struct WeakReceiver<T> {
    shared: Weak<Shared<T>>,
}

impl<T> WeakReceiver<T> {
    /// Makes a receiver, if there is one left.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(1);
    /// let weak = rx.downgrade();
    /// tx.try_send(1).unwrap();
    /// assert_eq!(weak.upgrade().unwrap().try_recv(), Ok(1));
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        let shared = self.shared.upgrade().filter(|shared| shared.revive(End::Receiving))?;
        Some(Receiver { shared })
    }
}

impl<T> Clone for WeakReceiver<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<T> fmt::Debug for WeakReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakReceiver").finish_non_exhaustive()
    }
}
