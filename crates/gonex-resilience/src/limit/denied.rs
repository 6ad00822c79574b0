use std::time::Duration;

use gonex_core::Stop;

/// Why a limiter does not allow something; nothing has been taken.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::limit::{Denied, TokenBucket, TokenBucketConfig};
///
/// let limiter = TokenBucket::new(TokenBucketConfig::per(1, Duration::from_secs(3600)))?;
/// limiter.try_acquire(1).unwrap();
/// let denied = limiter.try_acquire(1).unwrap_err();
/// assert!(denied.retry_after().is_some_and(|after| after > Duration::from_secs(3000)));
/// assert_eq!(limiter.try_acquire(2), Err(Denied::TooMany { wanted: 2, most: 1 }));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// Not now. Others may be faster, so it may be later than that.
    #[error("over the limit: try again in {retry_after:?}")]
    NotYet {
        /// How long from now it would be allowed, at the earliest.
        retry_after: Duration,
    },
    /// So many are never allowed at once.
    #[error(
        "over the limit: {wanted} were asked for, and {most} at once are the most; ask for fewer"
    )]
    TooMany {
        /// How many were asked for.
        wanted: u32,
        /// How many are allowed at once, at most.
        most: u32,
    },
    /// The wait would be longer than is allowed: at first sight, and then nothing was waited for; or it has
    /// become so in line, because of those ahead or of new settings.
    #[error(
        "over the limit: that would take {needed:?} from now, and no more than {allowed:?} may be waited"
    )]
    TooLong {
        /// How long from now it would take, at least, for who asks again: after all who wait by then. Never
        /// 0.
        needed: Duration,
        /// How long the whole wait may be.
        allowed: Duration,
    },
    /// As many wait already as may.
    #[error("over the limit: {waiting} wait already, which is the most that may")]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// As many keys are in use as there may be, and none of them is at rest.
    #[error(
        "no room for another key: {keys} are in use, and none of them is at rest; raise the bound, or evict"
    )]
    TooManyKeys {
        /// How many there are in all. They may be fewer than the bound: each part of the keys keeps its
        /// share of it.
        keys: usize,
    },
    /// A context or a limit of the operation stopped the wait.
    #[error("stopped while waiting for the limiter: {0}")]
    Stopped(Stop),
}

impl Denied {
    /// How long from now it is worth trying again, where that can be said.
    ///
    /// ```
    /// use gonex_resilience::limit::Denied;
    ///
    /// assert_eq!(Denied::TooMany { wanted: 2, most: 1 }.retry_after(), None, "never");
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotYet { retry_after } => Some(*retry_after),
            Self::TooLong { needed, .. } => Some(*needed),
            _ => None,
        }
    }
}

impl From<Stop> for Denied {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}
