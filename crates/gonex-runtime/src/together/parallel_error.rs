use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use gonex_core::Stop;
use gonex_resilience::breaker::{BreakerError, Open};
use gonex_resilience::{CallError, RetryError};
use gonex_task::TaskError;

use super::TryError;
use crate::ParallelismError;

/// How [`go_parallel`](super::go_parallel) and [`try_go_parallel`](super::try_go_parallel) ended without a
/// value.
///
/// ```
/// use gonex_runtime::{ParallelError, try_go_parallel};
///
/// let failed = try_go_parallel(|| Err::<(), _>("down")).block();
/// assert_eq!(failed, Err(ParallelError::Failed { error: "down", attempts: 1 }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParallelError<E = Infallible> {
    /// The options cannot be used, and nothing was started.
    Config(ParallelismError),
    /// The last attempt yielded an error of its own.
    Failed {
        /// That error.
        error: E,
        /// How many attempts were made, the first one included.
        attempts: u32,
    },
    /// The task of the last attempt was lost.
    Task {
        /// How.
        error: TaskError,
        /// How many attempts were made, the first one included.
        attempts: u32,
    },
    /// The breaker did not let the last attempt in: what it stands for is known to fail.
    Open {
        /// How, and when it is worth trying again.
        open: Open,
        /// How many attempts were made, the one that was refused included.
        attempts: u32,
    },
    /// A context or a limit, that of the options included, stopped the call.
    Stopped {
        /// What stopped it.
        stop: Stop,
        /// How many attempts were made, the first one included.
        attempts: u32,
    },
}

impl<E> From<RetryError<BreakerError<TryError<E>>>> for ParallelError<E> {
    fn from(error: RetryError<BreakerError<TryError<E>>>) -> Self {
        let attempts = error.attempts();
        match error {
            RetryError::Stopped { stop, .. } => Self::Stopped { stop, attempts },
            RetryError::Invalid(invalid) => Self::Config(invalid.into()),
            other => match other.into_last() {
                Some(CallError::Refused(open)) => Self::Open { open, attempts },
                Some(CallError::Stopped(stop)) => Self::Stopped { stop, attempts },
                Some(CallError::Failed(TryError::Failed(error))) => {
                    Self::Failed { error, attempts }
                }
                Some(CallError::Failed(TryError::Task(error))) => Self::Task { error, attempts },
                // Attempts have no time-out of their own here.
                _ => Self::Task { error: TaskError::Timeout, attempts },
            },
        }
    }
}

impl<E: fmt::Display> fmt::Display for ParallelError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(refused) => refused.fmt(f),
            Self::Failed { error, attempts } => write!(f, "failed at attempt {attempts}: {error}"),
            Self::Task { error, attempts } => write!(f, "failed at attempt {attempts}: {error}"),
            Self::Open { open, attempts } => write!(f, "refused at attempt {attempts}: {open}"),
            Self::Stopped { stop, attempts } => write!(f, "{stop} at attempt {attempts}"),
        }
    }
}

impl<E: Error + 'static> Error for ParallelError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Config(refused) => Some(refused),
            Self::Failed { error, .. } => Some(error),
            Self::Task { error, .. } => Some(error),
            Self::Open { open, .. } => Some(open),
            Self::Stopped { stop, .. } => Some(stop),
        }
    }
}
