use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::backoff::{self, Custom};
use super::{RetryBudget, RetryConfig, Strategy};
use crate::{InvalidConfig, Problems};

/// All that one call goes by. A call takes it once and keeps to it, whatever is changed meanwhile.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) config: RetryConfig,
    pub(super) custom: Option<Arc<Custom>>,
    pub(super) budget: Option<RetryBudget>,
    /// Whether they are known to be valid, so that not each call has to look.
    pub(super) is_valid: bool,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("config", &self.config)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl Settings {
    pub(super) fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        if self.config.strategy == Strategy::Custom && self.custom.is_none() {
            problems.add(
                "strategy",
                Strategy::Custom,
                "no function says what the delays are",
                "`Retry::custom` with a function, or another strategy",
            );
        }
        problems.add_all(self.config.validate());
        problems.finish()
    }

    pub(super) fn delay(&self, attempt: u32) -> Duration {
        backoff::delay(&self.config, self.custom.as_deref(), attempt)
    }

    pub(super) fn drawn(&self, attempt: u32, before: Option<Duration>, random: u64) -> Duration {
        backoff::jittered(&self.config, self.delay(attempt), before, random)
    }

    /// Whether there is another attempt after this one, by their number.
    pub(super) fn allows_after(&self, attempt: u32) -> bool {
        self.config.max_attempts.is_none_or(|max| attempt < max)
    }
}
