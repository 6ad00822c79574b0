use std::fmt;
use std::sync::Arc;

use gonex_core::Op;

use super::shared::Shared;
use super::{BroadcastReceiver, BroadcastSend, OnLag, Room};
use crate::channel::TrySendError;
use crate::simulation::step;

/// Makes a broadcast channel for so many values, with a first subscriber for which senders
/// [wait](OnLag::Wait).
///
/// # Panics
/// With a capacity of 0: a value must be somewhere until all have received it.
///
/// ```
/// use gonex_sync::broadcast;
///
/// let (tx, mut one) = broadcast(8);
/// let mut other = tx.subscribe();
/// assert_eq!(tx.send("hello").block(), Ok(2));
/// assert_eq!(one.recv().block(), Ok("hello"));
/// assert_eq!(other.recv().block(), Ok("hello"));
/// ```
#[must_use]
#[track_caller]
pub fn broadcast<T>(capacity: usize) -> (BroadcastSender<T>, BroadcastReceiver<T>) {
    let tx = BroadcastSender::new(capacity);
    let rx = tx.subscribe();
    (tx, rx)
}

/// The end of a [`broadcast`] into which values go; cheap to clone.
///
/// When the last one is dropped, the channel is closed.
pub struct BroadcastSender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> BroadcastSender<T> {
    /// Makes a broadcast channel for so many values, to which nobody has subscribed yet.
    ///
    /// # Panics
    /// With a capacity of 0: a value must be somewhere until all have received it.
    ///
    /// ```
    /// let tx = gonex_sync::BroadcastSender::new(8);
    /// assert_eq!(tx.send("nobody hears it").block(), Ok(0));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        assert!(
            capacity > 0,
            "a broadcast channel of capacity 0 could hold no value until all have received it: \
             use 1 or more"
        );
        Self { shared: Arc::new(Shared::new(capacity)) }
    }

    /// Sends a value to all who have subscribed, and yields how many they are.
    ///
    /// When the channel is full it waits for those who want that, in line with other senders; the
    /// others miss the oldest value. Without subscribers the value is dropped.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it sends nothing, to nobody.
    ///
    /// # Errors
    /// [`SendError`](crate::SendError) gives the value back, when the channel is closed, and when a
    /// limit or the ambient context stops the operation.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::SendError;
    ///
    /// let (tx, mut rx) = gonex_sync::broadcast(1);
    /// assert_eq!(tx.send(1).block(), Ok(1));
    /// let late = tx.send(2).timeout(Duration::ZERO).block();
    /// assert_eq!(late, Err(SendError::Timeout(2)));
    /// assert_eq!(rx.recv().block(), Ok(1));
    /// ```
    #[track_caller]
    pub fn send(&self, value: T) -> Op<BroadcastSend<'_, T>> {
        Op::new(BroadcastSend::new(&self.shared, value))
    }

    /// Sends a value if that needs no wait, and returns how many will get it.
    ///
    /// # Errors
    /// Gives the value back, and says whether the channel is full or closed.
    ///
    /// ```
    /// use gonex_sync::TrySendError;
    ///
    /// let (tx, _rx) = gonex_sync::broadcast(1);
    /// assert_eq!(tx.try_send(1), Ok(1));
    /// assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_send(&self, value: T) -> Result<usize, TrySendError<T>> {
        step("try to send to", "broadcast");
        self.shared.try_send(value)
    }

    /// Subscribes to all that is sent from now on; senders wait for this subscriber.
    ///
    /// ```
    /// let (tx, _rx) = gonex_sync::broadcast(2);
    /// tx.try_send(1).unwrap();
    /// let mut late = tx.subscribe();
    /// tx.try_send(2).unwrap();
    /// assert_eq!(late.try_recv(), Ok(2));
    /// ```
    #[must_use]
    pub fn subscribe(&self) -> BroadcastReceiver<T> {
        self.subscribe_with(OnLag::Wait)
    }

    /// Subscribes to all that is sent from now on, and says what becomes of a subscriber that is too
    /// slow.
    ///
    /// ```
    /// use gonex_sync::{BroadcastRecvError, BroadcastSender, OnLag};
    ///
    /// let tx = BroadcastSender::new(1);
    /// let mut told = tx.subscribe_with(OnLag::Error);
    /// let mut untold = tx.subscribe_with(OnLag::DropOldest);
    /// for n in 1..=3 {
    ///     tx.try_send(n).unwrap();
    /// }
    /// assert_eq!(told.recv().block(), Err(BroadcastRecvError::Lagged(2)));
    /// assert_eq!(told.recv().block(), Ok(3));
    /// assert_eq!((untold.recv().block(), untold.missed()), (Ok(3), 2));
    /// ```
    #[must_use]
    pub fn subscribe_with(&self, on_lag: OnLag) -> BroadcastReceiver<T> {
        BroadcastReceiver::new(self.shared.clone(), on_lag)
    }

    /// A wait for room, for who alone sends.
    pub(crate) fn room(&self) -> Room<T> {
        Room::new(self.shared.clone())
    }

    /// Closes the channel: nothing more goes in, and what is inside can still be received. Those who
    /// wait to send get their value back.
    ///
    /// Says whether it was open; closing twice does no harm.
    ///
    /// ```
    /// let (tx, mut rx) = gonex_sync::broadcast(1);
    /// tx.try_send(1).unwrap();
    /// assert!(tx.close() && !tx.close());
    /// assert!(tx.try_send(2).unwrap_err().is_closed());
    /// assert_eq!(rx.recv().block(), Ok(1));
    /// assert!(rx.recv().block().is_err());
    /// ```
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether the channel is closed.
    ///
    /// ```
    /// let (tx, _rx) = gonex_sync::broadcast::<u8>(1);
    /// assert!(!tx.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// The number of subscribers, which may have changed when it is returned.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::broadcast::<u8>(1);
    /// assert_eq!(tx.subscriber_count(), 1);
    /// drop(rx);
    /// assert_eq!(tx.subscriber_count(), 0);
    /// ```
    #[must_use]
    pub fn subscriber_count(&self) -> usize {
        self.shared.subscribers()
    }

    /// The number of values that somebody has still to receive.
    ///
    /// ```
    /// let (tx, _rx) = gonex_sync::broadcast(2);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether all have received everything.
    ///
    /// ```
    /// assert!(gonex_sync::broadcast::<u8>(1).0.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values the channel holds until all have received them.
    ///
    /// ```
    /// assert_eq!(gonex_sync::broadcast::<u8>(3).0.capacity(), 3);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.capacity()
    }
}

impl<T> Clone for BroadcastSender<T> {
    fn clone(&self) -> Self {
        self.shared.add_sender();
        Self { shared: self.shared.clone() }
    }
}

impl<T> Drop for BroadcastSender<T> {
    fn drop(&mut self) {
        self.shared.remove_sender();
    }
}

impl<T> fmt::Debug for BroadcastSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastSender")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .field("subscribers", &self.subscriber_count())
            .field("closed", &self.is_closed())
            .finish()
    }
}
