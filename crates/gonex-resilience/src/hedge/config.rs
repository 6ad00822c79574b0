use std::time::Duration;

use crate::{InvalidConfig, Problems, span};

/// After which time without an answer is asked again.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::hedge::{HedgeConfig, HedgeDelay};
///
/// let delay = HedgeDelay::Fixed { delay: Duration::from_millis(100) };
/// assert_eq!(HedgeConfig::default().delay, delay);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum HedgeDelay {
    /// Always the same.
    Fixed {
        /// How long.
        #[cfg_attr(feature = "serde", serde(with = "crate::span::written"))]
        delay: Duration,
    },
    /// As long as this share of the latest 128 first attempts took, so that about the rest is asked again.
    /// One that another attempt was faster than counts with the time at which that answered: it took longer
    /// than the delay, and how much longer makes no difference.
    Percentile {
        /// The share: above 0 and below 1, such as 0.95.
        share: f64,
        /// It is never longer, and as long as this until there are 20 answers.
        #[cfg_attr(feature = "serde", serde(with = "crate::span::written"))]
        most: Duration,
    },
}

/// How a [`Hedge`](super::Hedge) is set up, as plain data.
///
/// ```
/// use gonex_resilience::hedge::HedgeConfig;
///
/// let wrong = HedgeConfig { max_attempts: 1, ..HedgeConfig::default() };
/// assert!(wrong.validate().unwrap_err().names("max_attempts"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct HedgeConfig {
    /// After which time without an answer is asked again; after 100 ms by default.
    pub delay: HedgeDelay,
    /// How often is asked in all, the first time included; 2 by default, 16 at most.
    pub max_attempts: u32,
}

impl Default for HedgeConfig {
    fn default() -> Self {
        let delay = HedgeDelay::Fixed { delay: Duration::from_millis(100) };
        Self { delay, max_attempts: 2 }
    }
}

impl HedgeConfig {
    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: a delay of no length, a share that is none, fewer than 2 attempts or
    /// more than 16.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::hedge::{HedgeConfig, HedgeDelay};
    ///
    /// let delay = HedgeDelay::Percentile { share: 1.0, most: Duration::ZERO };
    /// assert!(HedgeConfig { delay, max_attempts: 2 }.validate().unwrap_err().names("delay"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        let (HedgeDelay::Fixed { delay: most } | HedgeDelay::Percentile { most, .. }) = self.delay;
        if most.is_zero() {
            let reason = "all attempts would be made at once";
            problems.add("delay", span::show(most), reason, "a length above 0, such as `100ms`");
        }
        if let HedgeDelay::Percentile { share, .. } = self.delay
            && !(share > 0.0 && share < 1.0)
        {
            let reason = "it is no share of the answers";
            problems.add("delay", share, reason, "above 0 and below 1, such as 0.95");
        }
        if !(2..=16).contains(&self.max_attempts) {
            let reason = "with one attempt there is no other, and more than 16 are a flood";
            problems.add("max_attempts", self.max_attempts, reason, "2 to 16");
        }
        problems.finish()
    }
}
