//! A channel in which each subscriber receives all that is sent after it subscribed.
//!
//! It is our own: `tokio`'s lets every slow subscriber lose values, and one on threads lets the
//! slowest hold up all. Here that is decided for each subscriber, by its [`OnLag`], and both ends
//! wait with the same operations.

mod error;
mod receiver;
mod room;
mod send;
mod sender;
mod shared;
mod slots;

pub use error::{BroadcastRecvError, TryBroadcastRecvError};
pub use receiver::{BroadcastReceiver, BroadcastRecv};
pub(crate) use room::Room;
pub use send::BroadcastSend;
pub use sender::{BroadcastSender, broadcast};
pub use slots::OnLag;
