use std::borrow::Cow;

use gonex_core::telemetry::TaskOutcome;
use gonex_core::{Cause, Stop};

use crate::Panic;

/// How a task ended without a result, or why its result was not waited for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task panicked.
    #[error("{0}")]
    Panicked(Box<Panic>),
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
        reason: Cow<'static, str>,
    },
    /// The task had to wait when as many as the runtime allows already did, and the runtime was set up
    /// to have it fail then.
    #[error("{0}")]
    Stalled(Box<Stalled>),
    /// The task has run, and what it returned could not be carried back from where that was.
    #[error("the task has run, and its result is lost: {reason}")]
    #[non_exhaustive]
    Unreadable {
        /// Why.
        reason: Box<str>,
    },
    /// The result has been taken by an earlier join of this handle.
    #[error("the result of this task has already been taken")]
    AlreadyJoined,
}

/// A closure had to wait when as many as are allowed already did: each keeps a thread.
///
/// A scheduler throws it from the wait, and the task's border turns it into
/// [`TaskError::Stalled`].
///
/// ```
/// use gonex_task::{Stalled, TaskError, isolate};
///
/// let stalled = Stalled::new(4096, 4096, 3);
/// let ended = isolate("waiting", || std::panic::panic_any(stalled.clone()));
/// assert_eq!(ended, Err::<(), _>(TaskError::Stalled(Box::new(stalled))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{blocked} closures wait in operations, and max_blocked allows {max_blocked}; {queued} are queued \
     behind them. If they wait for those, they wait for ever: raise max_blocked, or start what is \
     waited for first, or as futures"
)]
#[non_exhaustive]
pub struct Stalled {
    /// How many closures waited already.
    pub blocked: usize,
    /// How many may.
    pub max_blocked: usize,
    /// How many closures were queued.
    pub queued: usize,
}

impl Stalled {
    /// Makes the report; for schedulers.
    #[must_use]
    pub const fn new(blocked: usize, max_blocked: usize, queued: usize) -> Self {
        Self { blocked, max_blocked, queued }
    }
}

impl TaskError {
    /// What telemetry is told of how a task ended.
    pub(crate) fn outcome<T>(result: &Result<T, Self>) -> TaskOutcome {
        match result {
            Ok(_) | Err(Self::AlreadyJoined) => TaskOutcome::Done,
            Err(Self::Panicked(_)) => TaskOutcome::Panicked,
            Err(Self::Cancelled(_)) => TaskOutcome::Cancelled,
            Err(Self::Timeout) => TaskOutcome::TimedOut,
            Err(Self::Lost { .. } | Self::Unreadable { .. }) => TaskOutcome::Lost,
            Err(Self::Refused { .. }) => TaskOutcome::Refused,
            Err(Self::Stalled(_)) => TaskOutcome::Stalled,
        }
    }

    /// Makes a [`TaskError::Lost`]; for schedulers.
    #[must_use]
    pub const fn lost(started: bool) -> Self {
        Self::Lost { started }
    }

    /// Makes a [`TaskError::Refused`]; for schedulers.
    #[must_use]
    pub const fn refused(reason: &'static str) -> Self {
        Self::Refused { reason: Cow::Borrowed(reason) }
    }

    /// Makes a [`TaskError::Refused`] with a reason that is not known before; for places.
    #[must_use]
    pub fn refused_for(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    /// Makes a [`TaskError::Unreadable`]; for transports.
    #[must_use]
    pub fn unreadable(reason: impl Into<Box<str>>) -> Self {
        Self::Unreadable { reason: reason.into() }
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
