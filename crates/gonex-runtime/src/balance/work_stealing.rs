use gonex_core::Instant;

use super::balancer::{Balancer, Ended};
use super::choice::Choice;
use super::least_busy::LeastBusy;
use super::task::TaskView;
use super::worker::{WorkerId, WorkerView};

/// Tasks go where another balancer says, and whoever has nothing to do takes some from the others.
///
/// ```
/// use gonex_runtime::balance::{Balancer, WorkStealing, WorkerId, WorkerView};
///
/// let mut workers = [1, 2, 3].map(|number| WorkerView::new(WorkerId::new(number)));
/// (workers[0].queued, workers[1].queued) = (1, 4);
/// let now = gonex_core::rt::now();
/// assert_eq!(WorkStealing::new().steal(2, &workers, now), Some(1));
/// assert_eq!(WorkStealing::new().threshold(5).steal(2, &workers, now), None);
/// ```
#[derive(Clone, Debug)]
pub struct WorkStealing<B = LeastBusy> {
    given: B,
    threshold: u32,
    victim: Victim,
}

/// From whom [`WorkStealing`] takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Victim {
    /// Whoever has the longest queue.
    #[default]
    Longest,
    /// Whoever has the longest queue on the thief's memory node; if there is nobody, on the others.
    Nearest,
}

impl WorkStealing {
    /// Makes one that gives tasks to the least busy.
    #[must_use]
    pub const fn new() -> Self {
        Self::around(LeastBusy::new())
    }
}

impl Default for WorkStealing {
    fn default() -> Self {
        Self::new()
    }
}

impl<B: Balancer> WorkStealing<B> {
    /// Makes one that gives tasks as another balancer does.
    #[must_use]
    pub const fn around(given: B) -> Self {
        Self { given, threshold: 1, victim: Victim::Longest }
    }

    /// How long a queue has to be before tasks are stolen from it; 1 by default.
    #[must_use]
    pub const fn threshold(mut self, queued: u32) -> Self {
        self.threshold = queued;
        self
    }

    /// From whom to take.
    #[must_use]
    pub const fn victim(mut self, victim: Victim) -> Self {
        self.victim = victim;
        self
    }
}

impl<B: Balancer> Balancer for WorkStealing<B> {
    fn name(&self) -> &str {
        "work-stealing"
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        self.given.choose(task, workers, now)
    }

    fn steal(&mut self, thief: usize, workers: &[WorkerView], _: Instant) -> Option<usize> {
        let node = workers.get(thief)?.node;
        let others = (0..workers.len()).filter(|&index| index != thief);
        let long = others.filter(|&index| workers[index].queued >= self.threshold.max(1));
        long.max_by_key(|&index| {
            let worker = &workers[index];
            let is_near = self.victim == Victim::Nearest && node.is_some() && worker.node == node;
            (is_near, worker.queued)
        })
    }

    fn ended(&mut self, task: &TaskView, ended: &Ended) {
        self.given.ended(task, ended);
    }

    fn joined(&mut self, worker: &WorkerView, now: Instant) {
        self.given.joined(worker, now);
    }

    fn left(&mut self, worker: WorkerId, now: Instant) {
        self.given.left(worker, now);
    }
}
