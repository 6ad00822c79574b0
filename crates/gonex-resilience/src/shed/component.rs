use gonex_core::component::{Component, Health, Snapshot};

use super::{LoadShedder, Priority};
use crate::part::part;

/// It has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl Component for LoadShedder {
    part!("load shedder");

    /// Degraded while a call of normal priority would be refused, unhealthy while a critical one would.
    fn health(&self) -> Health {
        let refused = |priority| self.running() >= self.places(priority).unwrap_or(usize::MAX);
        let lowest = self.lowest();
        if lowest.is_none() || refused(Priority::Critical) {
            Health::unhealthy("critical calls are refused")
        } else if lowest > Some(Priority::Normal) || refused(Priority::Normal) {
            Health::degraded("calls of normal priority are refused")
        } else {
            Health::Healthy
        }
    }

    fn snapshot(&self) -> Snapshot {
        let lowest = self.lowest().map_or_else(|| "none".to_owned(), |lowest| lowest.to_string());
        Snapshot::map().with("running", self.running()).with("lowest_let_in", lowest)
    }
}
