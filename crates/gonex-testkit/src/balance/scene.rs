use std::num::NonZeroU32;
use std::time::Duration;

use gonex_runtime::balance::{TaskKind, TaskView};

/// What a simulated pool has to do, and with whom.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The tasks, in the order in which they come.
    pub tasks: Vec<SimTask>,
    /// The workers.
    pub workers: Vec<SimWorker>,
}

/// A simulated task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimTask {
    /// What the balancer sees of it.
    pub view: TaskView,
    /// How long a worker of speed 1 runs it, which the balancer does not see.
    pub cost: Duration,
    /// How long after the task before it this one comes, where tasks come by themselves.
    pub gap: Duration,
}

/// A simulated worker.
#[derive(Clone, Debug, PartialEq)]
pub struct SimWorker {
    /// Its weight, which the balancer sees.
    pub weight: NonZeroU32,
    /// Its speed at the start, and from when it has another; a task keeps the speed that it began with.
    speed: f64,
    later: Option<(Duration, f64)>,
    /// How many times as fast it is at tasks of a kind.
    gift: Option<(TaskKind, f64)>,
}

impl SimWorker {
    /// A worker of weight 1, so many times as fast as others.
    ///
    /// # Panics
    /// If the speed is not above 0.
    #[must_use]
    pub fn new(speed: f64) -> Self {
        assert!(speed > 0.0, "a speed of {speed} gets nothing done; it has to be above 0");
        Self { weight: NonZeroU32::MIN, speed, later: None, gift: None }
    }

    /// The same, with another speed from then on.
    ///
    /// # Panics
    /// If the speed is not above 0.
    #[must_use]
    pub fn from(mut self, then: Duration, speed: f64) -> Self {
        assert!(speed > 0.0, "a speed of {speed} gets nothing done; it has to be above 0");
        self.later = Some((then, speed));
        self
    }

    /// The same, and so many times as fast at tasks of a kind.
    ///
    /// # Panics
    /// If that is not above 0.
    #[must_use]
    pub fn gifted(mut self, kind: TaskKind, times: f64) -> Self {
        assert!(times > 0.0, "a speed of {times} gets nothing done; it has to be above 0");
        self.gift = Some((kind, times));
        self
    }

    /// How long it runs a task that it begins at that time.
    #[must_use]
    pub fn time(&self, kind: TaskKind, cost: Duration, at: Duration) -> Duration {
        let later = self.later.filter(|&(from, _)| at >= from);
        let speed = later.map_or(self.speed, |(_, speed)| speed);
        let gift = self.gift.filter(|&(gifted, _)| gifted == kind);
        let speed = speed * gift.map_or(1.0, |(_, times)| times);
        // Bounded, so that the sum of all stays a time.
        Duration::from_secs_f64((cost.as_secs_f64() / speed).min(1e6))
    }

    /// Its speed in the end.
    pub(super) fn last_speed(&self) -> f64 {
        self.later.map_or(self.speed, |(_, speed)| speed)
    }
}
