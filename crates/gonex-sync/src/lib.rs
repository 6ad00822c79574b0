//! Channels, select, and all that waits, for threads and async code alike: a part of
//! [gonex](https://docs.rs/gonex) that can be used alone.

#![deny(unsafe_code)]

pub mod channel;
mod guarded;
mod primitive;
pub mod select;
mod wait;

#[doc(hidden)]
pub use select::private as __private;

pub use select::{ArmKey, Select, SendKey};

pub use channel::{
    AckError, ChannelBuilder, Permit, Receiver, RecvError, ReserveError, SendError, Sender,
    TryRecvError, TrySendError, WeakReceiver, WeakSender, channel, unbounded,
};
