use std::time::Duration;

use gonex_core::Instant;

use super::metrics::ScalingMetrics;
use super::policy::{Decision, ScalingPolicy};

/// More workers while they are busy or tasks wait long, fewer while they are not.
///
/// It goes up when the workers are busier than [`up_at`](Self::up_at), tasks wait longer than
/// [`wait_at_most`](Self::wait_at_most), or more of them wait than
/// [`queue_per_worker`](Self::queue_per_worker) for each: by half, or as many as the queue asks for, but
/// never to more than twice as many at once, and only while the machine has headroom. It goes down when
/// they are less busy than [`down_at`](Self::down_at) and nothing waits, for several looks on end: to as
/// many as would then be as busy as half way between the two. Since what comes out is never above the
/// one nor below the other, it does not swing; and between two changes it rests.
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::pool::scaling::{Decision, Reactive, ScalingMetrics, ScalingPolicy};
///
/// let mut metrics = ScalingMetrics::new(gonex_core::rt::now());
/// (metrics.max, metrics.queued, metrics.busy) = (8, 20, 1.0);
/// metrics.oldest_wait = Duration::from_secs(1);
/// let decision = Reactive::new().decide(&metrics);
/// assert!(matches!(decision, Decision::To { workers: 2, .. }), "{decision:?}");
/// ```
#[derive(Clone, Debug)]
pub struct Reactive {
    up_at: f64,
    down_at: f64,
    wait_at_most: Duration,
    queue_per_worker: f64,
    rest_after_up: Duration,
    rest_after_down: Duration,
    looks_before_down: u32,
    cpu_at_most: f64,
    memory_at_most: f64,
    changed: Option<Instant>,
    idle_looks: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Default for Reactive {
    fn default() -> Self {
        Self::new()
    }
}

impl Reactive {
    /// The defaults: up at 80 % busy, 100 ms of waiting, or 4 tasks a worker; down below 30 % for three
    /// looks; a rest of a second after going up and five after going down; up only below 95 % of the
    /// machine's cores and 90 % of its memory.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            up_at: 0.8,
            down_at: 0.3,
            wait_at_most: Duration::from_millis(100),
            queue_per_worker: 4.0,
            rest_after_up: Duration::from_secs(1),
            rest_after_down: Duration::from_secs(5),
            looks_before_down: 3,
            cpu_at_most: 0.95,
            memory_at_most: 0.9,
            changed: None,
            idle_looks: 0,
        }
    }

    /// Above which share of being busy there are to be more; between 0 and 1.
    #[must_use]
    pub const fn up_at(mut self, share: f64) -> Self {
        self.up_at = share;
        self
    }

    /// Below which share of being busy there are to be fewer; less than half of [`up_at`](Self::up_at)
    /// is prudent.
    #[must_use]
    pub const fn down_at(mut self, share: f64) -> Self {
        self.down_at = share;
        self
    }

    /// How long tasks may wait before there are to be more.
    #[must_use]
    pub const fn wait_at_most(mut self, wait: Duration) -> Self {
        self.wait_at_most = wait;
        self
    }

    /// How many tasks may wait for each worker before there are to be more.
    #[must_use]
    pub const fn queue_per_worker(mut self, tasks: f64) -> Self {
        self.queue_per_worker = tasks;
        self
    }

    /// How long nothing is changed after there were more, and after there were fewer.
    #[must_use]
    pub const fn rests(mut self, after_up: Duration, after_down: Duration) -> Self {
        (self.rest_after_up, self.rest_after_down) = (after_up, after_down);
        self
    }

    /// How often on end they must have had little to do before there are fewer.
    #[must_use]
    pub const fn looks_before_down(mut self, looks: u32) -> Self {
        self.looks_before_down = looks;
        self
    }

    /// Up to which shares of the machine's cores and memory there may be more; 1 is no limit.
    #[must_use]
    pub const fn headroom(mut self, cpu: f64, memory: f64) -> Self {
        (self.cpu_at_most, self.memory_at_most) = (cpu, memory);
        self
    }

    /// Why there should be more, if there should.
    fn pressure(&self, metrics: &ScalingMetrics) -> Option<String> {
        let slots = (metrics.workers.max(1) * metrics.slots) as f64;
        let wait = metrics.longest_wait();
        if metrics.queued as f64 > self.queue_per_worker * slots {
            return Some(format!("{} tasks wait", metrics.queued));
        }
        if metrics.queued > 0 && wait > self.wait_at_most {
            return Some(format!("tasks wait for {wait:?}"));
        }
        if metrics.busy > self.up_at && metrics.queued > 0 {
            return Some(format!("the workers are busy for {:.0} %", metrics.busy * 100.0));
        }
        None
    }

    fn is_permitted(&self, metrics: &ScalingMetrics) -> bool {
        metrics.cpu.is_none_or(|cpu| cpu <= self.cpu_at_most)
            && metrics.memory.is_none_or(|memory| memory <= self.memory_at_most)
    }

    fn is_resting(&self, metrics: &ScalingMetrics, wanted: Direction) -> bool {
        self.changed.is_some_and(|at| {
            let rest = match wanted {
                // Who has just gone up must be sure before going down, and the other way round.
                Direction::Down => self.rest_after_down,
                Direction::Up => self.rest_after_up,
            };
            metrics.at.saturating_duration_since(at) < rest
        })
    }

    /// How many there should be when there should be more.
    fn more(&self, metrics: &ScalingMetrics) -> usize {
        let now = metrics.workers.max(1);
        let per_worker = (self.queue_per_worker * metrics.slots as f64).max(1.0);
        let for_queue = (metrics.queued as f64 / per_worker).ceil() as usize;
        let step = now + now.div_ceil(2);
        for_queue.max(step).min(now * 2).min(metrics.max)
    }
}

impl ScalingPolicy for Reactive {
    fn name(&self) -> &str {
        "reactive"
    }

    fn decide(&mut self, metrics: &ScalingMetrics) -> Decision {
        // Of what is about to change nothing can be said.
        if metrics.is_paused {
            return Decision::Stay;
        }
        if let Some(why) = self.pressure(metrics) {
            self.idle_looks = 0;
            let is_possible = metrics.workers < metrics.max && metrics.ready >= metrics.workers;
            if !is_possible
                || self.is_resting(metrics, Direction::Up)
                || !self.is_permitted(metrics)
            {
                return Decision::Stay;
            }
            self.changed = Some(metrics.at);
            return Decision::to(self.more(metrics), why);
        }
        if metrics.busy >= self.down_at || metrics.queued > 0 || metrics.workers <= metrics.min {
            self.idle_looks = 0;
            return Decision::Stay;
        }
        self.idle_looks = self.idle_looks.saturating_add(1);
        if self.idle_looks < self.looks_before_down || self.is_resting(metrics, Direction::Down) {
            return Decision::Stay;
        }
        let middle = f64::midpoint(self.up_at, self.down_at).max(0.01);
        let needed = (metrics.busy * metrics.workers as f64 / middle).ceil() as usize;
        let fewer = needed.max(metrics.min).max(1).min(metrics.workers - 1);
        self.idle_looks = 0;
        self.changed = Some(metrics.at);
        Decision::to(fewer, format!("the workers are busy for {:.0} %", metrics.busy * 100.0))
    }
}
