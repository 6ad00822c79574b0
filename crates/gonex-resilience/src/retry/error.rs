use std::error::Error;
use std::fmt;
use std::time::Duration;

use gonex_core::Stop;

use crate::InvalidConfig;

/// How a call through a [`Retry`](super::Retry) ended without a value.
///
/// `last` is what the last attempt failed with; it is `None` where that was cut off by its own
/// time-out, or stopped.
///
/// ```
/// use gonex_resilience::{Retry, RetryError};
///
/// let failed = Retry::fixed().max_attempts(1).call(|| Err::<(), _>("down")).block();
/// assert_eq!(failed, Err(RetryError::Exhausted { attempts: 1, last: Some("down") }));
/// assert_eq!(failed.unwrap_err().to_string(), "all 1 attempts failed: down");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryError<E> {
    /// As many attempts failed as are allowed.
    Exhausted {
        /// How many were made, the first one included.
        attempts: u32,
        /// What the last one failed with.
        last: Option<E>,
    },
    /// The next attempt would have begun later than `max_elapsed` allows.
    Elapsed {
        /// How many were made.
        attempts: u32,
        /// How long ago the first one had begun.
        elapsed: Duration,
        /// What the last one failed with.
        last: Option<E>,
    },
    /// The condition said that another attempt would not help.
    Rejected {
        /// How many were made.
        attempts: u32,
        /// The error it said that of.
        last: E,
    },
    /// The error asked to be left alone for longer than `max_delay`. Calling sooner would be rude, and
    /// waiting that long is for the caller to decide.
    Deferred {
        /// How many were made.
        attempts: u32,
        /// How long from now it asked for.
        retry_after: Duration,
        /// That error.
        last: E,
    },
    /// The retry budget had no token left.
    OverBudget {
        /// How many were made.
        attempts: u32,
        /// What the last one failed with.
        last: Option<E>,
    },
    /// A context or a limit stopped the call, while it ran or while it waited; or it has a deadline that
    /// passes before the delay ends, and then nothing is waited for.
    Stopped {
        /// What stopped it.
        stop: Stop,
        /// How many were made, the one that was stopped included.
        attempts: u32,
        /// What the last one failed with.
        last: Option<E>,
    },
    /// The policy cannot be used, and nothing was called.
    Invalid(InvalidConfig),
}

impl<E> RetryError<E> {
    /// How many attempts were made, the first one included.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let failed = Retry::fixed().max_attempts(1).call(|| Err::<(), _>("down")).block().unwrap_err();
    /// assert_eq!(failed.attempts(), 1);
    /// ```
    #[must_use]
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Exhausted { attempts, .. }
            | Self::Elapsed { attempts, .. }
            | Self::Rejected { attempts, .. }
            | Self::Deferred { attempts, .. }
            | Self::OverBudget { attempts, .. }
            | Self::Stopped { attempts, .. } => *attempts,
            Self::Invalid(_) => 0,
        }
    }

    /// What the last attempt failed with.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let failed = Retry::fixed().max_attempts(1).call(|| Err::<(), _>("down")).block().unwrap_err();
    /// assert_eq!(failed.last(), Some(&"down"));
    /// ```
    #[must_use]
    pub fn last(&self) -> Option<&E> {
        match self {
            Self::Exhausted { last, .. }
            | Self::Elapsed { last, .. }
            | Self::OverBudget { last, .. }
            | Self::Stopped { last, .. } => last.as_ref(),
            Self::Rejected { last, .. } | Self::Deferred { last, .. } => Some(last),
            Self::Invalid(_) => None,
        }
    }

    /// What the last attempt failed with, to keep.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let failed = Retry::fixed().max_attempts(1).call(|| Err::<(), _>("down")).block().unwrap_err();
    /// assert_eq!(failed.into_last(), Some("down"));
    /// ```
    #[must_use]
    pub fn into_last(self) -> Option<E> {
        match self {
            Self::Exhausted { last, .. }
            | Self::Elapsed { last, .. }
            | Self::OverBudget { last, .. }
            | Self::Stopped { last, .. } => last,
            Self::Rejected { last, .. } | Self::Deferred { last, .. } => Some(last),
            Self::Invalid(_) => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted { attempts, .. } => write!(f, "all {attempts} attempts failed"),
            Self::Elapsed { attempts, elapsed, .. } => {
                write!(f, "no time was left for another attempt after {attempts} in {elapsed:?}")
            }
            Self::Rejected { attempts, .. } => {
                write!(f, "attempt {attempts} failed in a way that another would not mend")
            }
            Self::Deferred { attempts, retry_after, .. } => {
                let ask = "failed and asked for no other one within";
                write!(f, "attempt {attempts} {ask} {retry_after:?}, which is more than max_delay")
            }
            Self::OverBudget { attempts, .. } => {
                write!(f, "no retry was left in the budget after attempt {attempts}")
            }
            Self::Stopped { stop, attempts, .. } => write!(f, "{stop} at attempt {attempts}"),
            Self::Invalid(invalid) => return invalid.fmt(f),
        }?;
        match self.last() {
            Some(last) => write!(f, ": {last}"),
            None => Ok(()),
        }
    }
}

impl<E: Error + 'static> Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Invalid(invalid) => Some(invalid),
            Self::Stopped { stop, last: None, .. } => Some(stop),
            other => other.last().map(|last| last as &(dyn Error + 'static)),
        }
    }
}
