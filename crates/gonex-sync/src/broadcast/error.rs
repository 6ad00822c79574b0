use gonex_core::{Cause, Stop};

/// Why nothing was received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BroadcastRecvError {
    /// The channel is closed, and all that was in it has been received.
    #[error("nothing to receive: the channel is closed and empty")]
    Closed,
    /// This subscriber was too slow and has missed so many values; the next receive goes on after
    /// them.
    #[error("missed {0} values by being too slow; the next receive goes on after them")]
    Lagged(u64),
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
pub enum TryBroadcastRecvError {
    /// There is nothing now.
    #[error("nothing to receive now: the channel is empty")]
    Empty,
    /// There never will be.
    #[error("nothing to receive: the channel is closed and empty")]
    Closed,
    /// This subscriber was too slow and has missed so many values; the next receive goes on after
    /// them.
    #[error("missed {0} values by being too slow; the next receive goes on after them")]
    Lagged(u64),
}

impl From<Stop> for BroadcastRecvError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout,
            Stop::Cancelled(cause) => Self::Cancelled(cause),
        }
    }
}
