use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::primitive::{Mutex, lock};
use gonex_core::{Clock, Op};

use super::counters::Counters;
use super::{HedgeCall, HedgeConfig, HedgeDelay, HedgeMetrics};
use crate::InvalidConfig;
use crate::moment::Time;
use crate::part::Ended;
use crate::retry::{IntoAttempt, Plain, Work};

/// Asks again where an answer takes long, and takes the one that comes first; the others are dropped.
/// Clones share their state. Only for calls that may be made twice.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::Hedge;
/// use gonex_resilience::hedge::{HedgeConfig, HedgeDelay};
///
/// let delay = HedgeDelay::Fixed { delay: Duration::from_millis(1) };
/// let hedge = Hedge::new(HedgeConfig { delay, max_attempts: 2 })?;
/// let mut asked = 0;
/// let answer = hedge.call(|| {
///     asked += 1;
///     let first = asked == 1;
///     async move {
///         if first {
///             std::future::pending::<()>().await;
///         }
///         Ok::<_, ()>("from the second")
///     }
/// });
/// assert_eq!(answer.block(), Ok("from the second"));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hedge {
    pub(super) shared: Arc<Shared>,
    pub(super) name: Arc<str>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: HedgeConfig,
    pub(super) time: Time,
    /// How long the latest first attempts took, in nanoseconds. No user code runs under it.
    took: Mutex<VecDeque<u64>>,
    pub(super) counters: Counters,
    pub(super) ended: Ended,
}

/// So many answers are remembered.
const KEPT: usize = 128;
/// Of fewer answers nothing is said.
const LEAST: usize = 20;

impl Hedge {
    /// Makes one, whose time is that of the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// assert!(Hedge::new(HedgeConfig::default()).is_ok());
    /// ```
    pub fn new(config: HedgeConfig) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::seam())
    }

    /// Makes one that measures answers by this clock. Waiting goes by the seam.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::SystemClock;
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// assert!(Hedge::with_clock(HedgeConfig::default(), Arc::new(SystemClock)).is_ok());
    /// ```
    pub fn with_clock(config: HedgeConfig, clock: Arc<dyn Clock>) -> Result<Self, InvalidConfig> {
        Self::timed(config, Time::of(clock))
    }

    fn timed(config: HedgeConfig, time: Time) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let took = Mutex::new(VecDeque::new());
        let (counters, ended) = (Counters::default(), Ended::default());
        let shared = Shared { config, time, took, counters, ended };
        Ok(Self { shared: Arc::new(shared), name: "hedge".into() })
    }

    /// Names it, for the registry of components; `hedge` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// assert_eq!(Hedge::new(HedgeConfig::default())?.named("search").name(), "search");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The settings.
    ///
    /// ```
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// let hedge = Hedge::new(HedgeConfig::default())?;
    /// assert_eq!(hedge.config(), HedgeConfig::default());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn config(&self) -> HedgeConfig {
        self.shared.config
    }

    /// After which time without an answer is asked again now.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// assert_eq!(Hedge::new(HedgeConfig::default())?.delay(), Duration::from_millis(100));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.shared.delay()
    }

    /// What has been counted.
    ///
    /// ```
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// assert_eq!(Hedge::new(HedgeConfig::default())?.metrics().calls, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> HedgeMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all clones.
    ///
    /// ```
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// let hedge = Hedge::new(HedgeConfig::default())?;
    /// hedge.call(|| Ok::<_, ()>(7)).block().unwrap();
    /// hedge.reset_metrics();
    /// assert_eq!(hedge.metrics().calls, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }

    /// Calls a closure, and again whenever the delay has passed without an answer or an attempt has failed
    /// while no other runs, as often as the settings allow. A closure that returns no future has answered
    /// when it returns, so it is never hedged, only repeated.
    ///
    /// # Cancel safety
    /// Dropping it drops all attempts.
    ///
    /// # Errors
    /// What the last attempt that failed did so with, once all have; under limits of the operation also
    /// their [`Stop`](gonex_core::Stop).
    ///
    /// ```
    /// use gonex_resilience::Hedge;
    /// use gonex_resilience::hedge::HedgeConfig;
    ///
    /// let hedge = Hedge::new(HedgeConfig::default())?;
    /// assert_eq!(hedge.call(|| async { Ok::<_, ()>(7) }).block(), Ok(7));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, M>(&self, work: W) -> Op<HedgeCall<Plain<W, M>>>
    where
        W: FnMut() -> O,
        O: IntoAttempt<M>,
    {
        self.run(Plain::new(work))
    }

    /// Calls what is no closure; for wrappers.
    #[track_caller]
    pub(crate) fn run<W: Work>(&self, work: W) -> Op<HedgeCall<W>> {
        Op::new(HedgeCall::new(self.shared.clone(), work))
    }
}

impl Shared {
    pub(super) fn delay(&self) -> Duration {
        match self.config.delay {
            HedgeDelay::Fixed { delay } => delay,
            HedgeDelay::Percentile { share, most } => {
                let mut took: Vec<u64> = lock(&self.took).iter().copied().collect();
                if took.len() < LEAST {
                    return most;
                }
                took.sort_unstable();
                // Below the length, since the share is below 1.
                let index = (took.len() as f64 * share) as usize;
                Duration::from_nanos(took[index]).min(most)
            }
        }
    }

    pub(super) fn answered(&self, nanos: u64) {
        let mut took = lock(&self.took);
        if took.len() == KEPT {
            took.pop_front();
        }
        took.push_back(nanos);
    }
}
