use std::fmt;

use gonex_core::{Cause, Stop};

/// Why a value was not sent; it comes back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError<T> {
    /// The channel is closed, or nobody can receive from it any more.
    #[error("cannot send: the channel is closed")]
    Closed(T),
    /// A time limit was reached before the value could be sent.
    #[error("cannot send: timed out")]
    Timeout(T),
    /// The operation was cancelled before the value could be sent.
    #[error("cannot send: cancelled: {1}")]
    Cancelled(T, Cause),
}

/// Why a value was not sent at once; it comes back.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrySendError<T> {
    /// There is no room now, or, at capacity 0, nobody who waits to receive.
    #[error("cannot send now: the channel is full")]
    Full(T),
    /// The channel is closed, or nobody can receive from it any more.
    #[error("cannot send: the channel is closed")]
    Closed(T),
}

/// Why nothing was received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecvError {
    /// The channel is closed, or nobody can send to it any more, and it is empty.
    #[error("nothing to receive: the channel is closed and empty")]
    Closed,
    /// A time limit was reached first.
    #[error("nothing received: timed out")]
    Timeout,
    /// The operation was cancelled first.
    #[error("nothing received: cancelled: {0}")]
    Cancelled(Cause),
}

/// Why nothing was received at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TryRecvError {
    /// There is nothing now.
    #[error("nothing to receive now: the channel is empty")]
    Empty,
    /// There never will be.
    #[error("nothing to receive: the channel is closed and empty")]
    Closed,
}

/// Why no place was reserved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReserveError {
    /// The channel is closed, or nobody can receive from it any more.
    #[error("cannot reserve: the channel is closed")]
    Closed,
    /// There is no room now: from [`try_reserve`](crate::Sender::try_reserve) only.
    #[error("cannot reserve now: the channel is full")]
    Full,
    /// A time limit was reached first.
    #[error("cannot reserve: timed out")]
    Timeout,
    /// The operation was cancelled first.
    #[error("cannot reserve: cancelled: {0}")]
    Cancelled(Cause),
}

/// Why it is not known that a value was received.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AckError<T> {
    /// The value was not sent; it comes back.
    #[error(transparent)]
    NotSent(SendError<T>),
    /// The value was sent, and the channel ended with it inside.
    #[error("the value was sent, but the channel ended before anybody received it")]
    Discarded,
    /// The value was sent, and may yet be received.
    #[error("the value was sent, but not received in time: {0}")]
    NotYet(Stop),
}

impl<T> SendError<T> {
    /// The value that was not sent.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(1);
    /// drop(rx);
    /// assert_eq!(tx.send("lost?").block().unwrap_err().into_inner(), "lost?");
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::Closed(value) | Self::Timeout(value) | Self::Cancelled(value, _) => value,
        }
    }

    /// Whether the channel is closed, so that trying again is in vain.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(1);
    /// drop(rx);
    /// assert!(tx.send(1).block().unwrap_err().is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    pub(crate) fn stopped(value: T, stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout(value),
            Stop::Cancelled(cause) => Self::Cancelled(value, cause),
        }
    }
}

impl<T> TrySendError<T> {
    /// The value that was not sent.
    ///
    /// ```
    /// let (tx, _rx) = gonex_sync::channel(1);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.try_send(2).unwrap_err().into_inner(), 2);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(value) | Self::Closed(value) => value,
        }
    }

    /// Whether there was no room, so that trying again may help.
    ///
    /// ```
    /// let (tx, _rx) = gonex_sync::channel(1);
    /// tx.try_send(1).unwrap();
    /// assert!(tx.try_send(2).unwrap_err().is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Whether the channel is closed, so that trying again is in vain.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::channel(1);
    /// drop(rx);
    /// assert!(tx.try_send(2).unwrap_err().is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl From<Stop> for RecvError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout,
            Stop::Cancelled(cause) => Self::Cancelled(cause),
        }
    }
}

impl From<Stop> for ReserveError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout,
            Stop::Cancelled(cause) => Self::Cancelled(cause),
        }
    }
}

// What is inside need not be printable.
impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(_) => f.write_str("Closed(..)"),
            Self::Timeout(_) => f.write_str("Timeout(..)"),
            Self::Cancelled(_, cause) => write!(f, "Cancelled(.., {cause:?})"),
        }
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Debug for AckError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) => f.debug_tuple("NotSent").field(error).finish(),
            Self::Discarded => f.write_str("Discarded"),
            Self::NotYet(stop) => f.debug_tuple("NotYet").field(stop).finish(),
        }
    }
}
