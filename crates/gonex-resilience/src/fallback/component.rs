use std::hash::Hash;

use gonex_core::component::{Component, Snapshot};

use super::{Fallback, LatestByKey};
use crate::part::part;

/// A fallback has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<R: Send + Sync> Component for Fallback<R> {
    part!("fallback");
}

/// Has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<K: Hash + Eq + Clone + Send, T: Send + Sync> Component for LatestByKey<K, T> {
    part!("latest results by key");

    fn snapshot(&self) -> Snapshot {
        Snapshot::map().with("keys", self.len())
    }
}
