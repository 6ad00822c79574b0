use std::sync::Arc;
use std::time::Duration;

use gonex_core::{Clock, Op};

use super::counters::Counters;
use super::{FallbackCall, FallbackMetrics, Latest, OrElse, Recover, Value};
use crate::call::Once;
use crate::moment::Time;
use crate::part::Ended;
use crate::retry::IntoAttempt;

/// Has something else where a call fails; clones share their state.
///
/// A call that has no error for it cannot be made up for when a context or a limit stops it. One that
/// yields its stop as an error has failed like any other, and the other way ends by the same stop if it
/// has to wait.
///
/// ```
/// use gonex_resilience::Fallback;
///
/// let fallback = Fallback::or_else(|error: &str| match error {
///     "no such page" => Err(error),
///     _ => Ok("a page from another server"),
/// });
/// assert_eq!(fallback.call(|| Err("down")).block(), Ok("a page from another server"));
/// assert_eq!(fallback.call(|| Err("no such page")).block(), Err("no such page"));
/// assert_eq!(fallback.metrics().recovered, 1);
/// ```
#[derive(Clone, Debug)]
pub struct Fallback<R> {
    pub(super) recover: R,
    pub(super) shared: Arc<Shared>,
    pub(super) name: Arc<str>,
}

/// What clones share, whatever the other way is.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) counters: Counters,
    pub(super) ended: Ended,
}

impl<T> Fallback<Value<T>> {
    /// A value in the place of every error.
    ///
    /// ```
    /// use gonex_resilience::Fallback;
    ///
    /// assert_eq!(Fallback::value(0).call(|| "x".parse::<u8>()).block(), Ok(0));
    /// ```
    #[must_use]
    pub fn value(value: T) -> Self {
        Self::new(Value::new(value))
    }
}

impl<F, M> Fallback<OrElse<F, M>> {
    /// What a function makes of each error: a `Result`, or a future of one, with another error if it
    /// likes. Another place is reached so, too.
    ///
    /// ```
    /// use gonex_resilience::Fallback;
    ///
    /// let fallback = Fallback::or_else(|_: &str| async { Ok::<_, ()>("from elsewhere") });
    /// assert_eq!(fallback.call(|| Err("down")).block(), Ok("from elsewhere"));
    /// ```
    #[must_use]
    pub fn or_else<E, O>(function: F) -> Self
    where
        F: Fn(E) -> O,
        O: IntoAttempt<M>,
    {
        Self::new(OrElse::new(function))
    }
}

impl<T> Fallback<Latest<T>> {
    /// The latest good value, if it is no older than this; else the error. Its time is that of the seam.
    ///
    /// One fallback keeps one value: calls with different answers have one each, or one for each key as in
    /// [`LatestByKey`](super::LatestByKey).
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Fallback;
    ///
    /// let fallback = Fallback::latest(Duration::from_secs(60));
    /// assert_eq!(fallback.call(|| Err::<u8, _>("down")).block(), Err("down"), "there is none yet");
    /// assert_eq!(fallback.call(|| Ok::<u8, &str>(7)).block(), Ok(7));
    /// assert_eq!(fallback.call(|| Err::<u8, _>("down")).block(), Ok(7));
    /// ```
    #[must_use]
    pub fn latest(max_age: Duration) -> Self {
        Self::new(Latest::new(max_age, Time::seam()))
    }

    /// As [`latest`](Self::latest), by this clock.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gonex_core::ManualClock;
    /// use gonex_resilience::Fallback;
    ///
    /// let clock = Arc::new(ManualClock::new());
    /// let fallback = Fallback::latest_by_clock(Duration::from_secs(60), clock.clone());
    /// assert_eq!(fallback.call(|| Ok::<u8, &str>(7)).block(), Ok(7));
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(fallback.call(|| Err::<u8, _>("down")).block(), Ok(7));
    /// clock.advance(Duration::from_nanos(1));
    /// assert_eq!(fallback.call(|| Err::<u8, _>("down")).block(), Err("down"));
    /// ```
    #[must_use]
    pub fn latest_by_clock(max_age: Duration, clock: Arc<dyn Clock>) -> Self {
        Self::new(Latest::new(max_age, Time::of(clock)))
    }
}

impl<R> Fallback<R> {
    /// A way of the program's own.
    ///
    /// ```
    /// use gonex_resilience::Fallback;
    /// use gonex_resilience::fallback::Value;
    ///
    /// assert_eq!(Fallback::new(Value::new(7)).call(|| Err::<u8, _>("down")).block(), Ok(7));
    /// ```
    #[must_use]
    pub fn new(recover: R) -> Self {
        Self { recover, shared: Arc::default(), name: "fallback".into() }
    }

    /// Names it, for the registry of components; `fallback` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::Fallback;
    ///
    /// assert_eq!(Fallback::value(7).named("search").name(), "search");
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What has been counted.
    ///
    /// ```
    /// assert_eq!(gonex_resilience::Fallback::value(7).metrics().calls, 0);
    /// ```
    #[must_use]
    pub fn metrics(&self) -> FallbackMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all clones.
    ///
    /// ```
    /// let fallback = gonex_resilience::Fallback::value(7);
    /// fallback.call(|| Ok::<_, ()>(1)).block().unwrap();
    /// fallback.reset_metrics();
    /// assert_eq!(fallback.metrics().calls, 0);
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }

    /// Calls a closure, which returns a `Result`, or a future of one; should that fail, the other way is
    /// gone.
    ///
    /// # Cancel safety
    /// Dropping it drops what runs, of whichever way.
    ///
    /// # Errors
    /// What the other way fails with; under limits of the operation also their
    /// [`Stop`](gonex_core::Stop).
    ///
    /// ```
    /// use gonex_resilience::Fallback;
    ///
    /// assert_eq!(Fallback::value(0).call(|| "7".parse::<u8>()).block(), Ok(7));
    /// ```
    #[track_caller]
    pub fn call<W, O, K>(&self, work: W) -> Op<FallbackCall<Once<W, K>, R>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
        R: Recover<O::Value, O::Error> + Clone,
    {
        Op::new(FallbackCall::new(self, Once::new(work)))
    }
}
