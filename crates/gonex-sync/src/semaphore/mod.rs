//! Weighted semaphores, and the line of waiters that locks are built on too.
//!
//! It is our own. The standard library has none; a semaphore on `parking_lot` or on `event-listener`
//! wakes a waiter and lets it try again, so that a large acquire is starved by small ones, and a
//! waiter that goes away after it was woken needs care in every caller. Here permits are handed over
//! in line, to threads and tasks alike, and a waiter that goes away hands them on.

mod acquire;
pub(crate) mod core;
mod error;
mod permit;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod semaphore;

pub use acquire::Acquire;
pub use error::{AcquireError, TryAcquireError};
pub use permit::SemaphorePermit;
pub use semaphore::Semaphore;
