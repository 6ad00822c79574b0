use gonex_core::component::{Component, Health, Snapshot};

use super::Chaos;
use crate::part::part;

/// It has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl Component for Chaos {
    part!("chaos");

    /// Degraded while it is on, so that nobody forgets it in a program that others use.
    fn health(&self) -> Health {
        if self.is_on() { Health::degraded("it injects faults") } else { Health::Healthy }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::map().with("on", self.is_on()).with("seed", self.config().seed)
    }
}
