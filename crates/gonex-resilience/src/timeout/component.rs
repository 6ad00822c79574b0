use gonex_core::component::{Component, Snapshot};

use super::Timeout;
use crate::part::part;

/// A time-out has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl Component for Timeout {
    part!("time-out");

    fn snapshot(&self) -> Snapshot {
        let limit = self.limit_if_any().map_or_else(|| "none".to_owned(), crate::span::show);
        Snapshot::map().with("limit", limit)
    }
}
