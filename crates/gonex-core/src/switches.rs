//! What has been turned on that wants to know of operations that wait. All in one byte, so that an
//! operation that waits looks once, whatever there is to be turned on.

use std::sync::atomic::{AtomicU8, Ordering};

static ON: AtomicU8 = AtomicU8::new(0);

/// One of the things that can be turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switch(u8);

pub(crate) const INSIGHT: Switch = Switch(1);
pub(crate) const METRICS: Switch = Switch(1 << 1);
pub(crate) const TRACING: Switch = Switch(1 << 2);

impl Switch {
    /// Turns it on or off. Whether it was on.
    pub(crate) fn turn(self, on: bool) -> bool {
        // Relaxed: nothing is handed over with it.
        let before = if on {
            ON.fetch_or(self.0, Ordering::Relaxed)
        } else {
            ON.fetch_and(!self.0, Ordering::Relaxed)
        };
        before & self.0 != 0
    }

    #[inline]
    pub(crate) fn is_on(self) -> bool {
        ON.load(Ordering::Relaxed) & self.0 != 0
    }
}

/// Whether anything is turned on.
#[inline]
pub(crate) fn is_any_on() -> bool {
    ON.load(Ordering::Relaxed) != 0
}
