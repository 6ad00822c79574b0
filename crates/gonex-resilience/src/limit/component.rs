use gonex_core::component::{Component, Health, Snapshot};

use super::{Limiter, Meter};
use crate::part::part;

/// A limiter has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<M: Meter> Component for Limiter<M> {
    part!("limiter");

    /// Healthy as long as somebody could still join the line.
    fn health(&self) -> Health {
        let (waiting, most) = (self.waiting(), self.shared.max_waiting());
        if waiting > 0 && waiting >= most {
            return Health::degraded(format!("{waiting} wait, which is the most that may"));
        }
        Health::Healthy
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::map()
            .with("available", self.available())
            .with("most", self.shared.meter.most())
            .with("waiting", self.waiting())
            .with("config", format!("{:?}", self.config()))
    }
}
