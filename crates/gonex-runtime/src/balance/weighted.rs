use gonex_core::Instant;

use super::balancer::Balancer;
use super::choice::Choice;
use super::ledger::Ledger;
use super::task::TaskView;
use super::worker::{WorkerId, WorkerView};

/// Each worker in proportion to its weight, and as evenly in time as that can be.
///
/// It is stride scheduling, after Waldspurger and Weihl (1995): each worker passes on a track, by a step
/// that is smaller the more it weighs, and the one that is farthest behind is next. A worker that comes
/// later begins where that one is, so it does not catch up.
///
/// ```
/// use std::num::NonZeroU32;
/// use gonex_runtime::balance::{Balancer, TaskView, Weighted, WorkerId, WorkerView};
///
/// let mut workers = [1, 2].map(|number| WorkerView::new(WorkerId::new(number)));
/// workers[0].weight = NonZeroU32::new(3).unwrap();
/// let (mut balancer, now) = (Weighted::new(), gonex_core::rt::now());
/// let mut counts = [0; 2];
/// for _ in 0..400 {
///     counts[balancer.choose(&TaskView::default(), &workers, now).index().unwrap()] += 1;
/// }
/// assert_eq!(counts, [300, 100]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Weighted {
    /// Where each worker is.
    passed: Ledger<u64>,
    /// Where the last one was when it was chosen: nobody who takes part is behind that.
    track: u64,
}

/// The step of a worker of weight 1. Sums of steps go round only after 2^32 of these.
const STEP: u64 = 1 << 32;

impl Weighted {
    /// Makes one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Balancer for Weighted {
    fn name(&self) -> &str {
        "weighted"
    }

    fn choose(&mut self, _: &TaskView, workers: &[WorkerView], _: Instant) -> Choice {
        let track = self.track;
        // Whoever is new, or was not offered for a while, has nothing to make up for.
        let passed = |worker: &WorkerView| {
            self.passed.get(worker.id).map_or(track, |&passed| passed.max(track))
        };
        let next = (0..workers.len()).min_by_key(|&index| passed(&workers[index]));
        let Some(index) = next else { return Choice::SHARED };
        let worker = &workers[index];
        self.track = passed(worker);
        let step = (STEP / u64::from(worker.weight.get())).max(1);
        if let Some(sum) = self.track.checked_add(step) {
            *self.passed.entry(worker.id, |_| 0) = sum;
        } else {
            // All begin anew, which shifts the shares by one task once in an age.
            (self.passed, self.track) = Default::default();
        }
        Choice::worker(index)
    }

    fn left(&mut self, worker: WorkerId, _: Instant) {
        self.passed.forget(worker);
    }
}
