use std::fmt;
use std::sync::{Arc, Weak};

use gonex_core::Op;

use super::batch::SendAll;
use super::error::{ReserveError, TrySendError};
use super::permit::{Permit, Reserve};
use super::send::Send;
use super::send_acked::SendAcked;
use super::shared::{End, Shared};
use super::store::NoPlace;
use super::stream::SendSink;
use crate::simulation::step;

/// The end of a channel into which values go; made by [`channel`](crate::channel()) and its kin.
///
/// Clones are senders of the same channel. When the last one is dropped, the channel is closed:
/// what is inside can still be received.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
    /// Which lane it sends into.
    lane: usize,
}

impl<T> Sender<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared, lane: 0 }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared<T>> {
        &self.shared
    }

    pub(crate) fn lane_index(&self) -> usize {
        self.lane
    }

    /// Sends a value, waiting for room.
    ///
    /// At capacity 0 it waits for a receiver, and is done when one has the value in hand: an async
    /// receive that is dropped before it is polled again gives the value back to the channel, and
    /// the next receive takes it. [`send_acked`](Self::send_acked) waits for more.
    ///
    /// Those who wait are served in the order in which they came. In a channel with a buffer a
    /// newcomer may take room that has just come up while the first in line is waking, but from the
    /// same one only once. A value is moved into the channel under its lock or between two atomic
    /// steps, so box those of many kilobytes.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it sends nothing, and the value is dropped; but if a place came up
    /// just before, the value was let in, and stays sent. Under a limit that is reached the value comes
    /// back in the error, unless it was let in just before: then it is sent.
    ///
    /// # Errors
    /// [`SendError`](crate::SendError), with the value in it, when the channel is closed, and when
    /// a limit or the ambient context stops it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{SendError, channel};
    ///
    /// let (tx, rx) = channel(1);
    /// tx.send("first").block().unwrap();
    /// let late = tx.send("second").timeout(Duration::ZERO).block();
    /// assert!(matches!(late, Err(SendError::Timeout("second"))));
    /// assert_eq!(rx.recv().block(), Ok("first"));
    /// ```
    #[inline]
    #[track_caller]
    pub fn send(&self, value: T) -> Op<Send<'_, T>> {
        Op::new(Send::new(&self.shared, self.lane, value))
    }

    /// Sends a value if that needs no wait: if there is room, or, at capacity 0, if a receiver
    /// waits.
    ///
    /// # Errors
    /// Gives the value back, and says whether the channel is full or closed.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(1);
    /// tx.try_send(1).unwrap();
    /// assert!(tx.try_send(2).unwrap_err().is_full());
    /// drop(rx);
    /// assert!(tx.try_send(3).unwrap_err().is_closed());
    /// ```
    #[inline]
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        step("try to send to", "channel");
        self.shared.try_send(value, self.lane)
    }

    /// Sends many values in order, waiting for room for each.
    ///
    /// Values of other senders may come in between. The iterator is run by whoever awaits or blocks
    /// on this.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves sent what was sent, and the rest is dropped.
    ///
    /// # Errors
    /// [`SendError`](crate::SendError) with what was not sent, in order, as an iterator.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::channel;
    ///
    /// let (tx, rx) = channel(3);
    /// let error = tx.send_all(1..=5).timeout(Duration::ZERO).block().unwrap_err();
    /// assert_eq!(error.into_inner().collect::<Vec<_>>(), [4, 5]);
    /// assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
    /// ```
    #[track_caller]
    pub fn send_all<I>(&self, values: I) -> Op<SendAll<'_, I::IntoIter>>
    where
        I: IntoIterator<Item = T>,
    {
        Op::new(SendAll::new(&self.shared, self.lane, values.into_iter()))
    }

    /// Sends a value, and waits until it has been received.
    ///
    /// # Cancel safety
    /// Dropped before the value is sent, it sends nothing; after that, the value stays sent.
    ///
    /// # Errors
    /// [`AckError`](crate::AckError): with the value while it was not sent; afterwards it says
    /// whether the value may yet be received.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{AckError, channel};
    ///
    /// let (tx, rx) = channel(1);
    /// let late = tx.send_acked("hello").timeout(Duration::ZERO).block();
    /// assert!(matches!(late, Err(AckError::NotYet(_))));
    /// assert_eq!(rx.recv().block(), Ok("hello"));
    ///
    /// let receiver = std::thread::spawn(move || rx.recv().block());
    /// assert!(tx.send_acked("again").block().is_ok());
    /// assert_eq!(receiver.join().unwrap(), Ok("again"));
    /// ```
    #[track_caller]
    pub fn send_acked(&self, value: T) -> Op<SendAcked<'_, T>> {
        Op::new(SendAcked::new(&self.shared, self.lane, value))
    }

    /// Waits for a place, and keeps it for a value that comes later.
    ///
    /// At capacity 0 a permit means that a receiver waits. If it has left when the permit is used,
    /// the value goes to the next one, and till then stays in the channel. In a channel whose
    /// capacity is a weight, the place is for a weight of 1: see
    /// [`reserve_weight`](Self::reserve_weight).
    ///
    /// # Cancel safety
    /// Dropped before it is done, it keeps nothing.
    ///
    /// # Errors
    /// [`ReserveError`] when the channel is closed, and when a limit or the ambient context stops
    /// it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (tx, rx) = gonex_sync::channel(1);
    /// let permit = tx.reserve().block()?;
    /// permit.send("hello")?;
    /// assert_eq!(rx.recv().block()?, "hello");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn reserve(&self) -> Op<Reserve<'_, T>> {
        self.reserve_weight(1)
    }

    /// Waits for room for a value of some weight, and keeps it: see [`reserve`](Self::reserve).
    ///
    /// Where the capacity is a number of values, the weight does not matter.
    ///
    /// # Errors
    /// As [`reserve`](Self::reserve).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (tx, rx) = gonex_sync::ChannelBuilder::new().weighted(10, String::len).build();
    /// let permit = tx.reserve_weight(8).block()?;
    /// assert!(tx.try_send("four".to_owned()).is_err());
    /// permit.send("12345678".to_owned())?;
    /// assert_eq!(rx.recv().block()?.len(), 8);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn reserve_weight(&self, weight: usize) -> Op<Reserve<'_, T>> {
        Op::new(Reserve::new(&self.shared, self.lane, weight.max(1)))
    }

    /// Keeps a place if there is one: see [`reserve`](Self::reserve).
    ///
    /// # Errors
    /// [`ReserveError::Full`] or [`ReserveError::Closed`].
    ///
    /// ```
    /// use gonex_sync::ReserveError;
    ///
    /// let (tx, _rx) = gonex_sync::channel::<u8>(1);
    /// let permit = tx.try_reserve().unwrap();
    /// assert!(matches!(tx.try_reserve(), Err(ReserveError::Full)));
    /// drop(permit);
    /// assert!(tx.try_reserve().is_ok());
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, ReserveError> {
        step("try to reserve a place in", "channel");
        match self.shared.try_reserve(self.lane, 1) {
            Ok(()) => Ok(Permit::new(&self.shared, self.lane, 1)),
            Err(NoPlace::Closed) => Err(ReserveError::Closed),
            Err(NoPlace::Full) => Err(ReserveError::Full),
        }
    }

    /// A sink for the combinators of the `futures` family, which sends here.
    ///
    /// ```
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll, Waker};
    /// use futures_sink::Sink;
    ///
    /// let (tx, rx) = gonex_sync::channel(1);
    /// let mut sink = tx.sink();
    /// Pin::new(&mut sink).start_send(7).unwrap();
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert!(matches!(Pin::new(&mut sink).poll_flush(&mut cx), Poll::Ready(Ok(()))));
    /// assert_eq!(rx.try_recv(), Ok(7));
    /// ```
    pub fn sink(&self) -> SendSink<'_, T> {
        SendSink::new(self)
    }

    /// The same sender for another lane; lane 0 goes out first.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::ChannelBuilder::new().bounded(4).lanes(2).build();
    /// tx.lane(1).unwrap().try_send("later").unwrap();
    /// tx.try_send("urgent").unwrap();
    /// assert_eq!(rx.try_iter().collect::<Vec<_>>(), ["urgent", "later"]);
    /// assert!(tx.lane(2).is_none());
    /// ```
    #[must_use]
    pub fn lane(&self, lane: usize) -> Option<Self> {
        (lane < self.shared.lanes()).then(|| {
            let mut sender = self.clone();
            sender.lane = lane;
            sender
        })
    }

    /// Makes a handle that does not keep the channel open.
    ///
    /// ```
    /// let (tx, _rx) = gonex_sync::channel::<u8>(1);
    /// let weak = tx.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(tx);
    /// assert!(weak.upgrade().is_none());
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { shared: Arc::downgrade(&self.shared), lane: self.lane }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.add_handle(End::Sending);
        Self { shared: self.shared.clone(), lane: self.lane }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.drop_handle(End::Sending);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

super::observe::observers!(Sender, lane: |sender: &Self| sender.lane);

/// A sender that does not keep its channel open, made by [`Sender::downgrade`].
pub struct WeakSender<T> {
    shared: Weak<Shared<T>>,
    lane: usize,
}

impl<T> WeakSender<T> {
    /// Makes a sender, if there is one left.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(1);
    /// let weak = tx.downgrade();
    /// weak.upgrade().unwrap().try_send(1).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let shared = self.shared.upgrade().filter(|shared| shared.revive(End::Sending))?;
        Some(Sender { shared, lane: self.lane })
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), lane: self.lane }
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}
