use std::sync::Arc;
use std::time::Duration;

use gonex_core::Op;
use gonex_core::primitive::atomic::{AtomicU64, Ordering};

use super::TimeoutCall;
use crate::call::Once;
use crate::retry::IntoAttempt;
use crate::{InvalidConfig, Problems};

/// Cuts off what takes too long; clones share limit and metrics.
///
/// A call runs in a [context](gonex_core::Context) with that deadline. A future that has not ended by
/// then is dropped. A closure cannot be interrupted: what waits in it is stopped, and what it yields
/// counts whenever it does.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::Timeout;
///
/// let timeout = Timeout::new(Duration::from_secs(5))?;
/// assert_eq!(timeout.call(|| async { Ok::<_, ()>(7) }).block(), Ok(7));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug)]
pub struct Timeout {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    /// In nanoseconds.
    limit: AtomicU64,
    pub(super) calls: AtomicU64,
    pub(super) timed_out: AtomicU64,
}

/// What a time-out has counted, all its clones together.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::Timeout;
///
/// let timeout = Timeout::new(Duration::from_secs(5))?;
/// timeout.call(|| Ok::<_, ()>(7)).block().unwrap();
/// assert_eq!((timeout.metrics().calls, timeout.metrics().timed_out), (1, 0));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeoutMetrics {
    /// Calls that have begun.
    pub calls: u64,
    /// Calls that were cut off.
    pub timed_out: u64,
}

/// No limit: it is beyond all clocks.
const NONE: u64 = u64::MAX;

impl Timeout {
    /// Makes one with this limit.
    ///
    /// # Errors
    /// If the limit is 0.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Timeout;
    ///
    /// assert!(Timeout::new(Duration::ZERO).unwrap_err().names("timeout"));
    /// ```
    pub fn new(limit: Duration) -> Result<Self, InvalidConfig> {
        check(limit)?;
        let shared = Shared {
            limit: AtomicU64::new(crate::moment::nanos(limit)),
            calls: AtomicU64::new(0),
            timed_out: AtomicU64::new(0),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// One that cuts nothing off.
    pub(crate) fn none() -> Self {
        let zero = || AtomicU64::new(0);
        let shared = Shared { limit: AtomicU64::new(NONE), calls: zero(), timed_out: zero() };
        Self { shared: Arc::new(shared) }
    }

    pub(crate) fn limit_if_any(&self) -> Option<Duration> {
        self.shared.limit()
    }

    /// How long a call may take; 584 years mean no limit.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Timeout;
    ///
    /// assert_eq!(Timeout::new(Duration::from_secs(5))?.limit(), Duration::from_secs(5));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn limit(&self) -> Duration {
        Duration::from_nanos(self.shared.limit.load(Ordering::Relaxed))
    }

    /// Changes the limit for all clones. Calls that have begun keep theirs.
    ///
    /// # Errors
    /// If the limit is 0; then nothing is changed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Timeout;
    ///
    /// let timeout = Timeout::new(Duration::from_secs(5))?;
    /// timeout.clone().reconfigure(Duration::from_secs(6))?;
    /// assert_eq!(timeout.limit(), Duration::from_secs(6));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reconfigure(&self, limit: Duration) -> Result<(), InvalidConfig> {
        check(limit)?;
        self.shared.limit.store(crate::moment::nanos(limit), Ordering::Relaxed);
        Ok(())
    }

    /// What has been counted.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Timeout;
    ///
    /// assert_eq!(Timeout::new(Duration::from_secs(5))?.metrics().calls, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> TimeoutMetrics {
        TimeoutMetrics {
            calls: self.shared.calls.load(Ordering::Relaxed),
            timed_out: self.shared.timed_out.load(Ordering::Relaxed),
        }
    }

    /// Sets what has been counted to 0, for all clones.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Timeout;
    ///
    /// let timeout = Timeout::new(Duration::from_secs(5))?;
    /// timeout.call(|| Ok::<_, ()>(7)).block().unwrap();
    /// timeout.reset_metrics();
    /// assert_eq!(timeout.metrics().calls, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.calls.store(0, Ordering::Relaxed);
        self.shared.timed_out.store(0, Ordering::Relaxed);
    }

    /// Calls a closure, which returns a `Result`, or a future of one. The time counts from the first poll.
    ///
    /// # Cancel safety
    /// Dropping it drops what runs.
    ///
    /// # Errors
    /// [`TimeoutError`](super::TimeoutError).
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Timeout;
    ///
    /// let timeout = Timeout::new(Duration::from_secs(5))?;
    /// assert_eq!(timeout.call(|| "7".parse::<u32>()).block(), Ok(7));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, K>(&self, work: W) -> Op<TimeoutCall<Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        Op::new(TimeoutCall::new(self.shared.clone(), Once::new(work)))
    }
}

impl Shared {
    /// `None` is no limit.
    pub(super) fn limit(&self) -> Option<Duration> {
        let limit = self.limit.load(Ordering::Relaxed);
        (limit != NONE).then(|| Duration::from_nanos(limit))
    }
}

fn check(limit: Duration) -> Result<(), InvalidConfig> {
    let mut problems = Problems::default();
    if limit.is_zero() {
        let reason = "a limit that is over before it begins";
        problems.add("timeout", "0s", reason, "a length above 0, or no time-out");
    }
    problems.finish()
}
