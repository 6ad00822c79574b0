use gonex_core::component::{Component, Snapshot};

use super::Hedge;
use crate::part::part;

/// A hedge has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl Component for Hedge {
    part!("hedge");

    fn snapshot(&self) -> Snapshot {
        Snapshot::map()
            .with("delay", crate::span::show(self.delay()))
            .with("max_attempts", self.config().max_attempts)
    }
}
