use std::time::Duration;

use crate::{InvalidConfig, Problems, span};

/// How a [`SlidingWindow`](super::SlidingWindow) is set up, as plain data.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::limit::{SlidingWindow, SlidingWindowConfig};
///
/// let config = SlidingWindowConfig { precision: None, ..SlidingWindowConfig::per_second(3) };
/// assert_eq!(SlidingWindow::new(config)?.available(), 3);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct SlidingWindowConfig {
    /// The length of the window; a second by default.
    #[cfg_attr(feature = "serde", serde(alias = "windowSize", with = "crate::span::written"))]
    pub window_size: Duration,
    /// How many requests any such window sees at most; 100 by default.
    #[cfg_attr(feature = "serde", serde(alias = "maxRequests"))]
    pub max_requests: u32,
    /// Into how many parts the window is cut, each of which has one counter; 10 by default. Requests of
    /// one part leave the window together with the last of them, so a refusal may last longer by one part
    /// than it had to, and never shorter. `None` keeps the moment of each request instead: exact, and 24
    /// bytes for each.
    pub precision: Option<u32>,
}

impl Default for SlidingWindowConfig {
    fn default() -> Self {
        Self::per_second(100)
    }
}

/// The most entries that a window keeps: 24 MB.
const MOST_KEPT: u32 = 1_000_000;
/// The longest window.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

impl SlidingWindowConfig {
    /// So many in any second.
    ///
    /// ```
    /// assert_eq!(gonex_resilience::limit::SlidingWindowConfig::per_second(3).max_requests, 3);
    /// ```
    #[must_use]
    pub fn per_second(requests: u32) -> Self {
        let window_size = Duration::from_secs(1);
        Self { window_size, max_requests: requests, precision: Some(10) }
    }

    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: a zero, a window longer than a year, and what would keep more than a
    /// million entries.
    ///
    /// ```
    /// use gonex_resilience::limit::SlidingWindowConfig;
    ///
    /// let wrong = SlidingWindowConfig {
    ///     max_requests: 0,
    ///     precision: Some(0),
    ///     ..SlidingWindowConfig::default()
    /// };
    /// assert_eq!(wrong.validate().unwrap_err().problems().len(), 2);
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        let Self { window_size, max_requests, precision } = *self;
        if window_size.is_zero() {
            let reason = "in no time nothing is ever too much";
            problems.add("window_size", "0s", reason, "a length such as `1s`");
        } else if window_size > LONGEST {
            let reason = "it is longer than a year";
            problems.add("window_size", span::show(window_size), reason, "at most 366 days");
        }
        if max_requests == 0 {
            problems.add("max_requests", 0, "nothing would ever be allowed", "at least 1");
        }
        match precision {
            Some(0) => {
                let remedy = "at least 1, usually 10; or none, for an exact log";
                problems.add("precision", 0, "a window has at least one part", remedy);
            }
            Some(parts) if parts > MOST_KEPT => {
                let reason = "it would keep more than a million counters";
                problems.add("precision", parts, reason, "at most 1000000, usually 10");
            }
            Some(parts) if !window_size.is_zero() && u128::from(parts) > window_size.as_nanos() => {
                let reason = "each part would be shorter than a nanosecond";
                problems.add("precision", parts, reason, "fewer parts, or a longer window");
            }
            None if max_requests > MOST_KEPT => {
                let reason = "an exact log would keep more than a million moments";
                problems.add("precision", "none", reason, "a number of parts, such as 100");
            }
            _ => {}
        }
        problems.finish()
    }

    /// The length of a part, in nanoseconds.
    pub(super) fn part(&self) -> u64 {
        match self.precision {
            Some(parts) => crate::moment::nanos(self.window_size).div_ceil(parts.into()),
            None => 1,
        }
    }
}
