//! Channels, select, and all that waits, for threads and async code alike: a part of
//! [gonex](https://docs.rs/gonex) that can be used alone.

#![deny(unsafe_code)]

pub mod channel;
mod constant;
mod guarded;
pub mod lock;
mod primitive;
pub mod select;
pub mod semaphore;
mod wait;

pub use channel::{
    AckError, ChannelBuilder, Permit, Receiver, RecvError, ReserveError, SendError, Sender,
    TryRecvError, TrySendError, WeakReceiver, WeakSender, channel, unbounded,
};
pub use lock::{
    Mutex, MutexGuard, OwnedMutexGuard, OwnedRwReadGuard, OwnedRwWriteGuard, RwMutex, RwReadGuard,
    RwUpgradableGuard, RwWriteGuard,
};
pub use semaphore::{AcquireError, Semaphore, SemaphorePermit, TryAcquireError};
