use std::time::Duration;

use gonex_sync::Semaphore;

use crate::{InvalidConfig, Problems};

/// How a [`Bulkhead`](super::Bulkhead) is set up, as plain data.
///
/// ```
/// use gonex_resilience::bulkhead::BulkheadConfig;
///
/// let wrong = BulkheadConfig { max_concurrent: 0, ..BulkheadConfig::default() };
/// assert!(wrong.validate().unwrap_err().names("max_concurrent"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct BulkheadConfig {
    /// How many calls run at once, at most, or what they weigh together; 25 by default.
    #[cfg_attr(feature = "serde", serde(alias = "maxConcurrentCalls"))]
    pub max_concurrent: usize,
    /// How many may wait; 100 by default. With 0 there is no queue, and what has no place is refused at
    /// once.
    pub max_queue: usize,
    /// How long one may wait; no limit by default.
    #[cfg_attr(
        feature = "serde",
        serde(alias = "maxWaitTime", with = "crate::span::written_option")
    )]
    pub max_wait: Option<Duration>,
}

impl Default for BulkheadConfig {
    fn default() -> Self {
        Self { max_concurrent: 25, max_queue: 100, max_wait: None }
    }
}

impl BulkheadConfig {
    /// So many at once, and no queue.
    ///
    /// ```
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// assert_eq!(BulkheadConfig::without_queue(5).max_queue, 0);
    /// ```
    #[must_use]
    pub fn without_queue(max_concurrent: usize) -> Self {
        Self { max_concurrent, max_queue: 0, max_wait: None }
    }

    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: no call at all, more than a semaphore holds, and a queue in which nobody
    /// may wait.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let wrong = BulkheadConfig { max_wait: Some(Duration::ZERO), ..BulkheadConfig::default() };
    /// assert!(wrong.validate().unwrap_err().names("max_wait"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        if self.max_concurrent == 0 {
            problems.add("max_concurrent", 0, "no call would ever be let in", "at least 1");
        } else if self.max_concurrent > Semaphore::MAX_PERMITS {
            let remedy = format!("at most {}", Semaphore::MAX_PERMITS);
            problems.add(
                "max_concurrent",
                self.max_concurrent,
                "so many cannot be counted",
                remedy,
            );
        }
        if self.max_queue > 0 && self.max_wait.is_some_and(|wait| wait.is_zero()) {
            let reason = "nobody could wait in the queue that there is";
            problems.add("max_wait", "0s", reason, "a length above 0, or a `max_queue` of 0");
        }
        problems.finish()
    }
}
