use std::num::NonZeroU32;
use std::time::Duration;

use gonex_resilience::breaker::BreakerConfig;

use crate::pool::kind::Abilities;

/// What a pool goes by; checked by the builder.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    /// How few workers there may be.
    pub(crate) min: usize,
    /// How many there may be.
    pub(crate) max: usize,
    /// How many there are at first.
    pub(crate) initial: usize,
    /// How many workers wait in advance, beside the others.
    pub(crate) spares: usize,
    /// How many tasks may wait in a worker's own queue.
    pub(crate) own_queue: usize,
    /// Whether the task that waits longest gives way when the queue is full.
    pub(crate) drops_oldest: bool,
    /// How much longer a task of one level less waits.
    pub(crate) ageing: Duration,
    /// How long a task may run.
    pub(crate) task_timeout: Option<Duration>,
    /// How long a worker may take to start.
    pub(crate) start_timeout: Option<Duration>,
    /// How long a worker without work lives, while there are more than `min`.
    pub(crate) idle_timeout: Option<Duration>,
    /// After how long a task that runs is reported.
    pub(crate) stuck_after: Option<Duration>,
    /// After how long a worker is given up with its task.
    pub(crate) hung_after: Option<Duration>,
    /// How many workers may have been given up and not have ended.
    pub(crate) max_abandoned: usize,
    /// How long workers may take to leave when the time of their pool is over.
    pub(crate) grace: Duration,
    /// How long a worker may be silent, if its kind has heartbeats.
    pub(crate) heartbeat_timeout: Option<Duration>,
    /// How many tasks in a row may fail on a worker.
    pub(crate) failure_threshold: Option<u32>,
    /// What takes a worker out of rotation that keeps failing.
    pub(crate) breaker: Option<BreakerConfig>,
    /// How much memory a worker may use, where that can be known.
    pub(crate) memory_limit: Option<u64>,
    /// How often workers are asked by the check of the user.
    pub(crate) check_interval: Option<Duration>,
    /// After how many tasks a worker is replaced.
    pub(crate) recycle_after: Option<u64>,
    /// After what time a worker is replaced.
    pub(crate) recycle_age: Option<Duration>,
    pub(crate) restart: RestartSettings,
    /// How often the number of workers is thought about.
    pub(crate) scaling_interval: Option<Duration>,
    /// The weights of the workers by slot; those of others are 1.
    pub(crate) weights: Vec<NonZeroU32>,
    /// The memory nodes of the workers by slot, gone through again; none if they stay nowhere.
    pub(crate) nodes: Vec<Option<u32>>,
    /// What the kind of worker can do.
    pub(crate) abilities: Abilities,
}

/// When a worker that died is replaced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestartSettings {
    /// Whether it is at all.
    pub(crate) auto: bool,
    /// How long the second of a row of restarts waits; the first does not.
    pub(crate) first_delay: Duration,
    /// How long any waits at most.
    pub(crate) longest_delay: Duration,
    /// How many there may be within the period.
    pub(crate) most: u32,
    pub(crate) period: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "gonex-pool".to_owned(),
            min: 1,
            max: 1,
            initial: 1,
            spares: 0,
            own_queue: 16,
            drops_oldest: false,
            ageing: Duration::from_millis(100),
            task_timeout: None,
            start_timeout: None,
            idle_timeout: None,
            stuck_after: None,
            hung_after: None,
            max_abandoned: 4,
            grace: Duration::from_secs(1),
            heartbeat_timeout: None,
            failure_threshold: None,
            breaker: None,
            memory_limit: None,
            check_interval: None,
            recycle_after: None,
            recycle_age: None,
            restart: RestartSettings::default(),
            scaling_interval: None,
            weights: Vec::new(),
            nodes: Vec::new(),
            abilities: Abilities::default(),
        }
    }
}

impl Default for RestartSettings {
    fn default() -> Self {
        Self {
            auto: true,
            first_delay: Duration::from_millis(100),
            longest_delay: Duration::from_secs(30),
            most: 10,
            period: Duration::from_secs(60),
        }
    }
}
