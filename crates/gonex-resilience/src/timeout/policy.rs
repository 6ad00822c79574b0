use std::sync::Arc;
use std::time::Duration;

use gonex_core::primitive::atomic::{AtomicU64, Ordering};
use gonex_core::{Clock, Op};

use super::counters::Counters;
use super::{TimeoutCall, TimeoutMetrics};
use crate::call::Once;
use crate::moment::{Time, nanos};
use crate::part::Ended;
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
    pub(super) name: Arc<str>,
}

#[derive(Debug)]
pub(super) struct Shared {
    /// In nanoseconds.
    limit: AtomicU64,
    pub(super) time: Time,
    pub(super) counters: Counters,
    pub(super) ended: Ended,
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
        Ok(Self::timed(nanos(limit), Time::seam()))
    }

    /// Makes one that measures by this clock how long calls take. The limit itself goes by the seam, as all
    /// waiting does.
    ///
    /// # Errors
    /// If the limit is 0.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gonex_core::ManualClock;
    /// use gonex_resilience::Timeout;
    ///
    /// let clock = Arc::new(ManualClock::new());
    /// let timeout = Timeout::with_clock(Duration::from_secs(5), clock.clone())?;
    /// let call = timeout.call(|| {
    ///     clock.advance(Duration::from_secs(1));
    ///     Ok::<_, ()>(7)
    /// });
    /// assert_eq!(call.block(), Ok(7));
    /// assert_eq!(timeout.metrics().total_time, Duration::from_secs(1));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn with_clock(limit: Duration, clock: Arc<dyn Clock>) -> Result<Self, InvalidConfig> {
        check(limit)?;
        Ok(Self::timed(nanos(limit), Time::of(clock)))
    }

    fn timed(limit: u64, time: Time) -> Self {
        let limit = AtomicU64::new(limit);
        let (counters, ended) = (Counters::default(), Ended::default());
        let shared = Shared { limit, time, counters, ended };
        Self { shared: Arc::new(shared), name: "time-out".into() }
    }

    /// One that cuts nothing off.
    pub(crate) fn none() -> Self {
        Self::timed(NONE, Time::seam())
    }

    /// Names it, for the registry of components; `time-out` by default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::component::Component;
    /// use gonex_resilience::Timeout;
    ///
    /// assert_eq!(Timeout::new(Duration::from_secs(5))?.named("search").name(), "search");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
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
        self.shared.limit.store(nanos(limit), Ordering::Relaxed);
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
        self.shared.counters.read()
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
        self.shared.counters.reset();
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
