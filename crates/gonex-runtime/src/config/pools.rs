use std::num::NonZeroUsize;
use std::time::Duration;

use super::breaker::worker_breaker;
use super::parallelism::ParallelismConfig;
use super::refused::ParallelismError;
use super::value::{Balancing, MemoryPool, Setting, ThreadCount};
use crate::balance::WorkStealing;
use crate::buffers::{BufferPoolBuilder, Supply};
use crate::machine::default_threads;
use crate::pool::PoolBuilder;
use crate::topology::{Pinning, Topology};

/// What a pool does, though a call of [`go_parallel`](crate::go_parallel) does not.
const OF_POOLS: [&str; 1] = ["worker_timeout"];

/// What a call does, though a pool does not, and why not.
const NOT_OF_POOLS: [(&str, &str); 4] = [
    ("retry_attempts", "a pool runs each job once; `gonex::retry` calls `submit` again"),
    (
        "fallback_strategy",
        "a pool runs jobs and knows no other way; `Fallback::call` around `submit` does",
    ),
    (
        "graceful_degradation",
        "a pool has one place; `PoolBuilder::caller_runs` says who runs what it has no room for",
    ),
    ("priority", "each job of a pool has its own, by `JobOptions::priority`"),
];

/// After how long a job is reported as stuck where workers are watched and nothing else is said.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// How many jobs in a row may fail then.
const FAILURES: u32 = 10;

/// How many bytes a pool of buffers keeps if nothing is said.
const BUFFERS: usize = 64 << 20;

impl PoolBuilder {
    /// Sets up what the options say, beside what is set up already; what they leave out stays as it is.
    ///
    /// | option | what it sets |
    /// | --- | --- |
    /// | `thread_count` | the number of [workers](Self::workers) |
    /// | `auto_scaling` | their number [follows the load](Self::scale), from one to as many as the machine runs at once |
    /// | `worker_timeout` | the [idle time-out](Self::idle_timeout) |
    /// | `timeout` | the [task time-out](Self::task_timeout) |
    /// | `auto_restart` | whether workers [are replaced](Self::auto_restart) |
    /// | `load_balancing`, `work_stealing` | the [balancer](Self::balance): without either, one queue for all |
    /// | `health_monitoring` | jobs that run for 30 s [are reported](Self::stuck_after), and a worker with more than 10 failures in a row [is replaced](Self::failure_threshold) |
    /// | `circuit_breaker`, `fault_tolerance` | a [breaker](Self::breaker) for each worker, which takes it out of rotation at five failures in a row, for 30 s |
    /// | `cpu_affinity`, `numa_aware` | where the threads [stay](Self::pin): one processor each, or a memory node |
    /// | `memory_pool`, `memory_pool_size` | the pool of [buffers](crate::buffers::current) of all workers, or one of each worker's own, and how much it keeps: 64 MiB, if only the first is set |
    /// | `numa_aware` | beside where the threads stay, a pool of buffers for each memory node, unless each worker has its own |
    /// | `name` | the [name](Self::name) |
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_runtime::{ParallelismConfig, Pool};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = ParallelismConfig::new().thread_count(4_usize).worker_timeout(Duration::from_secs(9));
    /// let pool = Pool::builder().options(&config)?.build(|n: u32| n)?;
    /// assert_eq!(pool.worker_count(), 4);
    ///
    /// let refused = Pool::builder().options(&config.retry_attempts(3)).unwrap_err();
    /// assert!(refused.names("retry_attempts"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Every option that a pool cannot do; nothing has been set up then.
    pub fn options(mut self, config: &ParallelismConfig) -> Result<Self, ParallelismError> {
        config.check_for_pools(&OF_POOLS, &NOT_OF_POOLS)?;
        let count = match config.thread_count {
            Some(ThreadCount::Exactly(count)) => Some(count),
            Some(ThreadCount::Auto) => Some(default_threads().get()),
            None => None,
        };
        match (count, config.auto_scaling) {
            // Beside a number of threads it is refused.
            (_, Some(true)) => self = self.scale(1..=default_threads().get()),
            (Some(count), _) => {
                self = self.workers(count.try_into().unwrap_or(NonZeroUsize::MIN));
            }
            (None, _) => {}
        }
        if let Some(time) = config.worker_timeout {
            self = self.idle_timeout(time);
        }
        if let Some(limit) = config.timeout {
            self = self.task_timeout(limit);
        }
        if let Some(is_on) = config.auto_restart {
            self = self.auto_restart(is_on);
        }
        if let Some(name) = &config.name {
            self = self.name(name);
        }
        self = match (config.cpu_affinity, config.numa_aware) {
            (Some(true), _) => self.pin(Pinning::Spread),
            (_, Some(true)) => self.pin(Pinning::PerNode),
            _ => self,
        };
        if let Some(supply) = config.supply()? {
            self = self.supply(supply);
        }
        if config.asks_for_breaker() {
            self = self.breaker(worker_breaker());
        }
        if config.health_monitoring == Some(true) {
            self = self.stuck_after(STUCK_AFTER).failure_threshold(FAILURES);
        }
        Ok(match config.load_balancing {
            Some(to) => self.balance_by(to, config.work_stealing == Some(true)),
            None if config.work_stealing == Some(true) => self.balance(WorkStealing::new()),
            None => self,
        })
    }

    fn balance_by(self, to: Balancing, steals: bool) -> Self {
        if steals {
            self.balance(WorkStealing::around(to.balancer()))
        } else {
            self.balance(to.balancer())
        }
    }
}

impl ParallelismConfig {
    /// Where workers get their buffers from, if it is said.
    fn supply(&self) -> Result<Option<Supply>, ParallelismError> {
        let is_near = self.numa_aware == Some(true);
        if self.memory_pool.is_none() && self.memory_pool_size.is_none() && !is_near {
            return Ok(None);
        }
        // What a smaller machine cannot count it cannot keep either.
        let bytes =
            self.memory_pool_size.map_or(BUFFERS, |bytes| bytes.try_into().unwrap_or(usize::MAX));
        let threads = match self.thread_count {
            Some(ThreadCount::Exactly(count)) => count,
            Some(ThreadCount::Auto) | None => default_threads().get(),
        };
        let supply = match self.memory_pool {
            Some(MemoryPool::Worker) => Supply::per_worker(BufferPoolBuilder::keeping(bytes, 1)),
            _ if is_near => Supply::per_node(&Topology::read(), bytes, threads),
            _ => Supply::shared(BufferPoolBuilder::keeping(bytes, threads)),
        };
        supply.map(Some).map_err(|error| {
            let reason = format!("there is no such pool of buffers: {error}");
            ParallelismError::refusal("memory_pool_size", bytes, &reason, u64::REMEDY)
        })
    }
}
