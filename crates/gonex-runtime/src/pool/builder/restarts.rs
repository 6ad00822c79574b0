//! When workers are replaced, or given nothing for a while.

use std::time::Duration;

use gonex_resilience::breaker::BreakerConfig;

use super::builder::PoolBuilder;

/// When others take their places.
impl PoolBuilder {
    /// Whether workers that die or are unwell are replaced by themselves; by default they are. Else
    /// [`Pool::restart_unhealthy`](crate::Pool::restart_unhealthy) does.
    pub fn auto_restart(mut self, is_on: bool) -> Self {
        self.settings.restart.auto = is_on;
        self
    }

    /// How long a restart waits if the one before did not help: the first of a row does not wait, and
    /// each after that twice as long. By default from 100 ms to 30 s.
    pub fn restart_delays(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.restart.first_delay = first;
        self.settings.restart.longest_delay = longest;
        self
    }

    /// How many restarts there may be within a time; by default 10 within a minute. A worker that dies
    /// beyond that is not replaced, and when none is left the pool
    /// [is broken](crate::pool::What::Broken).
    pub fn restart_intensity(mut self, restarts: u32, within: Duration) -> Self {
        self.settings.restart.most = restarts;
        self.settings.restart.period = within;
        self
    }

    /// Gives each worker a breaker, which takes it out of rotation while it keeps failing; by default there
    /// is none. A job that panicked, was lost, or ran into its time-out is a failure, one that was
    /// cancelled is none; an error that a handler returns is a value, as any other.
    ///
    /// A worker that is out keeps what it runs, and what its own queue holds goes to the others. When its
    /// time is over it is given one job at a time until the breaker closes. Jobs wait while all workers
    /// are out; when the pool is closed, all take part again.
    ///
    /// ```
    /// use gonex_resilience::breaker::BreakerConfig;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder().breaker(BreakerConfig::consecutive(1)).build(|n: u32| 10 / n)?;
    /// assert!(pool.submit(0).block()?.join().block().is_err());
    /// let status = pool.status();
    /// assert!(status.workers.iter().any(|worker| worker.reasons[..].concat().contains("out of")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn breaker(mut self, config: BreakerConfig) -> Self {
        self.settings.breaker = Some(config);
        self
    }

    /// After how many jobs a worker is replaced by a fresh one; by default never.
    pub fn recycle_after(mut self, jobs: u64) -> Self {
        self.settings.recycle_after = Some(jobs);
        self
    }

    /// At what age, counted from when it was ready, a worker is replaced by a fresh one, as soon as it has
    /// ended what it runs; by default never.
    pub fn recycle_age(mut self, age: Duration) -> Self {
        self.settings.recycle_age = Some(age);
        self
    }
}
