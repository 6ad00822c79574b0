use std::time::Duration;

use super::Algorithm;
use crate::bulkhead::BulkheadConfig;
use crate::{InvalidConfig, Problems};

/// How an [`AdaptiveLimit`](super::AdaptiveLimit) is set up, as plain data.
///
/// ```
/// use gonex_resilience::adaptive::AdaptiveConfig;
///
/// let wrong = AdaptiveConfig { min_limit: 0, max_limit: 5, ..AdaptiveConfig::default() };
/// let invalid = wrong.validate().unwrap_err();
/// assert!(invalid.names("min_limit") && invalid.names("initial_limit"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct AdaptiveConfig {
    /// By which law it moves; by the gradient by default.
    pub algorithm: Algorithm,
    /// The limit at the start; 20 by default.
    pub initial_limit: usize,
    /// It is never lower; 1 by default.
    pub min_limit: usize,
    /// It is never higher; 200 by default.
    pub max_limit: usize,
    /// A window lasts for so long at least; 100 ms by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written"))]
    pub window: Duration,
    /// A window has so many samples at least; 10 by default.
    pub window_samples: u32,
    /// How many calls may wait; none by default, so what is too much is refused at once.
    pub max_queue: usize,
    /// How long one may wait; no limit by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written_option"))]
    pub max_wait: Option<Duration>,
}

impl Default for AdaptiveConfig {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::gradient(),
            initial_limit: 20,
            min_limit: 1,
            max_limit: 200,
            window: Duration::from_millis(100),
            window_samples: 10,
            max_queue: 0,
            max_wait: None,
        }
    }
}

/// The highest limit: what is counted in an `f64` stays exact, with room to multiply.
const MOST: usize = 1_000_000;

impl AdaptiveConfig {
    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: a zero, limits that are not in their order or above a million, a queue in
    /// which nobody may wait, and what is wrong with the algorithm.
    ///
    /// ```
    /// use gonex_resilience::adaptive::{AdaptiveConfig, Algorithm};
    ///
    /// assert!(AdaptiveConfig::default().validate().is_ok());
    /// let algorithm = Algorithm::Vegas { probe: 0 };
    /// let wrong = AdaptiveConfig { algorithm, ..AdaptiveConfig::default() };
    /// assert!(wrong.validate().unwrap_err().names("probe"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        let Self { initial_limit, min_limit, max_limit, .. } = *self;
        if min_limit == 0 {
            let reason = "with no call inside nothing is ever learned";
            problems.add("min_limit", 0, reason, "at least 1");
        }
        if max_limit < min_limit || max_limit > MOST {
            let reason = format!("it is not between the lowest limit, {min_limit}, and {MOST}");
            problems.add("max_limit", max_limit, reason, "a number between the two, such as 200");
        }
        if !(min_limit..=max_limit).contains(&initial_limit) {
            let reason =
                format!("it is not between the lowest, {min_limit}, and the highest, {max_limit}");
            problems.add("initial_limit", initial_limit, reason, "a number between the two");
        }
        if self.window.is_zero() {
            problems.add("window", "0s", "it has no length", "a length such as `100ms`");
        }
        if self.window_samples == 0 {
            let reason = "of no samples nothing is learned";
            problems.add("window_samples", 0, reason, "at least 1, usually 10");
        }
        self.algorithm.check(&mut problems);
        let entry = BulkheadConfig { max_concurrent: 1, ..self.entry(1) };
        problems.add_all(entry.validate());
        problems.finish()
    }

    /// Who is let in at a limit.
    pub(super) fn entry(&self, limit: usize) -> BulkheadConfig {
        let Self { max_queue, max_wait, .. } = *self;
        BulkheadConfig { max_concurrent: limit, max_queue, max_wait }
    }
}
