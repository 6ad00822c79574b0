use std::fmt;
use std::time::Duration;

use gonex_core::Instant;

use super::choice::Choice;
use super::task::TaskView;
use super::worker::{WorkerId, WorkerView};

/// Decides which worker a task goes to.
///
/// A pool asks it for each task, one call after the other, while it decides what happens next. So it
/// computes and nothing else: it does not wait, allocates nothing where tasks pass, and never calls the
/// pool. It has no clock, so the same calls have the same answers; one that draws lots has a seed.
///
/// The workers of a call are those that can be given a task: alive, not about to leave, and with room in
/// their queue. They stand in the order of their ids, and there are none if none is to be had.
///
/// A pool uses it by way of [`Checked`](super::Checked), so one that panics, or answers with a worker
/// that was not offered, loses no task. `gonex_testkit::balance` checks one of your own.
///
/// ```
/// use gonex_runtime::balance::{Balancer, Choice, TaskView, WorkerId, WorkerView};
///
/// /// Prefers whoever was there first.
/// #[derive(Debug)]
/// struct Oldest;
///
/// impl Balancer for Oldest {
///     fn name(&self) -> &str {
///         "oldest"
///     }
///
///     fn choose(
///         &mut self,
///         _: &TaskView,
///         workers: &[WorkerView],
///         _: gonex_core::Instant,
///     ) -> Choice {
///         let free = workers.iter().position(WorkerView::has_free_slot);
///         free.map_or(Choice::SHARED, Choice::worker)
///     }
/// }
///
/// let workers = [1, 2].map(|number| WorkerView::new(WorkerId::new(number)));
/// let now = gonex_core::rt::now();
/// assert_eq!(Oldest.choose(&TaskView::default(), &workers, now).index(), Some(0));
/// assert_eq!(Oldest.choose(&TaskView::default(), &[], now), Choice::SHARED);
/// ```
pub trait Balancer: fmt::Debug + Send {
    /// What reports call it.
    fn name(&self) -> &str;

    /// Chooses where a task goes; with no workers, that is [`Choice::SHARED`].
    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice;

    /// Chooses from whose queue the worker `workers[thief]`, which has a free slot and nothing in its own
    /// queue, takes a task: the one that would be run there next. `None`, as by default, leaves it
    /// without work. The queue of all is empty then.
    fn steal(&mut self, thief: usize, workers: &[WorkerView], now: Instant) -> Option<usize> {
        _ = (thief, workers, now);
        None
    }

    /// Is told that a task has ended on a worker; by default does nothing.
    fn ended(&mut self, task: &TaskView, ended: &Ended) {
        _ = (task, ended);
    }

    /// Is told that there is a worker from now on; by default does nothing.
    fn joined(&mut self, worker: &WorkerView, now: Instant) {
        _ = (worker, now);
    }

    /// Is told that a worker is gone, for good; by default does nothing.
    fn left(&mut self, worker: WorkerId, now: Instant) {
        _ = (worker, now);
    }
}

/// How a task ended, for a [`Balancer`].
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::balance::{Ended, WorkerId};
///
/// let now = gonex_core::rt::now();
/// let ended = Ended::new(WorkerId::new(1), Duration::from_millis(3), now).costing(7);
/// assert!(ended.is_completed && ended.cost == 7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// Where it ran.
    pub worker: WorkerId,
    /// How long it ran there, from its start.
    pub took: Duration,
    /// What the balancer has put on it.
    pub cost: u64,
    /// Whether it ran to its end. One that panicked, was stopped, or was lost says little about what
    /// others take.
    pub is_completed: bool,
    /// When it ended.
    pub at: Instant,
}

impl Ended {
    /// A task that ran to its end, without a cost.
    #[must_use]
    pub const fn new(worker: WorkerId, took: Duration, at: Instant) -> Self {
        Self { worker, took, cost: 0, is_completed: true, at }
    }

    /// The same, with a cost.
    #[must_use]
    pub const fn costing(mut self, cost: u64) -> Self {
        self.cost = cost;
        self
    }

    /// The same, of a task that did not run to its end.
    #[must_use]
    pub const fn incomplete(mut self) -> Self {
        self.is_completed = false;
        self
    }
}

/// A balancer in a box is one.
impl Balancer for Box<dyn Balancer> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        (**self).choose(task, workers, now)
    }

    fn steal(&mut self, thief: usize, workers: &[WorkerView], now: Instant) -> Option<usize> {
        (**self).steal(thief, workers, now)
    }

    fn ended(&mut self, task: &TaskView, ended: &Ended) {
        (**self).ended(task, ended);
    }

    fn joined(&mut self, worker: &WorkerView, now: Instant) {
        (**self).joined(worker, now);
    }

    fn left(&mut self, worker: WorkerId, now: Instant) {
        (**self).left(worker, now);
    }
}
