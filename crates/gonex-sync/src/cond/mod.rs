//! Condition variables: waiting, with a lock in hand, for another to change what the lock guards.
//!
//! They are our own, since the locks are: a `std` or `parking_lot` one goes with its own mutex and
//! with threads only. Threads and tasks stand in one line here, and a notification for one that goes
//! away goes to the next.

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod cond;
mod line;
mod until;
mod wait;
mod wait_for;

pub use cond::Cond;
pub use until::{NextCall, Until, While};
pub use wait::{Unlocked, Wait, WaitLimited};
pub use wait_for::WaitFor;
