use gonex_core::{Cause, Stop};

use crate::Panic;

/// How a task ended without a result, or why its result was not waited for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task panicked.
    #[error("{0}")]
    Panicked(Panic),
    /// The task, or the wait for it, was cancelled.
    #[error("cancelled: {0}")]
    Cancelled(Cause),
    /// The task, or the wait for it, reached its time limit. After a wait that did, the task may
    /// still be running, and its handle can be joined again.
    #[error("timed out")]
    Timeout,
    /// The task was taken but will never end: its pool was discarded, or its worker died.
    #[error("the task was lost {}", if *started { "while it ran" } else { "before it started" })]
    #[non_exhaustive]
    Lost {
        /// Whether it had begun.
        started: bool,
    },
    /// The task was not taken.
    #[error("the task was refused: {reason}")]
    #[non_exhaustive]
    Refused {
        /// Why, and what would help.
        reason: &'static str,
    },
    /// The result has been taken by an earlier join of this handle.
    #[error("the result of this task has already been taken")]
    AlreadyJoined,
}

impl TaskError {
    /// Makes a [`TaskError::Lost`]; for schedulers.
    #[must_use]
    pub const fn lost(started: bool) -> Self {
        Self::Lost { started }
    }

    /// Makes a [`TaskError::Refused`]; for schedulers.
    #[must_use]
    pub const fn refused(reason: &'static str) -> Self {
        Self::Refused { reason }
    }
}

impl From<Stop> for TaskError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout,
            Stop::Cancelled(cause) => Self::Cancelled(cause),
        }
    }
}
