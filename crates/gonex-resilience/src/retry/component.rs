use gonex_core::component::{Component, Snapshot};

use super::Retry;
use crate::part::part;

/// A retry has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<R: Send + Sync> Component for Retry<R> {
    part!("retry");

    fn snapshot(&self) -> Snapshot {
        let config = self.config();
        let attempts =
            config.max_attempts.map_or_else(|| "unlimited".into(), |most| most.to_string());
        Snapshot::map().with("strategy", config.strategy.to_string()).with("max_attempts", attempts)
    }
}
