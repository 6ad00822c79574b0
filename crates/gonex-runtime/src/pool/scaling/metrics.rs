use std::time::Duration;

use gonex_core::Instant;

/// What a [`ScalingPolicy`](super::ScalingPolicy) is told: how the pool is now, and what has happened
/// since it was asked last.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScalingMetrics {
    /// When it is asked.
    pub at: Instant,
    /// How long ago it was asked before.
    pub interval: Duration,
    /// How many workers there should be now.
    pub workers: usize,
    /// How many there are that take tasks.
    pub ready: usize,
    /// How few there may be.
    pub min: usize,
    /// How many there may be.
    pub max: usize,
    /// How many tasks one runs at once.
    pub slots: usize,
    /// How many tasks wait.
    pub queued: usize,
    /// How many run.
    pub running: usize,
    /// Which share of what the workers could have run at once they did, on average: 0 to 1.
    pub busy: f64,
    /// How long tasks that began had waited: the 95th percentile. `None` if none began.
    pub wait: Option<Duration>,
    /// For how long the task that is next has waited.
    pub oldest_wait: Duration,
    /// How many tasks came.
    pub arrivals: u64,
    /// How many ended.
    pub ended: u64,
    /// How long those that ended took, on average.
    pub mean_time: Option<Duration>,
    /// Which share of the machine's cores is in use, by all programs; `None` where it is not known.
    pub cpu: Option<f64>,
    /// Which share of the machine's memory, or of what the cgroup allows, is in use; `None` as above.
    pub memory: Option<f64>,
    /// Whether the pool is paused.
    pub is_paused: bool,
}

impl ScalingMetrics {
    /// A pool of one worker in which nothing happens; for tests of policies.
    #[must_use]
    pub fn new(at: Instant) -> Self {
        Self {
            at,
            interval: Duration::ZERO,
            workers: 1,
            ready: 1,
            min: 1,
            max: 1,
            slots: 1,
            queued: 0,
            running: 0,
            busy: 0.0,
            wait: None,
            oldest_wait: Duration::ZERO,
            arrivals: 0,
            ended: 0,
            mean_time: None,
            cpu: None,
            memory: None,
            is_paused: false,
        }
    }

    /// How long tasks wait: those that have begun, or the one that is next, whichever is worse.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        self.wait.unwrap_or_default().max(self.oldest_wait)
    }
}
