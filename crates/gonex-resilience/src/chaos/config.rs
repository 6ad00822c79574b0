use std::time::Duration;

use crate::{InvalidConfig, Problems, span};

/// How a [`Chaos`](super::Chaos) is set up, as plain data.
///
/// ```
/// use gonex_resilience::chaos::ChaosConfig;
///
/// let wrong = ChaosConfig { errors: 0.7, panics: 0.7, ..ChaosConfig::default() };
/// assert!(wrong.validate().unwrap_err().names("panics"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ChaosConfig {
    /// By which all is decided; 0 by default.
    pub seed: u64,
    /// The share of calls that have to wait first; none by default.
    pub delays: f64,
    /// How long they wait at least; 10 ms by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written"))]
    pub min_delay: Duration,
    /// How long they wait at most; 100 ms by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written"))]
    pub max_delay: Duration,
    /// The share of calls that fail, without being called; none by default.
    pub errors: f64,
    /// The share of calls that panic, without being called; none by default. Those that fail are others.
    pub panics: f64,
}

impl Default for ChaosConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            delays: 0.0,
            min_delay: Duration::from_millis(10),
            max_delay: Duration::from_millis(100),
            errors: 0.0,
            panics: 0.0,
        }
    }
}

impl ChaosConfig {
    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: shares that are none, errors and panics that are more than all calls
    /// together, and a shortest delay above the longest one.
    ///
    /// ```
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// assert!(ChaosConfig { errors: 1.0, ..ChaosConfig::default() }.validate().is_ok());
    /// let wrong = ChaosConfig { delays: -0.1, ..ChaosConfig::default() };
    /// assert!(wrong.validate().unwrap_err().names("delays"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        let Self { delays, min_delay, max_delay, errors, panics, .. } = *self;
        for (field, share) in [("delays", delays), ("errors", errors), ("panics", panics)] {
            if !(0.0..=1.0).contains(&share) {
                problems.add(
                    field,
                    share,
                    "it is no share of the calls",
                    "from 0 to 1, such as 0.1",
                );
            }
        }
        if errors + panics > 1.0 {
            let reason = format!("with `errors` = {errors} that is more than all calls");
            problems.add("panics", panics, reason, "no more than 1 together");
        }
        if max_delay < min_delay {
            let reason = format!("shorter than the shortest, {}", span::show(min_delay));
            problems.add("max_delay", span::show(max_delay), reason, "at least that");
        }
        problems.finish()
    }
}
