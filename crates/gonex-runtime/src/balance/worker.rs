use std::fmt;
use std::num::NonZeroU32;

use gonex_core::Instant;

/// Names a worker among those of its pool; a number is never given to a second one.
///
/// ```
/// use gonex_runtime::balance::WorkerId;
///
/// assert_eq!(WorkerId::new(7).to_string(), "worker 7");
/// assert!(WorkerId::new(3) < WorkerId::new(7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(u64);

impl WorkerId {
    /// Makes an id of a number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "worker {}", self.0)
    }
}

/// What a [`Balancer`](super::Balancer) sees of a worker.
///
/// The pool keeps it up to date, so that a balancer counts nothing: whatever becomes of a task, that
/// it is cancelled, stolen, or lost with its worker, the next view shows it. *Costs* are those that the
/// balancer itself has put on the tasks ([`Choice::costing`](super::Choice::costing)), in a unit of its
/// own; the pool only adds them up.
///
/// ```
/// use gonex_runtime::balance::{WorkerId, WorkerView};
///
/// let worker = WorkerView::new(WorkerId::new(1));
/// assert_eq!((worker.outstanding(), worker.has_free_slot()), (0, true));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerView {
    /// Which one it is.
    pub id: WorkerId,
    /// Its share of the work, in proportion to the weights of the others.
    pub weight: NonZeroU32,
    /// How many tasks it runs at once.
    pub slots: NonZeroU32,
    /// The memory node it is on, if it stays on one.
    pub node: Option<u32>,
    /// How many tasks it runs now.
    pub running: u32,
    /// When the oldest of these began.
    pub running_since: Option<Instant>,
    /// How many tasks wait in its own queue. Those in the queue of all belong to no worker yet.
    pub queued: u32,
    /// The costs of the tasks that it runs.
    pub running_cost: u64,
    /// The costs of the tasks in its queue.
    pub queued_cost: u64,
    /// The cost of the task in its queue that would be run next, or be stolen.
    pub next_cost: u64,
}

impl WorkerView {
    /// A worker that has nothing to do, with one slot and weight 1.
    #[must_use]
    pub const fn new(id: WorkerId) -> Self {
        Self {
            id,
            weight: NonZeroU32::MIN,
            slots: NonZeroU32::MIN,
            node: None,
            running: 0,
            running_since: None,
            queued: 0,
            running_cost: 0,
            queued_cost: 0,
            next_cost: 0,
        }
    }

    /// How many tasks were given to it and have not ended.
    #[must_use]
    pub const fn outstanding(&self) -> u32 {
        self.running.saturating_add(self.queued)
    }

    /// Whether a task given to it could be run at once.
    #[must_use]
    pub const fn has_free_slot(&self) -> bool {
        self.outstanding() < self.slots.get()
    }
}
