use std::error::Error;
use std::fmt;
use std::time::Duration;

use gonex_core::Stop;

/// Why a call under a [`Timeout`](super::Timeout) did not yield a value.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::Timeout;
/// use gonex_resilience::timeout::TimeoutError;
///
/// let timeout = Timeout::new(Duration::from_millis(1))?;
/// let failed = timeout.call(std::future::pending::<Result<(), ()>>).block();
/// assert_eq!(failed, Err(TimeoutError::TimedOut { limit: Duration::from_millis(1) }));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeoutError<E> {
    /// It took too long, and was dropped; or failed when its time was over, mostly because of that.
    TimedOut {
        /// How long it may take.
        limit: Duration,
    },
    /// It failed in time.
    Failed(E),
    /// A context or a limit of the operation stopped it.
    Stopped(Stop),
}

impl<E: fmt::Display> fmt::Display for TimeoutError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { limit } => write!(f, "the call took longer than {limit:?}"),
            Self::Failed(error) => error.fmt(f),
            Self::Stopped(stop) => write!(f, "the call was stopped: {stop}"),
        }
    }
}

impl<E: Error + 'static> Error for TimeoutError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TimedOut { .. } => None,
            Self::Failed(error) => error.source(),
            Self::Stopped(stop) => Some(stop),
        }
    }
}
