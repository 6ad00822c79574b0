use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use crate::Instant;

/// Tells the time.
///
/// Everything in gonex that depends on time takes it from a clock, so that a test can hold one
/// in its hand. Time never runs backwards.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::{Clock, Instant, ManualClock};
///
/// /// Greets once an hour.
/// fn is_due(clock: &dyn Clock, last: Instant) -> bool {
///     clock.now() - last >= Duration::from_secs(3600)
/// }
///
/// let clock = ManualClock::new();
/// let last = clock.now();
/// assert!(!is_due(&clock, last));
/// clock.advance(Duration::from_secs(3600));
/// assert!(is_due(&clock, last));
/// ```
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> Instant;
}

/// The machine's monotonic clock.
///
/// ```
/// use gonex_core::{Clock, SystemClock};
///
/// let before = SystemClock.now();
/// assert!(SystemClock.now() >= before);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}

/// A clock that moves only when told to.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::{Clock, ManualClock};
///
/// let clock = ManualClock::new();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(3600));
/// assert_eq!(clock.now() - start, Duration::from_secs(3600));
/// ```
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Instant>,
}

impl ManualClock {
    /// Makes a clock that stands at some instant.
    ///
    /// ```
    /// use gonex_core::{Clock, ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// assert_eq!(clock.now(), clock.now());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self { now: Mutex::new(Instant::now()) }
    }

    /// Moves the time forward and returns the new one.
    ///
    /// # Panics
    /// If the sum is beyond what an [`Instant`] can hold.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::{Clock, ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// let later = clock.advance(Duration::from_millis(5));
    /// assert_eq!(clock.now(), later);
    /// ```
    #[track_caller]
    pub fn advance(&self, by: Duration) -> Instant {
        let mut now = self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.checked_add(by).expect("a manual clock stays within the range of Instant");
        *now
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
