use gonex_core::component::{Component, Health, Snapshot};

use super::Bulkhead;
use crate::part::part;

/// A bulkhead has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl Component for Bulkhead {
    part!("bulkhead");

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
}
