use std::task::{Context, Poll};

use gonex_core::Stop;

use crate::{SendError, TrySendError};

/// The way to one peer: what a [`Distributor`](super::Distributor) needs to send there.
///
/// A [`Sender`](crate::Sender) is one. Implementations keep the meaning of a channel: values arrive
/// in the order in which they were sent, the queue on the way is bounded, and what is not sent comes
/// back. No method but the poll of a [`Sending`] waits, and none is called under a lock.
pub trait Transport<T>: Send + Sync {
    /// Sends a value if that needs no wait.
    ///
    /// # Errors
    /// Gives the value back, and says whether the way is full or closed.
    fn try_send(&self, value: T) -> Result<(), TrySendError<T>>;

    /// Begins to send a value. It does not borrow, so that peers can leave meanwhile.
    fn send(&self, value: T) -> Box<dyn Sending<T>>;

    /// Lets nothing more in. Says whether it was open.
    fn close(&self) -> bool;

    /// Whether sending can still succeed. A peer that has died is found out at the latest by a send
    /// that yields [`SendError::Closed`].
    fn is_alive(&self) -> bool;

    /// How many values wait on the way and at the peer, if that is known.
    fn queued(&self) -> Option<usize>;

    /// How many more values it would take now without waiting, if that is known.
    fn room(&self) -> Option<usize>;

    /// Takes back the value that has waited longest and that nobody has begun to receive; `None`
    /// where there is none, or where this cannot be done.
    fn take_back(&self) -> Option<T> {
        None
    }
}

/// A value on its way into a [`Transport`]. Dropping it sends nothing more.
pub trait Sending<T>: Send {
    /// Goes on with it; on `Pending`, the waker is told when more is possible. It is not called
    /// again after its end.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError<T>>>;

    /// Withdraws. The value comes back in the error, unless it turns out to be sent.
    ///
    /// # Errors
    /// [`SendError::Timeout`] or [`SendError::Cancelled`] with the value.
    fn stop(&mut self, stop: Stop) -> Result<(), SendError<T>>;
}

/// Both must stay usable as `dyn`.
const _: Option<(&dyn Transport<u8>, &dyn Sending<u8>)> = None;
