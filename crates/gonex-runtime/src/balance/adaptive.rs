use gonex_core::Instant;

use super::balancer::{Balancer, Ended};
use super::choice::Choice;
use super::ledger::Ledger;
use super::task::TaskView;
use super::worker::{WorkerId, WorkerView};

/// The worker that would be through with one task more first, by what tasks have taken on it lately.
///
/// It learns how fast workers are and nothing of tasks, of which one counts as much as another: where
/// tasks are alike and workers are not, that is all there is to know. A worker of which nothing is
/// known counts as the average of the others, and as [`LeastBusy`](super::LeastBusy) does while nothing is
/// known of any.
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::balance::{Adaptive, Balancer, Ended, TaskView, WorkerId, WorkerView};
///
/// let mut workers = [1, 2].map(|number| WorkerView::new(WorkerId::new(number)));
/// let (mut balancer, now) = (Adaptive::new(), gonex_core::rt::now());
/// for (worker, millis) in [(1, 40), (2, 10)] {
///     let took = Duration::from_millis(millis);
///     balancer.ended(&TaskView::default(), &Ended::new(WorkerId::new(worker), took, now));
/// }
/// workers[1].queued = 2;
/// assert_eq!(balancer.choose(&TaskView::default(), &workers, now).index(), Some(1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Adaptive {
    /// What a task takes on each worker, in seconds.
    times: Ledger<f64>,
    /// Who was chosen last, and comes last among equals.
    last: Option<WorkerId>,
}

/// How much the latest task counts: about the last sixteen make up the average.
const NEWEST: f64 = 1.0 / 16.0;

impl Adaptive {
    /// Makes one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn average(times: &Ledger<f64>) -> Option<f64> {
        let (sum, count) = times.values().fold((0.0, 0.0), |(sum, n), time| (sum + time, n + 1.0));
        (count > 0.0).then(|| sum / count)
    }
}

impl Balancer for Adaptive {
    fn name(&self) -> &str {
        "adaptive"
    }

    fn choose(&mut self, _: &TaskView, workers: &[WorkerView], _: Instant) -> Choice {
        let average = Self::average(&self.times).unwrap_or(1.0);
        let through = |worker: &WorkerView| {
            let time = self.times.get(worker.id).copied().unwrap_or(average);
            // Whoever has a free slot needs not wait for the others.
            let slots = f64::from(worker.slots.get());
            (f64::from(worker.outstanding()) / slots).max(1.0 - 1.0 / slots) * time + time / slots
        };
        let first = workers.partition_point(|worker| Some(worker.id) <= self.last);
        let in_turn = (first..workers.len()).chain(0..first);
        let best = in_turn.min_by(|&a, &b| through(&workers[a]).total_cmp(&through(&workers[b])));
        let Some(index) = best else { return Choice::SHARED };
        self.last = Some(workers[index].id);
        Choice::worker(index)
    }

    fn ended(&mut self, _: &TaskView, ended: &Ended) {
        if !ended.is_completed {
            return;
        }
        let took = ended.took.as_secs_f64();
        let time = self.times.entry(ended.worker, |_| took);
        *time += (took - *time) * NEWEST;
    }

    fn left(&mut self, worker: WorkerId, _: Instant) {
        self.times.forget(worker);
    }
}
