use std::fmt;

use gonex_core::{Cause, Stop};

/// Why a job was not taken; it comes back.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubmitError<J> {
    /// The queue is full; only from `try_submit`, and where the pool [refuses](super::AtFull::Refuse)
    /// then; others wait.
    Full(J),
    /// The pool has been closed, or [is broken](super::What::Broken).
    Closed(J),
    /// The time limit of the wait for room passed.
    Timeout(J),
    /// The wait for room was cancelled.
    Cancelled(J, Cause),
    /// The worker that it was for is not there (any more).
    NoSuchWorker(J),
}

impl<J> SubmitError<J> {
    /// The job that was not taken.
    #[must_use]
    pub fn into_job(self) -> J {
        match self {
            Self::Full(job)
            | Self::Closed(job)
            | Self::Timeout(job)
            | Self::Cancelled(job, _)
            | Self::NoSuchWorker(job) => job,
        }
    }

    pub(super) fn stopped(job: J, stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout(job),
            Stop::Cancelled(cause) => Self::Cancelled(job, cause),
        }
    }

    /// Whether there was no room.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Whether the pool takes no more jobs.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<J> fmt::Debug for SubmitError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
            Self::Timeout(_) => "Timeout(..)",
            Self::Cancelled(..) => "Cancelled(..)",
            Self::NoSuchWorker(_) => "NoSuchWorker(..)",
        })
    }
}

impl<J> fmt::Display for SubmitError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(_) => f.write_str("the pool's queue is full"),
            Self::Closed(_) => f.write_str("the pool is closed"),
            Self::Timeout(_) => f.write_str("timed out waiting for room in the pool's queue"),
            Self::Cancelled(_, cause) => {
                write!(f, "cancelled waiting for room in the pool's queue: {cause}")
            }
            Self::NoSuchWorker(_) => f.write_str("the pool has no such worker"),
        }
    }
}

impl<J> std::error::Error for SubmitError<J> {}
