//! A channel for one value.
//!
//! It is our own: those of the standard library and of `tokio` serve threads or tasks, and here both
//! ends wait with the same operations. Sending never waits, and the sender can wait to learn that
//! nobody wants the value any more.

mod receiver;
mod sender;
mod shared;

pub use receiver::{OneshotReceiver, OneshotRecv};
pub use sender::{OneshotClosed, OneshotSender};
pub use shared::oneshot;
