//! Transports within a process: channels.

use std::fmt;
use std::task::{Context, Poll};

use gonex_core::Stop;

use super::transport::{Sending, Transport};
use crate::channel::through::Spot;
use crate::{Receiver, SendError, Sender, TrySendError, WeakReceiver};

impl<T: Send + 'static> Transport<T> for Sender<T> {
    fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        Self::try_send(self, value)
    }

    fn send(&self, value: T) -> Box<dyn Sending<T>> {
        Box::new(Local { sender: self.clone(), value: Some(value), spot: None })
    }

    fn close(&self) -> bool {
        Self::close(self)
    }

    fn is_alive(&self) -> bool {
        !self.is_closed()
    }

    fn queued(&self) -> Option<usize> {
        Some(self.len())
    }

    fn room(&self) -> Option<usize> {
        if self.is_full() {
            return Some(0);
        }
        Some(self.capacity().map_or(usize::MAX, |capacity| capacity.saturating_sub(self.len())))
    }
}

/// A value on its way into a channel.
struct Local<T> {
    sender: Sender<T>,
    /// Until it is sent, or while the channel does not keep it.
    value: Option<T>,
    spot: Option<Spot>,
}

impl<T> Local<T> {
    /// Leaves the line; the value is back.
    fn leave(&mut self) {
        let Self { sender, value, spot } = self;
        if let Some(spot) = spot.take()
            && let Some(back) = sender.shared().leave_senders(spot, sender.lane_index())
        {
            *value = Some(back);
        }
    }
}

impl<T: Send> Sending<T> for Local<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        let Self { sender, value, spot } = self;
        let sent = sender.shared().poll_send(value, sender.lane_index(), spot, cx.waker());
        sent.map(|sent| match (sent, value.take()) {
            (Err(_), Some(value)) => Err(SendError::Closed(value)),
            _ => Ok(()),
        })
    }

    fn stop(&mut self, stop: Stop) -> Result<(), SendError<T>> {
        self.leave();
        self.value.take().map_or(Ok(()), |value| Err(SendError::stopped(value, stop)))
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// A channel out of which [`balance`](super::Distributor::balance) may take what is queued, to give it
/// to a peer with less to do.
///
/// It does not keep the channel open as a receiver would.
///
/// ```
/// use gonex_sync::channel;
/// use gonex_sync::distribute::{Distributor, Movable, PeerId};
///
/// let (tx, rx) = channel(8);
/// let peers = Distributor::new();
/// peers.join(PeerId::new(1), Movable::new(tx, &rx))?;
/// peers.broadcast("hello").block();
/// assert_eq!(rx.try_recv(), Ok("hello"));
/// # Ok::<(), gonex_sync::distribute::JoinError>(())
/// ```
pub struct Movable<T> {
    sender: Sender<T>,
    queue: WeakReceiver<T>,
}

impl<T> Movable<T> {
    /// Makes a transport of the two ends of one channel.
    ///
    /// # Panics
    /// If they are ends of different channels.
    #[must_use]
    #[track_caller]
    pub fn new(sender: Sender<T>, receiver: &Receiver<T>) -> Self {
        let same = std::sync::Arc::ptr_eq(sender.shared(), receiver.shared());
        assert!(same, "a movable transport takes the sender and the receiver of one channel");
        Self { sender, queue: receiver.downgrade() }
    }
}

impl<T> fmt::Debug for Movable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Movable").field(&self.sender).finish()
    }
}

impl<T: Send + 'static> Transport<T> for Movable<T> {
    fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.sender.try_send(value)
    }

    fn send(&self, value: T) -> Box<dyn Sending<T>> {
        Transport::send(&self.sender, value)
    }

    fn close(&self) -> bool {
        self.sender.close()
    }

    fn is_alive(&self) -> bool {
        !self.sender.is_closed()
    }

    fn queued(&self) -> Option<usize> {
        Some(self.sender.len())
    }

    fn room(&self) -> Option<usize> {
        self.sender.room()
    }

    fn take_back(&self) -> Option<T> {
        self.queue.upgrade()?.try_recv().ok()
    }
}
