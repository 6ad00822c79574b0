//! How much has been entered on a thread: a seam, a policy, a context, a task's border.

use std::cell::Cell;

thread_local! {
    /// One number for all of them, so that one look at memory says that there is nothing.
    static ENTERED: Cell<u32> = const { Cell::new(0) };
}

/// Counts something that is entered, for as long as it lives.
pub(crate) struct Inside(());

impl Inside {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        ENTERED.set(ENTERED.get() + 1);
        Self(())
    }

    /// Counts something that stays for good.
    pub(super) fn forever() {
        std::mem::forget(Self::new());
    }

    /// Whether this thread has entered anything.
    #[inline(always)]
    pub(super) fn any() -> bool {
        ENTERED.get() != 0
    }
}

impl Drop for Inside {
    #[inline(always)]
    fn drop(&mut self) {
        ENTERED.set(ENTERED.get() - 1);
    }
}
