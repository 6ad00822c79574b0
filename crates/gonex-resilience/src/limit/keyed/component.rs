use std::hash::Hash;

use gonex_core::component::{Component, Snapshot};

use super::KeyedLimiter;
use crate::limit::Meter;
use crate::part::part;

/// Has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<K: Hash + Eq + Clone + Send, M: Meter> Component for KeyedLimiter<K, M> {
    part!("keyed limiter");

    fn snapshot(&self) -> Snapshot {
        Snapshot::map().with("keys", self.len()).with("max_keys", self.max_keys())
    }
}
