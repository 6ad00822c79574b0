//! How long things may take, and how workers are found unwell.

use std::sync::Arc;
use std::time::Duration;

use super::builder::PoolBuilder;
use crate::pool::status::WorkerStatus;

/// How long, and what then.
impl PoolBuilder {
    /// How long a job may run, from its beginning; by default as long as it likes.
    ///
    /// Then its handle yields [`TaskError::Timeout`](gonex_task::TaskError::Timeout), and a handler that
    /// waits in an operation is stopped. One that does not goes on and keeps its worker; its result is
    /// dropped.
    pub fn task_timeout(mut self, limit: Duration) -> Self {
        self.settings.task_timeout = Some(limit);
        self
    }

    /// After how long a job that runs is reported as [stuck](crate::pool::What::TaskStuck), and the pool as
    /// degraded; by default never.
    pub fn stuck_after(mut self, time: Duration) -> Self {
        self.settings.stuck_after = Some(time);
        self
    }

    /// After how long a worker is given up with the job that it runs, or with what it does at its end, and
    /// replaced; by default never.
    ///
    /// A thread cannot be ended, so it goes on as long as it likes, counted as *abandoned*; the job's
    /// handle yields [`TaskError::Lost`](gonex_task::TaskError::Lost), and its late result is dropped.
    /// There are no more such threads at once than [`max_abandoned`](Self::max_abandoned).
    pub fn hung_after(mut self, time: Duration) -> Self {
        self.settings.hung_after = Some(time);
        self
    }

    /// How many workers may have been given up and not have ended; by default 4. At the bound a worker
    /// that hangs is kept, and the pool is degraded. A [shutdown](crate::Pool::shutdown) gives up all there are.
    pub fn max_abandoned(mut self, workers: usize) -> Self {
        self.settings.max_abandoned = workers;
        self
    }

    /// How long workers may take to leave once the deadline of a [shutdown](crate::Pool::shutdown) is over; by
    /// default 1 s. Those that have not by then, because what they do at their beginning or their end does
    /// not come to one, are left behind.
    pub fn grace(mut self, time: Duration) -> Self {
        self.settings.grace = time;
        self
    }

    /// How long a worker may take to begin, its state included; by default as long as it likes. A thread
    /// that takes longer is given up, as one that [hangs](Self::hung_after), and counted as such.
    pub fn start_timeout(mut self, limit: Duration) -> Self {
        self.settings.start_timeout = Some(limit);
        self
    }

    /// How long a worker may be silent whose kind has heartbeats; by default as long as it likes.
    pub fn heartbeat_timeout(mut self, limit: Duration) -> Self {
        self.settings.heartbeat_timeout = Some(limit);
        self
    }

    /// How many jobs in a row may panic on a worker; with one more it is unwell, and replaced. By default
    /// any number.
    pub fn failure_threshold(mut self, failures: u32) -> Self {
        self.settings.failure_threshold = Some(failures);
        self
    }

    /// How much memory a worker may use. Threads share theirs, so for them it cannot be told: health says
    /// so then.
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.settings.memory_limit = Some(bytes);
        self
    }

    /// Asks of each worker, again and again, whether it is well; `Err` is why not, and it is replaced.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let pool = Pool::builder()
    ///     .health_check(Duration::from_secs(10), |worker| match worker.failures {
    ///         0..100 => Ok(()),
    ///         failures => Err(format!("{failures} jobs failed")),
    ///     })
    ///     .build(|n: u32| n)?;
    /// # drop(pool);
    /// # Ok(())
    /// # }
    /// ```
    pub fn health_check(
        mut self,
        interval: Duration,
        check: impl Fn(&WorkerStatus) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.settings.check_interval = Some(interval);
        self.check = Some(Arc::new(check));
        self
    }
}
