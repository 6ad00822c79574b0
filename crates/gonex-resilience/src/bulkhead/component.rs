use std::sync::Arc;

use gonex_core::component::{Component, Health, Lifecycle, Metrics, Snapshot};
use gonex_core::primitive::atomic::Ordering;
use gonex_core::{Instant, Op};

use super::Bulkhead;

/// A bulkhead has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl Component for Bulkhead {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &str {
        "bulkhead"
    }

    fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
        self.shared.stopped.store(true, Ordering::Relaxed);
        Lifecycle::done()
    }

    fn is_running(&self) -> bool {
        !self.shared.stopped.load(Ordering::Relaxed)
    }

    /// Degraded while a call that comes would be refused.
    fn health(&self) -> Health {
        if self.is_healthy() {
            Health::Healthy
        } else {
            Health::degraded(format!("it is full, and {} wait", self.queue_len()))
        }
    }

    fn snapshot(&self) -> Snapshot {
        let config = self.config();
        Snapshot::map()
            .with("available", self.available())
            .with("max_concurrent", config.max_concurrent)
            .with("waiting", self.queue_len())
            .with("max_queue", config.max_queue)
    }

    fn metrics(&self) -> Metrics {
        Bulkhead::metrics(self).named()
    }

    fn reset_metrics(&self) {
        Bulkhead::reset_metrics(self);
    }
}
