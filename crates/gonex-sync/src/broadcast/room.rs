use std::fmt;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::shared::Shared;
use crate::wait::Key;

/// A wait for room, for the only one who sends: what it has found stays until then, for subscribers
/// only make more. Dropped, it leaves the line.
pub(crate) struct Room<T> {
    shared: Arc<Shared<T>>,
    key: Option<Key>,
}

impl<T> Room<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared, key: None }
    }

    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<()> {
        self.shared.poll_room(&mut self.key, waker)
    }

    /// Whether there is room now.
    pub(crate) fn is_there(&self) -> bool {
        self.shared.has_room()
    }
}

impl<T> fmt::Debug for Room<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("waits", &self.key.is_some()).finish()
    }
}

impl<T> Drop for Room<T> {
    fn drop(&mut self) {
        self.shared.leave(&mut self.key);
    }
}
