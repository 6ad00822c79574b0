use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Whether a runtime takes tasks from outside, and how many it did not.
#[derive(Debug, Default)]
pub(super) struct Gate {
    shut: AtomicBool,
    refused: AtomicU64,
}

impl Gate {
    /// From now on what comes from outside is refused; for good.
    pub(super) fn shut(&self) {
        // Relaxed, here and below: who hands a task in at the same moment may come before or after.
        self.shut.store(true, Ordering::Relaxed);
    }

    /// Whether a task is taken. `is_inside` says whether one that belongs to the runtime hands it in.
    #[inline]
    pub(super) fn admits(&self, is_inside: impl FnOnce() -> bool) -> bool {
        if !self.shut.load(Ordering::Relaxed) || is_inside() {
            return true;
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        false
    }

    /// Whether it takes every task.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(super) fn is_open(&self) -> bool {
        !self.shut.load(Ordering::Relaxed)
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}
