use std::time::Duration;

use super::chain::{Chain, Identity};
use super::layers::OptionalLimiter;
use crate::breaker::{BreakerConfig, WindowKind};
use crate::limit::TokenBucketConfig;
use crate::retry::{Jitter, Strategy};
use crate::{
    CircuitBreaker, InvalidConfig, Policy, Problems, Retry, RetryConfig, Timeout, TokenBucket,
};

/// What [`PolicyConfig::build`] makes: retry, breaker, limiter, time-out, in this order from outside.
pub type Configured =
    Chain<Chain<Chain<Chain<Identity, Retry>, CircuitBreaker>, OptionalLimiter>, Timeout>;

/// Several policies around one call as plain data, from a file, say. What is missing is not there; a
/// fallback is code, and goes around the outside.
///
/// ```
/// use gonex_resilience::stack::PolicyConfig;
///
/// let policy = PolicyConfig::http_client().build()?;
/// assert_eq!(policy.call(|| Ok::<_, ()>(7)).block(), Ok(7));
/// assert_eq!(
///     policy.to_string(),
///     "1. retry: 3 attempts at most, exponential delays from 100ms to 10s\n\
///      2. breaker: opens for 10s at 50 % failures in 30s\n\
///      3. limiter: none\n\
///      4. time-out: 10s for each call\n",
/// );
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct PolicyConfig {
    /// When and how often is called again; never by default.
    pub retry: Option<RetryConfig>,
    /// When nothing is called for a while; never by default.
    pub breaker: Option<BreakerConfig>,
    /// How many calls there may be; any number by default.
    pub limiter: Option<TokenBucketConfig>,
    /// How long each call may take; no limit by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written_option"))]
    pub timeout: Option<Duration>,
}

impl PolicyConfig {
    /// For calls of another service: three attempts whose delays are spread by chance, a breaker by the
    /// failures of half a minute, ten seconds for each call.
    ///
    /// ```
    /// assert!(gonex_resilience::stack::PolicyConfig::http_client().validate().is_ok());
    /// ```
    #[must_use]
    pub fn http_client() -> Self {
        let breaker = BreakerConfig {
            window: WindowKind::Time { length: Duration::from_secs(30), parts: 30 },
            minimum_calls: 20,
            break_duration: Duration::from_secs(10),
            ..BreakerConfig::default()
        };
        Self {
            retry: Some(RetryConfig { jitter: Jitter::Full, ..RetryConfig::default() }),
            breaker: Some(breaker),
            limiter: None,
            timeout: Some(Duration::from_secs(10)),
        }
    }

    /// For a database near by: one retry after a short while, a breaker that opens for five seconds after
    /// five failures one after the other, five seconds for each call.
    ///
    /// ```
    /// assert!(gonex_resilience::stack::PolicyConfig::database().validate().is_ok());
    /// ```
    #[must_use]
    pub fn database() -> Self {
        let retry = RetryConfig {
            strategy: Strategy::Fixed,
            initial_delay: Duration::from_millis(50),
            jitter: Jitter::Equal,
            max_attempts: Some(2),
            ..RetryConfig::default()
        };
        let breaker = BreakerConfig {
            break_duration: Duration::from_secs(5),
            ..BreakerConfig::consecutive(5)
        };
        Self {
            retry: Some(retry),
            breaker: Some(breaker),
            limiter: None,
            timeout: Some(Duration::from_secs(5)),
        }
    }

    /// For work that nobody waits for: ten attempts up to a minute apart, and no breaker, since the work
    /// is to be done in the end.
    ///
    /// ```
    /// assert!(gonex_resilience::stack::PolicyConfig::batch().validate().is_ok());
    /// ```
    #[must_use]
    pub fn batch() -> Self {
        let retry = RetryConfig {
            initial_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(60),
            jitter: Jitter::Full,
            max_attempts: Some(10),
            ..RetryConfig::default()
        };
        Self { retry: Some(retry), timeout: Some(Duration::from_secs(600)), ..Self::default() }
    }

    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field of every policy that is wrong.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::TokenBucketConfig;
    /// use gonex_resilience::stack::PolicyConfig;
    ///
    /// let wrong = PolicyConfig {
    ///     limiter: Some(TokenBucketConfig::per_second(0)),
    ///     timeout: Some(Duration::ZERO),
    ///     ..PolicyConfig::default()
    /// };
    /// let invalid = wrong.validate().unwrap_err();
    /// assert!(invalid.names("refill_rate") && invalid.names("timeout"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        if let Some(retry) = &self.retry {
            problems.add_all(retry.validate());
        }
        if let Some(breaker) = &self.breaker {
            problems.add_all(breaker.validate());
        }
        if let Some(limiter) = &self.limiter {
            problems.add_all(limiter.validate());
        }
        if let Some(timeout) = self.timeout {
            problems.add_all(Timeout::new(timeout).map(drop));
        }
        problems.finish()
    }

    /// Makes the policies.
    ///
    /// # Errors
    /// Every field of every policy that is wrong.
    ///
    /// ```
    /// use gonex_resilience::stack::PolicyConfig;
    ///
    /// let nothing = PolicyConfig::default().build()?;
    /// assert_eq!(nothing.call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn build(&self) -> Result<Policy<Configured>, InvalidConfig> {
        self.validate()?;
        let retry = match &self.retry {
            Some(config) => Retry::try_from(config.clone())?,
            None => Retry::fixed().max_attempts(1),
        };
        let breaker = match &self.breaker {
            Some(config) => CircuitBreaker::new(config.clone())?,
            None => {
                let breaker = CircuitBreaker::new(BreakerConfig::default())?;
                breaker.disable();
                breaker
            }
        };
        let limiter = self.limiter.map(TokenBucket::new).transpose()?;
        let timeout = self.timeout.map_or_else(|| Ok(Timeout::none()), Timeout::new)?;
        let policy = Policy::new().retry(retry).breaker(breaker);
        Ok(policy.with(OptionalLimiter(limiter)).timeout(timeout))
    }
}
