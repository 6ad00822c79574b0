use gonex_core::{Cause, Stop};

/// Why no change was seen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// All senders are gone, and the last change has been seen.
    #[error("no more changes: all senders are gone")]
    Closed,
    /// A time limit was reached first.
    #[error("no change: timed out")]
    Timeout,
    /// The operation was cancelled first.
    #[error("no change: cancelled: {0}")]
    Cancelled(Cause),
}

impl From<Stop> for WatchError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout,
            Stop::Cancelled(cause) => Self::Cancelled(cause),
        }
    }
}
