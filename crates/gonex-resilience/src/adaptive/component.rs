use gonex_core::component::{Component, Health, Snapshot};

use super::AdaptiveLimit;
use crate::part::part;

/// It has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<C: Send + Sync> Component for AdaptiveLimit<C> {
    part!("adaptive limit");

    /// Degraded while the limit is the lowest there is, and all places are taken.
    fn health(&self) -> Health {
        let limit = self.limit();
        if limit == self.config().min_limit && self.running() >= limit {
            return Health::degraded(format!(
                "its limit is {limit}, the lowest, and all are taken"
            ));
        }
        Health::Healthy
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::map()
            .with("limit", self.limit())
            .with("running", self.running())
            .with("waiting", self.queue_len())
            .with("algorithm", format!("{:?}", self.config().algorithm))
    }
}
