use gonex_core::{Cause, Stop};

use super::core::{NotNow, Refused};

/// Why permits were not acquired.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcquireError {
    /// The semaphore is closed.
    #[error("cannot acquire: the semaphore is closed")]
    Closed,
    /// More permits were asked for than there are in all, so that waiting would be in vain.
    #[error(
        "cannot acquire {wanted} permits: the semaphore has {capacity}; ask for fewer, or resize it"
    )]
    TooMany {
        /// How many were asked for.
        wanted: usize,
        /// How many there are, free or not.
        capacity: usize,
    },
    /// A time limit was reached first.
    #[error("cannot acquire: timed out")]
    Timeout,
    /// The operation was cancelled first.
    #[error("cannot acquire: cancelled: {0}")]
    Cancelled(Cause),
}

/// Why permits were not acquired at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TryAcquireError {
    /// Too few are free now, or others wait for them already.
    #[error("cannot acquire now: too few permits are free, or others wait for them")]
    Busy,
    /// The semaphore is closed.
    #[error("cannot acquire: the semaphore is closed")]
    Closed,
    /// More permits were asked for than there are in all.
    #[error(
        "cannot acquire {wanted} permits: the semaphore has {capacity}; ask for fewer, or resize it"
    )]
    TooMany {
        /// How many were asked for.
        wanted: usize,
        /// How many there are, free or not.
        capacity: usize,
    },
}

impl AcquireError {
    pub(super) fn refused(refused: Refused, wanted: usize) -> Self {
        match refused {
            Refused::Closed => Self::Closed,
            Refused::TooMany { capacity } => Self::TooMany { wanted, capacity },
        }
    }
}

impl From<Stop> for AcquireError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout,
            Stop::Cancelled(cause) => Self::Cancelled(cause),
        }
    }
}

impl TryAcquireError {
    pub(super) fn not_now(not_now: NotNow, wanted: usize) -> Self {
        match not_now {
            NotNow::Busy => Self::Busy,
            NotNow::Never(Refused::Closed) => Self::Closed,
            NotNow::Never(Refused::TooMany { capacity }) => Self::TooMany { wanted, capacity },
        }
    }
}
