use gonex_core::Instant;

use super::balancer::Balancer;
use super::choice::Choice;
use super::task::TaskView;
use super::worker::{WorkerId, WorkerView};

/// One worker after the other, whatever they have to do.
///
/// ```
/// use gonex_runtime::balance::{Balancer, RoundRobin, TaskView, WorkerId, WorkerView};
///
/// let workers = [1, 2, 3].map(|number| WorkerView::new(WorkerId::new(number)));
/// let (mut balancer, now) = (RoundRobin::new(), gonex_core::rt::now());
/// let mut next = || balancer.choose(&TaskView::default(), &workers, now).index();
/// assert_eq!([next(), next(), next(), next()], [Some(0), Some(1), Some(2), Some(0)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct RoundRobin {
    /// Who had the last turn: workers come and go, so it is not a position.
    last: Option<WorkerId>,
}

impl RoundRobin {
    /// Makes one that begins with the first worker.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// The index of whoever comes after the last one.
    pub(super) fn turn(&mut self, workers: &[WorkerView]) -> Option<usize> {
        let after = workers.partition_point(|worker| Some(worker.id) <= self.last);
        let index = if after < workers.len() { after } else { 0 };
        self.last = Some(workers.get(index)?.id);
        Some(index)
    }
}

impl Balancer for RoundRobin {
    fn name(&self) -> &str {
        "round-robin"
    }

    fn choose(&mut self, _: &TaskView, workers: &[WorkerView], _: Instant) -> Choice {
        self.turn(workers).map_or(Choice::SHARED, Choice::worker)
    }
}
