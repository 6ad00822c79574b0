use std::time::Duration;

use super::TokenBucket;
use crate::moment::nanos;
use crate::{InvalidConfig, Problems, span};

/// How the tokens of a bucket come back.
///
/// ```
/// use gonex_resilience::limit::{Refill, TokenBucketConfig};
///
/// assert_eq!(TokenBucketConfig::per_second(10).refill, Refill::Continuous);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Refill {
    /// One after the other, each in its share of the interval.
    #[default]
    Continuous,
    /// All of an interval at its end.
    Stepped,
}

/// How a [`TokenBucket`] is set up, as plain data.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::limit::TokenBucketConfig;
///
/// let wrong = TokenBucketConfig {
///     capacity: 0,
///     refill_interval: Duration::ZERO,
///     ..TokenBucketConfig::default()
/// };
/// let invalid = wrong.validate().unwrap_err();
/// assert!(invalid.names("capacity") && invalid.names("refill_interval"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct TokenBucketConfig {
    /// How many tokens there are at most, and at the start; 100 by default.
    pub capacity: u32,
    /// How many tokens come back in each interval; 100 by default.
    #[cfg_attr(feature = "serde", serde(alias = "refillRate"))]
    pub refill_rate: u32,
    /// The interval; a second by default.
    #[cfg_attr(feature = "serde", serde(alias = "refillInterval", with = "crate::span::written"))]
    pub refill_interval: Duration,
    /// How they come back: one after the other by default.
    pub refill: Refill,
    /// Whether tokens that nobody took are there at once; yes by default. Without bursts they are evenly
    /// spaced: one at a time, and whoever wants two at once is refused.
    #[cfg_attr(feature = "serde", serde(alias = "enableBurst", alias = "enable_burst"))]
    pub burst: bool,
}

impl Default for TokenBucketConfig {
    fn default() -> Self {
        Self::per_second(100)
    }
}

/// The longest interval: what the arithmetic holds has room for as many again.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
/// The longest time in which an empty bucket fills.
const FULL: u128 = 10 * 366 * 24 * 3600 * 1_000_000_000;

impl TokenBucketConfig {
    /// So many in a second, with as many at once.
    ///
    /// ```
    /// use gonex_resilience::limit::TokenBucketConfig;
    ///
    /// assert_eq!(TokenBucketConfig::per_second(5).capacity, 5);
    /// ```
    #[must_use]
    pub fn per_second(tokens: u32) -> Self {
        Self::per(tokens, Duration::from_secs(1))
    }

    /// So many in an interval, with as many at once.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::TokenBucketConfig;
    ///
    /// let hourly = TokenBucketConfig::per(5, Duration::from_secs(3600));
    /// assert!(hourly.validate().is_ok());
    /// ```
    #[must_use]
    pub fn per(tokens: u32, interval: Duration) -> Self {
        Self {
            capacity: tokens,
            refill_rate: tokens,
            refill_interval: interval,
            refill: Refill::Continuous,
            burst: true,
        }
    }

    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: a zero, an interval longer than a year, tokens that come faster than one
    /// in a nanosecond, or a bucket that takes more than ten years to fill.
    ///
    /// ```
    /// use gonex_resilience::limit::TokenBucketConfig;
    ///
    /// assert!(TokenBucketConfig::per_second(1_000_000_000).validate().is_ok());
    /// let wrong = TokenBucketConfig::per_second(1_000_000_001).validate().unwrap_err();
    /// assert!(wrong.names("refill_rate"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        let Self { capacity, refill_rate, refill_interval, .. } = *self;
        if capacity == 0 {
            problems.add("capacity", 0, "nothing would ever be allowed", "at least 1");
        }
        pace("refill_rate", refill_rate, "refill_interval", refill_interval, &mut problems);
        let interval = u128::from(nanos(refill_interval));
        if refill_rate > 0 && u128::from(capacity) * interval / u128::from(refill_rate) > FULL {
            let reason = "at this rate it takes more than ten years to fill";
            problems.add("capacity", capacity, reason, "fewer, or a higher rate");
        }
        problems.finish()
    }

    /// How many can be taken at once.
    pub(super) fn most(&self) -> u32 {
        if self.burst { self.capacity } else { 1 }
    }
}

/// Looks at a rate in an interval.
fn pace(
    rate_field: &str,
    rate: u32,
    interval_field: &str,
    interval: Duration,
    problems: &mut Problems,
) {
    if rate == 0 {
        problems.add(rate_field, 0, "what is used up would never come back", "at least 1");
    }
    if interval.is_zero() {
        problems.add(interval_field, "0s", "a rate needs a time", "a length such as `1s`");
    } else if interval > LONGEST {
        let remedy = "at most 366 days; fewer in a shorter time";
        problems.add(interval_field, span::show(interval), "it is longer than a year", remedy);
    } else if u64::from(rate) > nanos(interval) {
        let reason = format!("in {} that is more than one in a nanosecond", span::show(interval));
        problems.add(rate_field, rate, reason, "fewer, or a longer interval");
    }
}

/// How a leaky bucket is set up, as plain data.
///
/// As a *queue*, a [`LeakyBucket`](super::LeakyBucket), things wait in it and leave at an even pace. As
/// a *meter* it is a token bucket seen from the other side: each request pours in, what would overflow is
/// denied, and room comes back at the rate of the leak.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::limit::LeakyBucketConfig;
///
/// let config = LeakyBucketConfig { capacity: 2, leak_rate: 1, leak_interval: Duration::from_secs(1) };
/// let meter = config.meter()?;
/// assert!(meter.try_acquire(2).is_ok());
/// assert!(meter.try_acquire(1).is_err(), "it would overflow");
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct LeakyBucketConfig {
    /// How much it holds; 100 by default.
    pub capacity: u32,
    /// How many leave in each interval; 100 by default.
    #[cfg_attr(feature = "serde", serde(alias = "leakRate"))]
    pub leak_rate: u32,
    /// The interval; a second by default.
    #[cfg_attr(feature = "serde", serde(alias = "leakInterval", with = "crate::span::written"))]
    pub leak_interval: Duration,
}

impl Default for LeakyBucketConfig {
    fn default() -> Self {
        Self { capacity: 100, leak_rate: 100, leak_interval: Duration::from_secs(1) }
    }
}

impl LeakyBucketConfig {
    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: see [`TokenBucketConfig::validate`].
    ///
    /// ```
    /// use gonex_resilience::limit::LeakyBucketConfig;
    ///
    /// let wrong = LeakyBucketConfig { leak_rate: 0, ..LeakyBucketConfig::default() };
    /// assert!(wrong.validate().unwrap_err().names("leak_rate"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        if self.capacity == 0 {
            problems.add("capacity", 0, "it would hold nothing", "at least 1");
        }
        pace("leak_rate", self.leak_rate, "leak_interval", self.leak_interval, &mut problems);
        let same = TokenBucketConfig { capacity: self.capacity, ..self.paced() };
        if same.validate().is_err_and(|invalid| invalid.names("capacity")) {
            let reason = "at this rate it takes more than ten years to empty";
            problems.add("capacity", self.capacity, reason, "less, or a higher rate");
        }
        problems.finish()
    }

    /// Makes a meter: a limiter that allows what does not overflow.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::limit::LeakyBucketConfig;
    ///
    /// assert_eq!(LeakyBucketConfig::default().meter()?.available(), 100);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn meter(&self) -> Result<TokenBucket, InvalidConfig> {
        self.validate()?;
        TokenBucket::new(TokenBucketConfig { capacity: self.capacity, ..self.paced() })
    }

    /// One at a time, at the rate of the leak.
    pub(super) fn paced(&self) -> TokenBucketConfig {
        TokenBucketConfig {
            capacity: 1,
            ..TokenBucketConfig::per(self.leak_rate, self.leak_interval)
        }
    }
}
