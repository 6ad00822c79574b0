//! What can be seen of a pool.

use std::sync::Arc;
use std::time::Duration;

use gonex_core::component::{Component, RegisterError, Registration, Registry};
use gonex_core::rt;
use gonex_sync::{BroadcastReceiver, broadcast};

use super::events::PoolEvent;
use super::pool::Pool;
use super::shared::Shared;
use super::state::SlotCounts;
use super::status::{PoolStats, PoolStatus};
use crate::metrics::{Counted, Measure};

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// The number of workers: those that work, or will soon.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        self.shared.look(|state| state.worker_count())
    }

    /// The number of jobs that wait in the queue.
    #[must_use]
    pub fn queue_len(&self) -> usize {
        self.shared.look(|state| state.queued())
    }

    /// How many jobs can wait in the queue.
    #[must_use]
    pub fn queue_size(&self) -> usize {
        self.shared.room.capacity()
    }

    /// Whether no job waits and none runs.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.shared.look(|state| state.is_idle())
    }

    /// Whether it is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.shared.look(|state| state.is_paused())
    }

    /// What the pool has done and does.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.shared.look(|state| state.stats())
    }

    /// How the pool and its workers are, with the reasons.
    ///
    /// ```
    /// use gonex_core::component::Health;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u32| n)?;
    /// pool.submit(1).block()?.join().block()?;
    /// assert_eq!(pool.status().health, Health::Healthy);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        let now = rt::now();
        self.shared
            .look(|state| PoolStatus { health: state.health(now), workers: state.status(now) })
    }

    /// Tells from now on what happens in the pool. Who does not listen misses the oldest events of
    /// more than 1,024.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    /// use gonex_runtime::pool::What;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u32| n)?;
    /// let mut events = pool.events();
    /// pool.pause();
    /// let paused = |what| matches!(what, What::Paused);
    /// assert!((0..9).any(|_| events.recv().block().is_ok_and(|event| paused(event.what))));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn events(&self) -> BroadcastReceiver<PoolEvent> {
        self.shared.events.subscribe_with(broadcast::OnLag::DropOldest)
    }

    /// Starts to measure how well the workers are used.
    ///
    /// `sample` takes samples of the machine's cores and of memory at this interval, on a thread
    /// of its own, where the system tells them.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u64| (0..n).sum::<u64>())?;
    /// let measure = pool.measure(None);
    /// pool.submit_batch([10, 20, 30], |&n| n).block()?.join_all().block()?;
    /// let run = measure.finish();
    /// assert_eq!(run.tasks_completed, 3);
    /// assert!(run.sequential_estimate >= run.mean_task_time);
    /// # Ok(())
    /// # }
    /// ```
    pub fn measure(&self, sample: Option<Duration>) -> Measure {
        Measure::start(self.shared.clone(), sample)
    }

    /// The pool as a [component](gonex_core::component): its health, state and numbers, and its end.
    #[must_use]
    pub fn component(&self) -> Arc<dyn Component> {
        self.shared.clone()
    }

    /// Lists it in a registry under its name.
    ///
    /// ```
    /// use gonex_core::component::Registry;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let registry = Registry::new();
    /// let pool = Pool::builder().name("parser").build(str::len)?;
    /// let _listed = pool.register(&registry)?;
    /// pool.submit("bread").block()?.join().block()?;
    /// assert_eq!(registry.metrics().count("completed"), Some(1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If another has the name, or the registry is shut down.
    pub fn register(&self, registry: &Registry) -> Result<Registration, RegisterError> {
        registry.register(self.component())
    }
}

impl<J: Send + 'static, R: Send + 'static> Counted for Shared<J, R> {
    fn slots(&self, takes_waits: bool) -> Vec<SlotCounts> {
        self.look(|state| state.slots(takes_waits))
    }
}
