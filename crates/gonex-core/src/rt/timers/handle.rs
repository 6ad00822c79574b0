use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use super::Key;

/// Who keeps a timer.
pub(in crate::rt) trait Keeper: Send + Sync {
    /// Takes the waker out, if it has not fired.
    fn call_off(&self, key: Key) -> Option<Waker>;
}

/// A timer that is set; dropping it calls it off. Its driver lives as long as it.
///
/// It takes 32 bytes, and another 48 with its driver until it fires.
#[must_use = "dropping a timer calls it off"]
pub struct Timer {
    keeper: Arc<dyn Keeper>,
    key: Key,
}

impl Timer {
    pub(in crate::rt) fn new(keeper: Arc<dyn Keeper>, key: Key) -> Self {
        Self { keeper, key }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let waker = self.keeper.call_off(self.key);
        drop(waker);
    }
}
