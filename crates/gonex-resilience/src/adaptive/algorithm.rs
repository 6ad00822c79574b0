use std::time::Duration;

use crate::{Problems, span};

/// By which law an [`AdaptiveLimit`](super::AdaptiveLimit) moves.
///
/// ```
/// use gonex_resilience::adaptive::{AdaptiveConfig, Algorithm};
///
/// assert_eq!(AdaptiveConfig::default().algorithm, Algorithm::gradient());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum Algorithm {
    /// One more for each window without a drop, and a share of it after one with a drop. It needs a service
    /// that refuses what is too much, or a length of time that is known to be too long.
    Aimd {
        /// What is left of the limit after a drop: at least 0.5 and below 1, usually 0.9.
        backoff: f64,
        /// A window whose calls take longer than this on average counts as one with a drop.
        #[cfg_attr(feature = "serde", serde(with = "crate::span::written_option", default))]
        too_slow: Option<Duration>,
    },
    /// Estimates how many calls queue at the service, from the fastest time seen, and keeps them few: from
    /// 3 to 6 times the decimal logarithm of the limit. The fastest time is forgotten now and then, so that
    /// a service which has become slower for good is not taken for one that is overloaded.
    Vegas {
        /// How many windows, times the limit, the fastest time is kept for: at least 1, usually 30.
        probe: u32,
    },
    /// Compares how long calls take with what they have taken for a long time. It bears services whose time
    /// varies by itself. Where that grows slowly and for ever, or has been long for a while, the long time
    /// follows and the limit grows beyond what is good: choose a `max_limit` that bounds it.
    Gradient {
        /// How many times the long average calls may take before the limit shrinks: at least 1, usually 1.5.
        tolerance: f64,
        /// How many calls may always queue at the service. In a window the limit grows by `smoothing` times
        /// that, at most.
        queue: u32,
        /// How much of a step is taken: above 0 and at most 1, usually 0.2.
        smoothing: f64,
        /// Of how many windows the long average is, usually 600.
        long_window: u32,
    },
}

impl Algorithm {
    /// With the settings that are usual, and no length of time that is too long.
    ///
    /// ```
    /// use gonex_resilience::adaptive::Algorithm;
    ///
    /// assert_eq!(Algorithm::aimd(), Algorithm::Aimd { backoff: 0.9, too_slow: None });
    /// ```
    #[must_use]
    pub fn aimd() -> Self {
        Self::Aimd { backoff: 0.9, too_slow: None }
    }

    /// With the settings that are usual.
    ///
    /// ```
    /// use gonex_resilience::adaptive::Algorithm;
    ///
    /// assert_eq!(Algorithm::vegas(), Algorithm::Vegas { probe: 30 });
    /// ```
    #[must_use]
    pub fn vegas() -> Self {
        Self::Vegas { probe: 30 }
    }

    /// With the settings that are usual.
    ///
    /// ```
    /// use gonex_resilience::adaptive::Algorithm;
    ///
    /// assert!(matches!(Algorithm::gradient(), Algorithm::Gradient { queue: 4, .. }));
    /// ```
    #[must_use]
    pub fn gradient() -> Self {
        Self::Gradient { tolerance: 1.5, queue: 4, smoothing: 0.2, long_window: 600 }
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        match *self {
            Self::Aimd { backoff, too_slow } => {
                if !(0.5..1.0).contains(&backoff) {
                    let reason = "it is no share that is left of the limit after a drop";
                    problems.add(
                        "backoff",
                        backoff,
                        reason,
                        "at least 0.5 and below 1, such as 0.9",
                    );
                }
                if too_slow.is_some_and(|time| time.is_zero()) {
                    let reason = "every call would be too slow";
                    problems.add(
                        "too_slow",
                        span::show(Duration::ZERO),
                        reason,
                        "a length, or none",
                    );
                }
            }
            Self::Vegas { probe } => {
                if probe == 0 {
                    let reason = "the fastest time would be forgotten at once";
                    problems.add("probe", probe, reason, "at least 1, usually 30");
                }
            }
            Self::Gradient { tolerance, queue, smoothing, long_window } => {
                if !(tolerance >= 1.0 && tolerance.is_finite()) {
                    let reason = "calls that take as long as ever would shrink the limit";
                    problems.add("tolerance", tolerance, reason, "at least 1, usually 1.5");
                }
                if queue == 0 {
                    let reason = "the limit would never grow";
                    problems.add("queue", queue, reason, "at least 1, usually 4");
                }
                if !(smoothing > 0.0 && smoothing <= 1.0) {
                    let reason = "it is no share of a step";
                    problems.add(
                        "smoothing",
                        smoothing,
                        reason,
                        "above 0 and at most 1, such as 0.2",
                    );
                }
                if long_window == 0 {
                    let reason = "of no windows there is no average";
                    problems.add("long_window", long_window, reason, "at least 1, usually 600");
                }
            }
        }
    }
}
