use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gonex_core::primitive::lock_std;

use super::current::CoreRef;

/// Which runtime it is, in a word: for what is copied so often that a count of references, which all
/// threads share, would be its greatest cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RuntimeId(pub(super) u64);

/// The runtimes that have not gone, but for the shared one.
static KNOWN: Mutex<BTreeMap<RuntimeId, CoreRef>> = Mutex::new(BTreeMap::new());

impl RuntimeId {
    /// The runtime that is shared by the process, started or not: the current one where there is no other.
    pub(crate) const SHARED: Self = Self(0);

    /// That of a new runtime.
    pub(super) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Says where the runtime is.
    pub(super) fn lead_to(self, runtime: CoreRef) {
        if self != Self::SHARED {
            lock_std(&KNOWN).insert(self, runtime);
        }
    }

    /// The runtime has gone.
    pub(super) fn forget(self) {
        let gone = lock_std(&KNOWN).remove(&self);
        drop(gone);
    }

    /// Runs a closure in which the runtime is the current one; the shared one, if it has gone.
    pub(crate) fn enter<T>(self, body: impl FnOnce() -> T) -> T {
        if self == Self::current() {
            return body();
        }
        self.find().unwrap_or(CoreRef::none()).enter_moved(body)
    }

    /// The way to the runtime, unless it has gone or is the shared one.
    pub(super) fn find(self) -> Option<CoreRef> {
        if self == Self::SHARED {
            return None;
        }
        lock_std(&KNOWN).get(&self).cloned()
    }
}
