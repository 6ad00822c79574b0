//! A value that is made once, by whoever needs it first.
//!
//! The value stands in the standard library's [`OnceLock`](std::sync::OnceLock); the line of those
//! who wait for it is our own, the [semaphore](crate::semaphore)'s. `OnceLock` alone parks threads
//! and cannot wait for a future; a cell for async code cannot be waited for by a thread, or be given
//! up when a context is cancelled.

mod init;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod once;
mod source;

pub(crate) use init::Initializing;
pub use init::{Init, TryInit};
pub(crate) use once::Cell;
pub use once::{Once, SetError};
pub use source::{FromClosure, FromFuture, Source};
