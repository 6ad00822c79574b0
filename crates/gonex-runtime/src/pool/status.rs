//! What can be asked of a pool and its workers.

use std::time::Duration;

use gonex_core::component::{Health, Snapshot};

use super::events::Leaving;
use crate::balance::WorkerId;

/// What a pool has done and does: see [`Pool::stats`](super::Pool::stats).
///
/// Each task that was [taken](Self::submitted) is in one of the counts below it:
/// [`adds_up`](Self::adds_up).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Workers that work, or will soon.
    pub workers: usize,
    /// How many there should be.
    pub target: usize,
    /// Workers that wait to take the place of others.
    pub spares: usize,
    /// Tasks that wait.
    pub queued: usize,
    /// Tasks that run.
    pub running: usize,
    /// Tasks that timed out and still keep their worker.
    pub lingering: usize,
    /// Tasks that were taken.
    pub submitted: u64,
    /// Tasks that ended with a result.
    pub completed: u64,
    /// Tasks that panicked.
    pub panicked: u64,
    /// Tasks that were cancelled, before they began or while they ran.
    pub cancelled: u64,
    /// Tasks whose time was over, before they began or while they ran.
    pub timed_out: u64,
    /// Tasks whose worker died or was given up, and those that were discarded.
    pub lost: u64,
    /// Tasks that had to give way when the queue was full.
    pub dropped: u64,
    /// Results that came after the task's end was written otherwise, and were dropped.
    pub late: u64,
    /// Tasks that were not taken because the queue was full.
    pub refused: u64,
    /// Tasks that who wanted to hand them in ran itself because the queue was full.
    pub ran_in_caller: u64,
    /// Workers that were started.
    pub workers_started: u64,
    /// Workers that died.
    pub workers_died: u64,
    /// Workers that took the place of one that died or was not well.
    pub workers_restarted: u64,
    /// Workers that were given up.
    pub workers_abandoned: u64,
    /// Those of them that have not ended.
    pub abandoned_now: usize,
    /// How often the number of workers was raised.
    pub scaled_up: u64,
    /// How often it was lowered.
    pub scaled_down: u64,
    /// Whether no task is begun for the time being.
    pub is_paused: bool,
    /// Whether no more tasks are taken.
    pub is_closed: bool,
}

impl PoolStats {
    /// Whether every task that was taken is accounted for, once.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u32| n + 1)?;
    /// pool.submit_batch(0..10, |_| 1).block()?.join_all().block()?;
    /// assert!(pool.stats().adds_up());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let ended = self.completed
            + self.panicked
            + self.cancelled
            + self.timed_out
            + self.lost
            + self.dropped;
        self.submitted == ended + (self.queued + self.running) as u64
    }
}

/// How a pool and its workers are: see [`Pool::status`](super::Pool::status).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// How the pool is, with the reasons.
    pub health: Health,
    /// Its workers, the oldest first.
    pub workers: Vec<WorkerStatus>,
}

/// How a worker is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WorkerStatus {
    /// Which one it is.
    pub id: WorkerId,
    /// What it is called.
    pub name: String,
    /// Where it is in its life.
    pub state: WorkerState,
    /// Why it is not well; empty if it is.
    pub reasons: Vec<String>,
    /// What it runs.
    pub running: Vec<RunningTask>,
    /// How many tasks wait for it alone.
    pub queued: usize,
    /// How many it has ended.
    pub tasks: u64,
    /// How many of these failed.
    pub failures: u64,
    /// For how long it has been there.
    pub age: Duration,
    /// For how long nothing was heard of it.
    pub silent: Duration,
}

/// Where a worker is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerState {
    /// It has not begun.
    Starting,
    /// It waits to take the place of another.
    Spare,
    /// It has nothing to do.
    Idle,
    /// It runs something.
    Busy,
    /// It ends what it has begun, and goes.
    Leaving(Leaving),
}

/// A task that a worker runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunningTask {
    /// What it is called, and where it was handed in.
    pub name: String,
    /// For how long it has run.
    pub running: Duration,
    /// Whether its time is over, and its end written.
    pub is_over: bool,
}

impl WorkerState {
    fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Spare => "spare",
            Self::Idle => "idle",
            Self::Busy => "busy",
            Self::Leaving(_) => "leaving",
        }
    }
}

impl From<WorkerStatus> for Snapshot {
    fn from(worker: WorkerStatus) -> Self {
        let task = |task: RunningTask| {
            Self::map().with("task", task.name).with("running_seconds", task.running)
        };
        let running: Vec<Self> = worker.running.into_iter().map(task).collect();
        Self::map()
            .with("id", worker.id.get())
            .with("name", worker.name)
            .with("state", worker.state.word())
            .with("reasons", worker.reasons)
            .with("running", running)
            .with("queued", worker.queued)
            .with("tasks", worker.tasks)
            .with("failures", worker.failures)
            .with("age_seconds", worker.age)
    }
}
