//! The border around recorders and subscribers.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::primitive::discard;

thread_local! {
    /// Whether this thread is in a recorder or subscriber.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Calls a recorder or subscriber. `None` if it panics, and if this is itself called by one: what they
/// wait for would be recorded, which they would wait for, and so on.
pub(super) fn quietly<T>(body: impl FnOnce() -> T) -> Option<T> {
    // A thread that ends may have no such variable any more.
    if INSIDE.try_with(|inside| inside.replace(true)).unwrap_or(true) {
        return None;
    }
    let result = catch_unwind(AssertUnwindSafe(body));
    INSIDE.set(false);
    result.map_err(discard).ok()
}
