use std::error::Error;
use std::fmt;

use gonex_core::Stop;

/// Why a call through a policy did not yield a value. `R` is why the policy refuses, `E` what the call
/// itself fails with.
///
/// ```
/// use gonex_resilience::CallError;
/// use gonex_resilience::limit::{Denied, TokenBucket, TokenBucketConfig};
///
/// let limiter = TokenBucket::new(TokenBucketConfig::per(1, std::time::Duration::from_secs(60)))?;
/// let failed = limiter.try_call(|| Err::<(), _>("down")).block();
/// assert_eq!(failed, Err(CallError::Failed("down")));
/// let refused = limiter.try_call(|| Ok::<_, &str>(7)).block();
/// assert!(matches!(refused, Err(CallError::Refused(Denied::NotYet { .. }))));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError<R, E> {
    /// The policy did not let it in: nothing was called.
    Refused(R),
    /// It was called, and failed.
    Failed(E),
    /// A context or a limit of the operation stopped it while it ran, or before, where the policy's refusals
    /// do not say so.
    Stopped(Stop),
}

impl<R, E> CallError<R, E> {
    /// What the call failed with, if it was called and failed.
    ///
    /// ```
    /// use gonex_resilience::CallError;
    ///
    /// assert_eq!(CallError::<(), _>::Failed("down").into_failure(), Some("down"));
    /// assert_eq!(CallError::<_, &str>::Refused(7).into_failure(), None);
    /// ```
    #[must_use]
    pub fn into_failure(self) -> Option<E> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Why the policy refused, if it did.
    ///
    /// ```
    /// use gonex_resilience::CallError;
    ///
    /// assert_eq!(CallError::<_, &str>::Refused(7).refusal(), Some(&7));
    /// ```
    #[must_use]
    pub fn refusal(&self) -> Option<&R> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl<R: fmt::Display, E: fmt::Display> fmt::Display for CallError<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Failed(error) => error.fmt(f),
            Self::Stopped(stop) => write!(f, "the call was stopped: {stop}"),
        }
    }
}

impl<R: Error + 'static, E: Error + 'static> Error for CallError<R, E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // What is shown is the text of the one inside, so its source is the next.
        match self {
            Self::Refused(refusal) => refusal.source(),
            Self::Failed(error) => error.source(),
            Self::Stopped(stop) => Some(stop),
        }
    }
}
