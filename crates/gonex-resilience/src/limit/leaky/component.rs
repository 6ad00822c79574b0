use gonex_core::component::{Component, Health, Snapshot};

use super::LeakyBucket;
use crate::part::part;

/// It has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<T: Send> Component for LeakyBucket<T> {
    part!("leaky bucket");

    /// Degraded while there is no room.
    fn health(&self) -> Health {
        if self.is_full() { Health::degraded("it is full") } else { Health::Healthy }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::map().with("length", self.len()).with("capacity", self.capacity())
    }
}
