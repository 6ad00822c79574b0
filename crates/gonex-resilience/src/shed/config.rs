use std::time::Duration;

use super::Priority;
use crate::{InvalidConfig, Problems, span};

/// How a [`LoadShedder`](super::LoadShedder) is set up, as plain data.
///
/// ```
/// use gonex_resilience::shed::ShedConfig;
///
/// let wrong = ShedConfig { max_running: Some(0), low: 1.5, ..ShedConfig::default() };
/// let invalid = wrong.validate().unwrap_err();
/// assert!(invalid.names("max_running") && invalid.names("low"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ShedConfig {
    /// How many calls run at once, at most; 100 by default, `None` for no such limit.
    pub max_running: Option<usize>,
    /// The share of these that calls of low priority may fill; 0.5 by default.
    pub low: f64,
    /// The share that calls of normal priority may fill; 0.8 by default.
    pub normal: f64,
    /// The share that calls of high priority may fill; 0.95 by default. Critical calls may fill all.
    pub high: f64,
    /// The longest delay that is good; none by default, so delays do not count. `CoDel` has 5 ms for networks.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written_option"))]
    pub target: Option<Duration>,
    /// For how long the shortest delay has to be above the target; 100 ms by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written"))]
    pub interval: Duration,
}

impl Default for ShedConfig {
    fn default() -> Self {
        Self {
            max_running: Some(100),
            low: 0.5,
            normal: 0.8,
            high: 0.95,
            target: None,
            interval: Duration::from_millis(100),
        }
    }
}

impl ShedConfig {
    /// By delays alone.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::shed::ShedConfig;
    ///
    /// assert_eq!(ShedConfig::by_delay(Duration::from_millis(50)).max_running, None);
    /// ```
    #[must_use]
    pub fn by_delay(target: Duration) -> Self {
        Self { max_running: None, target: Some(target), ..Self::default() }
    }

    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: neither sign, a zero, shares that are none or not in their order, and an
    /// interval no longer than the target.
    ///
    /// ```
    /// use gonex_resilience::shed::ShedConfig;
    ///
    /// assert!(ShedConfig::default().validate().is_ok());
    /// let neither = ShedConfig { max_running: None, ..ShedConfig::default() };
    /// assert!(neither.validate().unwrap_err().names("max_running"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        let Self { max_running, low, normal, high, target, interval } = *self;
        match (max_running, target) {
            (Some(0), _) => problems.add("max_running", 0, "no call would be let in", "at least 1"),
            (None, None) => {
                let reason = "without a `target` for delays nothing would ever be refused";
                problems.add("max_running", "none", reason, "a number, or a `target`");
            }
            _ => {}
        }
        for (field, share) in [("low", low), ("normal", normal), ("high", high)] {
            if !(share > 0.0 && share <= 1.0) {
                let reason = "it is no share of the places";
                problems.add(field, share, reason, "above 0 and at most 1, such as 0.8");
            }
        }
        if low > normal {
            problems.add("low", low, "more than the normal priority has", "at most `normal`");
        }
        if normal > high {
            problems.add("normal", normal, "more than the high priority has", "at most `high`");
        }
        if target.is_some_and(|target| target.is_zero()) {
            let reason = "every delay would be too long";
            problems.add("target", "0s", reason, "a length such as `50ms`, or none");
        }
        if interval.is_zero() || target.is_some_and(|target| target >= interval) {
            let reason = "a delay at the target does not fit into it";
            problems.add("interval", span::show(interval), reason, "several times the target");
        }
        problems.finish()
    }

    /// How many may run for one of this priority to be let in beside them, itself included; at least one.
    pub(crate) fn places(&self, priority: Priority) -> Option<usize> {
        let share = match priority {
            Priority::Low => self.low,
            Priority::Normal => self.normal,
            Priority::High => self.high,
            Priority::Critical => 1.0,
        };
        // The share of a number of places is one again: no more than there are, and exact up to 2^53.
        self.max_running.map(|most| ((most as f64 * share + 1e-9) as usize).clamp(1, most))
    }
}
