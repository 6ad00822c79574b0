use gonex_core::Instant;
use gonex_sync::distribute::{PeerId, owner};

use super::balancer::Balancer;
use super::choice::Choice;
use super::least_busy::LeastBusy;
use super::task::TaskView;
use super::worker::WorkerView;

/// Tasks of one key go to one worker, as long as it can be given any; those without a key to the least
/// busy.
///
/// What that worker keeps between tasks, such as a cache, stays useful. Keys belong to workers by
/// [`owner`], in proportion to their weights: when a worker leaves, only its own keys move, and a new one
/// takes its share from all. While the queue of a worker is full, its keys go elsewhere.
///
/// ```
/// use gonex_runtime::balance::{Balancer, KeyAffinity, TaskView, WorkerId, WorkerView};
/// use gonex_sync::distribute::KeyHash;
///
/// let workers = [1, 2, 3].map(|number| WorkerView::new(WorkerId::new(number)));
/// let (mut balancer, now) = (KeyAffinity::new(), gonex_core::rt::now());
/// let task = TaskView::default().key(KeyHash::of("Ishmael"));
/// let first = balancer.choose(&task, &workers, now);
/// assert_eq!(balancer.choose(&task, &workers, now), first);
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyAffinity {
    without: LeastBusy,
}

impl KeyAffinity {
    /// Makes one.
    #[must_use]
    pub const fn new() -> Self {
        Self { without: LeastBusy::new() }
    }
}

impl Balancer for KeyAffinity {
    fn name(&self) -> &str {
        "key-affinity"
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        let Some(key) = task.key else { return self.without.choose(task, workers, now) };
        let about = |&index: &usize| {
            let worker = &workers[index];
            (PeerId::new(worker.id.get()), worker.weight)
        };
        owner(key, 0..workers.len(), about).map_or(Choice::SHARED, Choice::worker)
    }
}
