//! Which settings make no sense.

use std::io;

use gonex_resilience::breaker::BreakerConfig;

use super::builder::PoolBuilder;
use crate::pool::state::Settings;

impl PoolBuilder {
    /// # Errors
    /// All settings that make no sense.
    pub(super) fn check(&self) -> io::Result<()> {
        let Settings { name, min, max, initial, restart, recycle_after, .. } = &self.settings;
        let mut wrong = Vec::new();
        if name.contains('\0') {
            wrong.push(format!("the name {name:?} holds a NUL character; take another"));
        }
        if *max == 0 || min > max {
            wrong.push(format!(
                "there cannot be {min} to {max} workers; let there be at least one, and no fewer at \
                 most than at least"
            ));
        } else if !(min..=max).contains(&initial) {
            wrong.push(format!("{initial} workers at first are not between {min} and {max}"));
        }
        if self.interval.is_zero() {
            wrong.push("a scaling interval of nothing never ends; take 250 ms".to_owned());
        }
        if self.settings.check_interval.is_some_and(|interval| interval.is_zero()) {
            wrong.push("a check interval of nothing never ends; take 10 s".to_owned());
        }
        if *recycle_after == Some(0) {
            wrong.push("a worker cannot be replaced after no jobs; take 1 or more".to_owned());
        }
        if restart.first_delay > restart.longest_delay {
            wrong.push(format!(
                "the first restart delay of {:?} is more than the longest of {:?}; swap them",
                restart.first_delay, restart.longest_delay
            ));
        }
        let limits = [
            ("task time-out", self.settings.task_timeout),
            ("start time-out", self.settings.start_timeout),
            ("idle time-out", self.settings.idle_timeout),
            ("heartbeat time-out", self.settings.heartbeat_timeout),
            ("time after which a task is stuck", self.settings.stuck_after),
            ("time after which a worker hangs", self.settings.hung_after),
            ("age at which a worker is recycled", self.settings.recycle_age),
        ];
        for (what, limit) in limits {
            if limit.is_some_and(|limit| limit.is_zero()) {
                wrong.push(format!("the {what} is 0; leave it out if there is to be none"));
            }
        }
        if let Some(Err(invalid)) = self.settings.breaker.as_ref().map(BreakerConfig::validate) {
            wrong.push(format!("the breaker of workers: {invalid}"));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, wrong.join("; ")))
    }
}
