use gonex_core::Instant;

use super::balancer::Balancer;
use super::choice::Choice;
use super::task::TaskView;
use super::worker::{WorkerId, WorkerView};

/// The worker with the fewest tasks that have not ended; among equals, one after the other.
///
/// ```
/// use gonex_runtime::balance::{Balancer, LeastBusy, TaskView, WorkerId, WorkerView};
///
/// let mut workers = [1, 2].map(|number| WorkerView::new(WorkerId::new(number)));
/// workers[0].running = 1;
/// workers[0].queued = 3;
/// workers[1].running = 2;
/// let choice = LeastBusy::new().choose(&TaskView::default(), &workers, gonex_core::rt::now());
/// assert_eq!(choice.index(), Some(1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct LeastBusy {
    /// Who was chosen last, and comes last among equals.
    last: Option<WorkerId>,
}

impl LeastBusy {
    /// Makes one.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// The index of the least busy.
    pub(super) fn least(&mut self, workers: &[WorkerView]) -> Option<usize> {
        let first = workers.partition_point(|worker| Some(worker.id) <= self.last);
        let in_turn = (first..workers.len()).chain(0..first);
        let index = in_turn.min_by_key(|&index| workers[index].outstanding())?;
        self.last = Some(workers[index].id);
        Some(index)
    }
}

impl Balancer for LeastBusy {
    fn name(&self) -> &str {
        "least-busy"
    }

    fn choose(&mut self, _: &TaskView, workers: &[WorkerView], _: Instant) -> Choice {
        self.least(workers).map_or(Choice::SHARED, Choice::worker)
    }
}
