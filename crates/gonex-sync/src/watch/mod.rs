//! A value that changes, and those who watch it: each sees the latest, and may miss others.
//!
//! It is our own, since the waiting is. The value stands behind `parking_lot`'s `RwLock`: looking at
//! it is no operation that waits, but a moment's lock, which the owner of a [`Latest`] holds. So code
//! of yours, in [`WatchSender::send_if_modified`], runs under a lock that is yours as well, that of
//! the value, and never under the one that guards the waiters.
//!
//! # Invariants
//! - The version changes under the lock for writing, so it does not change while somebody looks.
//! - A sender changes the value first, and calls the watchers second; a watcher stands in the crowd
//!   first, and looks at the version second.

mod error;
mod receiver;
mod sender;
mod shared;

pub use error::WatchError;
pub use receiver::{Changed, WaitUntil, WatchReceiver};
pub use sender::{Unwatched, WatchSender, watch};
pub use shared::Latest;
