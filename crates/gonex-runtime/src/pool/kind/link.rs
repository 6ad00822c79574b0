use std::fmt;
use std::sync::Arc;

use super::assignment::{Finished, TaskNo};
use crate::balance::WorkerId;

/// Who is told what workers do: the pool, or who plays it in a test.
///
/// May be called from any thread, at any time, and in any order; what makes no sense is passed over.
pub trait Reports<R>: Send + Sync {
    /// A worker takes tasks.
    fn ready(&self, worker: WorkerId);
    /// A worker has begun a task.
    fn started(&self, worker: WorkerId, task: TaskNo);
    /// A worker is alive.
    fn beat(&self, worker: WorkerId);
    /// A worker has ended a task.
    fn ended(&self, worker: WorkerId, finished: Finished<R>);
    /// A worker works, though not as it was asked to.
    fn warned(&self, worker: WorkerId, of: String);
    /// A worker is gone: as it was told to, or for a cause.
    fn gone(&self, worker: WorkerId, cause: Option<String>);
}

/// By which a worker tells its pool what it does; cheap to clone.
pub struct Link<J, R> {
    to: Arc<dyn Reports<R>>,
    worker: WorkerId,
    takes: std::marker::PhantomData<fn(J)>,
}

impl<J, R> Link<J, R> {
    /// The link of a worker to whoever is to be told.
    pub fn new(to: Arc<dyn Reports<R>>, worker: WorkerId) -> Self {
        Self { to, worker, takes: std::marker::PhantomData }
    }

    /// Whose link it is.
    #[must_use]
    pub const fn worker(&self) -> WorkerId {
        self.worker
    }

    /// The worker takes tasks from now on.
    pub fn ready(&self) {
        self.to.ready(self.worker);
    }

    /// The worker has begun a task; for kinds that [announce](super::Abilities::announces_start) it.
    pub fn started(&self, task: TaskNo) {
        self.to.started(self.worker, task);
    }

    /// The worker is alive; for kinds that have [heartbeats](super::Abilities::has_heartbeats).
    pub fn beat(&self) {
        self.to.beat(self.worker);
    }

    /// The worker has ended a task. One that comes after the pool has ended the task itself is late, and
    /// its result is dropped.
    pub fn ended(&self, finished: Finished<R>) {
        self.to.ended(self.worker, finished);
    }

    /// The worker works, though not as it was asked to: what is told here stands in the pool's health.
    pub fn warn(&self, of: impl Into<String>) {
        self.to.warned(self.worker, of.into());
    }

    /// The worker is gone. With a cause, or before it was told to stop, it has died.
    pub fn gone(&self, cause: Option<String>) {
        self.to.gone(self.worker, cause);
    }
}

impl<J, R> Clone for Link<J, R> {
    fn clone(&self) -> Self {
        Self { to: self.to.clone(), worker: self.worker, takes: std::marker::PhantomData }
    }
}

impl<J, R> fmt::Debug for Link<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Link").field(&self.worker).finish()
    }
}
