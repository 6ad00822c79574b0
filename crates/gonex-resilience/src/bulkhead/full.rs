use std::time::Duration;

use gonex_core::Stop;

use crate::CallError;

/// Why a call through a bulkhead did not yield a value.
pub type BulkheadError<E> = CallError<Full, E>;

/// Why a bulkhead does not let a call in.
///
/// ```
/// use gonex_resilience::Bulkhead;
/// use gonex_resilience::bulkhead::{BulkheadConfig, Full};
///
/// let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(1))?;
/// let _inside = bulkhead.try_acquire(1).unwrap();
/// assert_eq!(bulkhead.try_acquire(1).unwrap_err(), Full::Busy);
/// assert_eq!(bulkhead.try_acquire(2).unwrap_err(), Full::TooHeavy { weight: 2, most: 1 });
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Full {
    /// There is no place now, and this one does not wait.
    #[error("not called: the bulkhead has no place now")]
    Busy,
    /// There is no place, and as many wait already as may.
    #[error(
        "not called: the bulkhead has no place now, and {waiting} wait already, the most that may"
    )]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// It has waited for as long as one may.
    #[error("not called: the bulkhead had no place for {waited:?}, the longest that may be waited")]
    WaitedTooLong {
        /// How long that is.
        waited: Duration,
    },
    /// It weighs more than may be inside in all.
    #[error("not called: it weighs {weight}, and the bulkhead takes {most} in all; raise that")]
    TooHeavy {
        /// What it weighs.
        weight: usize,
        /// What may be inside in all.
        most: usize,
    },
    /// A context or a limit of the operation stopped the wait.
    #[error("not called: stopped while waiting for a place in the bulkhead: {0}")]
    Stopped(Stop),
}
