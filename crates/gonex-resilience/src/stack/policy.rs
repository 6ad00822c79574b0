use std::fmt;

use gonex_core::Op;

use super::call::PolicyCall;
use super::chain::{Chain, Identity, Layer};
use super::layers::{BulkheadLayer, FallbackLayer, LimiterLayer, PacerLayer};
use super::work::SharedWork;
use crate::limit::Meter;
use crate::retry::{IntoAttempt, Work};
use crate::shed::Ranked;
use crate::{
    AdaptiveLimit, Bulkhead, Chaos, CircuitBreaker, Fallback, Hedge, Limiter, Retry, Timeout,
};

/// Several policies around one call, the outermost named first; clones share their state.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::breaker::BreakerConfig;
/// use gonex_resilience::{CircuitBreaker, Fallback, Policy, Retry, Timeout};
///
/// let policy = Policy::new()
///     .fallback(Fallback::or_else(|_| Ok::<_, ()>("a page from the cache")))
///     .retry(Retry::fixed().initial_delay(Duration::from_millis(1)))
///     .breaker(CircuitBreaker::new(BreakerConfig::default())?)
///     .timeout(Timeout::new(Duration::from_secs(5))?);
/// assert_eq!(policy.call(|| Ok::<_, &str>("a page")).block(), Ok("a page"));
/// assert_eq!(policy.call(|| async { Err::<&str, _>("down") }).block(), Ok("a page from the cache"));
/// assert!(policy.to_string().starts_with("1. fallback: "), "{policy}");
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
///
/// The error says by its type which policy it comes from: `RetryError<BreakerError<TimeoutError<E>>>`, say.
#[derive(Clone)]
pub struct Policy<L = Identity> {
    layers: L,
}

impl Policy {
    /// No policy yet.
    ///
    /// ```
    /// use gonex_resilience::Policy;
    ///
    /// assert_eq!(Policy::new().call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self { layers: Identity }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl<L> Policy<L> {
    /// Puts a policy inside of those that are there.
    ///
    /// ```
    /// use gonex_resilience::{Policy, Retry};
    ///
    /// let policy = Policy::new().with(Retry::fixed());
    /// assert_eq!(policy.call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// ```
    #[must_use]
    pub fn with<N>(self, next: N) -> Policy<Chain<L, N>> {
        Policy { layers: Chain::new(self.layers, next) }
    }

    /// What fails inside is made up for in another way.
    ///
    /// ```
    /// use gonex_resilience::{Fallback, Policy};
    ///
    /// let policy = Policy::new().fallback(Fallback::value(7));
    /// assert_eq!(policy.call(|| Err::<u8, _>("down")).block(), Ok(7));
    /// ```
    #[must_use]
    pub fn fallback<R>(self, fallback: Fallback<R>) -> Policy<Chain<L, FallbackLayer<R>>> {
        self.with(FallbackLayer(fallback))
    }

    /// What fails inside is called again.
    ///
    /// ```
    /// use gonex_resilience::{Policy, Retry};
    ///
    /// let policy = Policy::new().retry(Retry::fixed().max_attempts(1));
    /// assert_eq!(policy.call(|| Err::<(), _>("down")).block().unwrap_err().attempts(), 1);
    /// ```
    #[must_use]
    pub fn retry<R>(self, retry: Retry<R>) -> Policy<Chain<L, Retry<R>>> {
        self.with(retry)
    }

    /// What is known to fail is not called.
    ///
    /// ```
    /// use gonex_resilience::breaker::BreakerConfig;
    /// use gonex_resilience::{CircuitBreaker, Policy};
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1))?;
    /// let policy = Policy::new().breaker(breaker.clone());
    /// assert!(policy.call(|| Err::<(), _>("down")).block().is_err());
    /// assert!(breaker.is_open());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn breaker<C>(self, breaker: CircuitBreaker<C>) -> Policy<Chain<L, CircuitBreaker<C>>> {
        self.with(breaker)
    }

    /// What is beyond the limit is refused at once.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::TokenBucketConfig;
    /// use gonex_resilience::{Policy, TokenBucket};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(1, Duration::from_secs(60)))?;
    /// let policy = Policy::new().limiter(limiter);
    /// assert!(policy.call(|| Ok::<_, ()>(7)).block().is_ok());
    /// assert!(policy.call(|| Ok::<_, ()>(7)).block().is_err());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn limiter<M: Meter>(self, limiter: Limiter<M>) -> Policy<Chain<L, LimiterLayer<M>>> {
        self.with(LimiterLayer(limiter))
    }

    /// Calls wait for their token, in line.
    ///
    /// ```
    /// use gonex_resilience::limit::TokenBucketConfig;
    /// use gonex_resilience::{Policy, TokenBucket};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(1000))?;
    /// let policy = Policy::new().pacer(limiter);
    /// assert!(policy.call(|| Ok::<_, ()>(7)).block().is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn pacer<M: Meter>(self, limiter: Limiter<M>) -> Policy<Chain<L, PacerLayer<M>>> {
        self.with(PacerLayer(limiter))
    }

    /// No more than so many run at once.
    ///
    /// ```
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    /// use gonex_resilience::{Bulkhead, Policy};
    ///
    /// let policy = Policy::new().bulkhead(Bulkhead::new(BulkheadConfig::default())?);
    /// assert!(policy.call(|| Ok::<_, ()>(7)).block().is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn bulkhead(self, bulkhead: Bulkhead) -> Policy<Chain<L, BulkheadLayer>> {
        self.with(BulkheadLayer(bulkhead))
    }

    /// No more run at once than turns out to be good.
    ///
    /// ```
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    /// use gonex_resilience::{AdaptiveLimit, Policy};
    ///
    /// let policy = Policy::new().adaptive(AdaptiveLimit::new(AdaptiveConfig::default())?);
    /// assert!(policy.call(|| Ok::<_, ()>(7)).block().is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn adaptive<C>(self, limit: AdaptiveLimit<C>) -> Policy<Chain<L, AdaptiveLimit<C>>> {
        self.with(limit)
    }

    /// What matters least is refused while there is too much. How long a call waits after it was made, until
    /// it is first asked whether it may come in, counts as its delay; attempts after the first have none.
    ///
    /// ```
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    /// use gonex_resilience::{LoadShedder, Policy};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// let policy = Policy::new().shed(shedder.with_priority(Priority::Low));
    /// assert!(policy.call(|| Ok::<_, ()>(7)).block().is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn shed(self, shedder: Ranked) -> Policy<Chain<L, Ranked>> {
        self.with(shedder)
    }

    /// What takes long inside is asked again meanwhile.
    ///
    /// ```
    /// use gonex_resilience::hedge::HedgeConfig;
    /// use gonex_resilience::{Hedge, Policy};
    ///
    /// let policy = Policy::new().hedge(Hedge::new(HedgeConfig::default())?);
    /// assert!(policy.call(|| async { Ok::<_, ()>(7) }).block().is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn hedge(self, hedge: Hedge) -> Policy<Chain<L, Hedge>> {
        self.with(hedge)
    }

    /// What is inside waits, fails or panics on purpose now and then.
    ///
    /// ```
    /// use gonex_resilience::chaos::ChaosConfig;
    /// use gonex_resilience::{Chaos, Policy};
    ///
    /// let chaos = Chaos::new(ChaosConfig { errors: 1.0, ..ChaosConfig::default() })?;
    /// assert!(Policy::new().chaos(chaos).call(|| Ok::<_, ()>(7)).block().is_err());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn chaos(self, chaos: Chaos) -> Policy<Chain<L, Chaos>> {
        self.with(chaos)
    }

    /// What takes too long inside is cut off.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::{Policy, Timeout};
    ///
    /// let policy = Policy::new().timeout(Timeout::new(Duration::from_millis(1))?);
    /// assert!(policy.call(std::future::pending::<Result<(), ()>>).block().is_err());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn timeout(self, timeout: Timeout) -> Policy<Chain<L, Timeout>> {
        self.with(timeout)
    }

    /// Calls a closure through all policies. It returns a `Result`, or a future of one, and is called once
    /// for each attempt of a retry.
    ///
    /// # Cancel safety
    /// Dropping it drops what runs, and each policy makes of that what it makes of any call that is dropped.
    ///
    /// # Errors
    /// That of the outermost policy, with those inside it; under limits of the operation also their
    /// [`Stop`](gonex_core::Stop).
    ///
    /// ```
    /// use gonex_resilience::{Policy, Retry};
    ///
    /// let policy = Policy::new().retry(Retry::fixed());
    /// assert_eq!(policy.call(|| "7".parse::<u32>()).block(), Ok(7));
    /// ```
    #[track_caller]
    pub fn call<F, O, M>(&self, work: F) -> Op<PolicyCall<L::Work>>
    where
        F: Fn() -> O,
        O: IntoAttempt<M>,
        L: Layer<SharedWork<F, M>>,
        L::Work: Work,
    {
        self.run(SharedWork::new(work))
    }

    /// Calls what is no closure; for wrappers.
    #[track_caller]
    pub(crate) fn run<W>(&self, work: W) -> Op<PolicyCall<L::Work>>
    where
        L: Layer<W>,
        L::Work: Work,
    {
        Op::new(PolicyCall::new(self.layers.wrap(work)))
    }

    /// What it will do, a line for each policy, the outermost first.
    ///
    /// ```
    /// use gonex_resilience::{Policy, Retry};
    ///
    /// let policy = Policy::new().retry(Retry::fixed().max_attempts(2));
    /// assert_eq!(policy.describe(), ["retry: 2 attempts at most, fixed delays from 100ms to 10s"]);
    /// ```
    #[must_use]
    pub fn describe(&self) -> Vec<String>
    where
        L: Layer<()>,
    {
        self.layers.describe()
    }
}

impl<L: Layer<()>> fmt::Display for Policy<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.describe().into_iter().enumerate() {
            writeln!(f, "{}. {line}", index + 1)?;
        }
        Ok(())
    }
}

impl<L> fmt::Debug for Policy<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Policy")
    }
}
