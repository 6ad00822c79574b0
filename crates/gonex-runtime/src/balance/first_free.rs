use gonex_core::Instant;

use super::balancer::Balancer;
use super::choice::Choice;
use super::task::TaskView;
use super::worker::WorkerView;

/// No worker: all tasks wait in the queue of all, and whoever is free first takes the next.
///
/// No task waits while a worker has nothing to do, so this needs no stealing; and it costs nothing. It
/// knows no worker from another, so a slow one takes tasks that others would end sooner.
///
/// ```
/// use gonex_runtime::balance::{Balancer, Choice, FirstFree, TaskView, WorkerId, WorkerView};
///
/// let workers = [WorkerView::new(WorkerId::new(1))];
/// let choice = FirstFree::new().choose(&TaskView::default(), &workers, gonex_core::rt::now());
/// assert_eq!(choice, Choice::SHARED);
/// ```
#[derive(Clone, Debug, Default)]
pub struct FirstFree(());

impl FirstFree {
    /// Makes one.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

impl Balancer for FirstFree {
    fn name(&self) -> &str {
        "first-free"
    }

    fn choose(&mut self, _: &TaskView, _: &[WorkerView], _: Instant) -> Choice {
        Choice::SHARED
    }
}
