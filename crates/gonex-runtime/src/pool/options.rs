use std::sync::Arc;
use std::time::Duration;

use gonex_core::Context;
use gonex_sync::distribute::KeyHash;
use gonex_task::{Priority, TaskOptions};

use crate::balance::{TaskKind, TaskView};

/// How one job is handed in, where it is not as all others are.
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::Pool;
/// use gonex_runtime::pool::JobOptions;
/// use gonex_task::Priority;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = Pool::new(|page: u32| page * 2)?;
/// let options = JobOptions::new()
///     .name("page 7")
///     .priority(Priority::HIGH)
///     .timeout(Duration::from_secs(10))
///     .key("chapter one");
/// let mut page = pool.submit_with(7, &options).block()?;
/// assert_eq!(page.name(), Some("page 7"));
/// assert_eq!(page.join().block(), Ok(14));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "options hand nothing in; give them to `submit_with`"]
pub struct JobOptions {
    pub(super) task: TaskOptions,
    pub(super) view: TaskView,
    pub(super) timeout: Option<Duration>,
}

impl JobOptions {
    /// A job without a name, of normal priority, in a child of the current context.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it is called in reports: of panics, of tasks that are stuck.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.task = self.task.name(name);
        self
    }

    /// When it is run, compared to others that wait. Waiting makes it more urgent: see
    /// [`ageing`](super::PoolBuilder::ageing).
    pub fn priority(mut self, priority: Priority) -> Self {
        self.view = self.view.priority(priority);
        self
    }

    /// How long it may run, instead of what the pool [allows](super::PoolBuilder::task_timeout).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Its context will be a child of this one, whose deadline it has, too: also while it waits.
    pub fn within(mut self, parent: &Context) -> Self {
        self.task = self.task.within(parent);
        self
    }

    /// What kind of work it is, for balancers that learn what that costs.
    pub fn kind(mut self, kind: TaskKind) -> Self {
        self.view.kind = kind;
        self
    }

    /// How much it has to work on, in any unit, for balancers that learn what that costs.
    pub fn size(mut self, size: u64) -> Self {
        self.view = self.view.size(size);
        self
    }

    /// What it belongs to, for balancers that keep that together.
    pub fn key(mut self, key: impl std::hash::Hash) -> Self {
        self.view = self.view.key(KeyHash::of(&key));
        self
    }

    /// How long it will take, for balancers that go by that.
    pub fn estimate(mut self, estimate: Duration) -> Self {
        self.view = self.view.estimate(estimate);
        self
    }
}
