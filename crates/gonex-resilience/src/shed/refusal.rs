use std::time::Duration;

use super::Priority;
use crate::CallError;

/// Why a load shedder does not let a call in.
///
/// ```
/// use gonex_resilience::LoadShedder;
/// use gonex_resilience::shed::{Priority, Shed, ShedConfig};
///
/// let config = ShedConfig { max_running: Some(2), ..ShedConfig::default() };
/// let shedder = LoadShedder::new(config)?;
/// let _one = shedder.try_acquire(Priority::Low).unwrap();
/// let shed = shedder.try_acquire(Priority::Low).unwrap_err();
/// assert_eq!(shed, Shed::Full { priority: Priority::Low, running: 1, places: 1 });
/// assert!(shedder.try_acquire(Priority::Critical).is_ok());
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Shed {
    /// As many run as one of this priority may be beside.
    #[error(
        "not called: {running} calls run, and one of {priority} priority is let in up to {places}"
    )]
    Full {
        /// The priority of the call.
        priority: Priority,
        /// How many run.
        running: usize,
        /// How many may, for one of this priority.
        places: usize,
    },
    /// Calls wait for too long, and others matter more.
    #[error(
        "not called: calls wait for longer than {target:?}, and those of {priority} priority are \
         refused; this one had waited for {delay:?}"
    )]
    Late {
        /// The priority of the call.
        priority: Priority,
        /// How long it had waited.
        delay: Duration,
        /// How long would be good.
        target: Duration,
        /// How long from now it may be decided otherwise, at the earliest.
        retry_after: Duration,
    },
}

impl Shed {
    /// The priority of the call.
    ///
    /// ```
    /// use gonex_resilience::shed::{Priority, Shed};
    ///
    /// let shed = Shed::Full { priority: Priority::Low, running: 5, places: 5 };
    /// assert_eq!(shed.priority(), Priority::Low);
    /// ```
    #[must_use]
    pub fn priority(&self) -> Priority {
        match self {
            Self::Full { priority, .. } | Self::Late { priority, .. } => *priority,
        }
    }

    /// How long from now it is worth trying again, where that can be said.
    ///
    /// ```
    /// use gonex_resilience::shed::{Priority, Shed};
    ///
    /// let shed = Shed::Full { priority: Priority::Low, running: 5, places: 5 };
    /// assert_eq!(shed.retry_after(), None, "when another call ends");
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Full { .. } => None,
            Self::Late { retry_after, .. } => Some(*retry_after),
        }
    }
}

/// Why a call through a load shedder did not yield a value.
pub type ShedError<E> = CallError<Shed, E>;
