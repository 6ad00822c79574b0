/// Where a [`Balancer`](super::Balancer) wants a task to go.
///
/// ```
/// use gonex_runtime::balance::Choice;
///
/// let choice = Choice::worker(2).costing(1_500);
/// assert_eq!((choice.index(), choice.cost()), (Some(2), 1_500));
/// assert_eq!(Choice::SHARED.index(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a choice that nobody follows moves no task"]
pub struct Choice {
    index: Option<usize>,
    cost: u64,
}

impl Choice {
    /// Into the queue of all, from which the next worker that has a free slot takes it.
    pub const SHARED: Self = Self { index: None, cost: 0 };

    /// To the worker with this index among those that were offered.
    pub const fn worker(index: usize) -> Self {
        Self { index: Some(index), cost: 0 }
    }

    /// The same, with a cost that the balancer expects of the task, in a unit of its own. The pool gives
    /// it back in [`WorkerView`](super::WorkerView), added up, and in [`Ended`](super::Ended).
    pub const fn costing(mut self, cost: u64) -> Self {
        self.cost = cost;
        self
    }

    /// The index of the worker; `None` for the queue of all.
    #[must_use]
    pub const fn index(self) -> Option<usize> {
        self.index
    }

    /// The cost that was expected; 0 by default.
    #[must_use]
    pub const fn cost(self) -> u64 {
        self.cost
    }
}
