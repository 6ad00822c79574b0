use std::time::Duration;

use super::{Jitter, Strategy};
use crate::{InvalidConfig, Problems, span};

/// How a [`Retry`](super::Retry) is set up, as plain data.
///
/// With the feature `serde` it can be read from a file: lengths of time are written as `250ms` or
/// `1m 30s`, or as a number of milliseconds, and the names are those of the fields, also in camel case.
/// `max_retries` and `retry_attempts` mean *extra* calls, one less than `max_attempts`.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::{Retry, RetryConfig};
/// use gonex_resilience::retry::Strategy;
///
/// let config = RetryConfig { strategy: Strategy::Linear, ..RetryConfig::default() };
/// let retry = Retry::try_from(config)?;
/// assert_eq!(retry.delay(3), Duration::from_millis(300));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::serial::Read", into = "super::serial::Written")
)]
pub struct RetryConfig {
    /// How the delay grows; exponentially by default.
    pub strategy: Strategy,
    /// The delay after the first attempt; 100 ms by default.
    pub initial_delay: Duration,
    /// No delay is longer; 10 s by default.
    pub max_delay: Duration,
    /// By what the exponential strategy multiplies; 2 by default.
    pub multiplier: f64,
    /// What chance adds; nothing by default.
    pub jitter: Jitter,
    /// How many calls are made at most, the first one included; 3 by default. Without it,
    /// `max_elapsed` is what ends them.
    pub max_attempts: Option<u32>,
    /// No attempt begins later than this after the first one began; no limit by default.
    pub max_elapsed: Option<Duration>,
    /// How long one attempt may take; no limit by default.
    pub attempt_timeout: Option<Duration>,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            initial_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(10),
            multiplier: 2.0,
            jitter: Jitter::default(),
            max_attempts: Some(3),
            max_elapsed: None,
            attempt_timeout: None,
        }
    }
}

/// The least multiplier above 1: with less, a delay would take for ever to grow.
const LEAST_GROWTH: f64 = 1.001;

/// The longest delay that the arithmetic, in nanoseconds, can hold: about 584 years.
const LONGEST: Duration = Duration::from_nanos(u64::MAX);

impl RetryConfig {
    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: a zero, a delay that is beyond all clocks, a maximum below the
    /// initial delay, a multiplier that shrinks or is no number, and calls that nothing would end.
    ///
    /// ```
    /// use gonex_resilience::RetryConfig;
    ///
    /// assert!(RetryConfig::default().validate().is_ok());
    /// let endless = RetryConfig { max_attempts: None, ..RetryConfig::default() };
    /// assert!(endless.validate().unwrap_err().names("max_attempts"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        for (field, span) in [("initial_delay", self.initial_delay), ("max_delay", self.max_delay)]
        {
            if span.is_zero() {
                let reason = "attempts without a pause are a loop that floods whom it calls";
                problems.add(field, span::show(span), reason, "a length above 0, such as `100ms`");
            } else if span > LONGEST {
                let reason = "it is beyond what a clock can hold";
                problems.add(field, span::show(span), reason, "at most 584 years");
            }
        }
        if self.max_delay < self.initial_delay {
            let reason =
                format!("shorter than the initial delay, {}", span::show(self.initial_delay));
            let remedy = "at least the initial delay";
            problems.add("max_delay", span::show(self.max_delay), reason, remedy);
        }
        let shrinks = self.multiplier < 1.0 || !self.multiplier.is_finite();
        if shrinks || (self.multiplier > 1.0 && self.multiplier < LEAST_GROWTH) {
            let reason = "delays that grow are multiplied by a number above 1";
            let remedy = format!("at least {LEAST_GROWTH}, usually 2; or the strategy `fixed`");
            problems.add("multiplier", self.multiplier, reason, remedy);
        }
        match (self.max_attempts, self.max_elapsed) {
            (Some(0), _) => problems.add(
                "max_attempts",
                0,
                "no call would ever be made",
                "at least 1, which is the first call",
            ),
            (None, None) => problems.add(
                "max_attempts",
                "unlimited",
                "nothing would end the calls",
                "a number, or a `max_elapsed`",
            ),
            _ => {}
        }
        for (field, span) in
            [("max_elapsed", self.max_elapsed), ("attempt_timeout", self.attempt_timeout)]
        {
            if span.is_some_and(|span| span.is_zero()) {
                let reason = "a limit that is over before it begins";
                problems.add(field, "0s", reason, "a length above 0, or none for no limit");
            }
        }
        problems.finish()
    }
}
