//! Channels, select, and all that waits, for threads and async code alike: a part of
//! [gonex](https://docs.rs/gonex) that can be used alone.

#![deny(unsafe_code)]

pub mod broadcast;
pub mod channel;
pub mod cond;
mod constant;
pub mod group;
mod guarded;
pub mod lock;
pub mod once;
pub mod oneshot;
mod primitive;
pub mod select;
pub mod semaphore;
pub mod singleflight;
pub mod time;
mod wait;
pub mod watch;

pub use broadcast::{
    BroadcastReceiver, BroadcastRecvError, BroadcastSender, OnLag, TryBroadcastRecvError, broadcast,
};
pub use channel::{
    AckError, ChannelBuilder, Permit, Receiver, RecvError, ReserveError, SendError, Sender,
    TryRecvError, TrySendError, WeakReceiver, WeakSender, channel, unbounded,
};
#[doc(hidden)]
pub use select::private as __private;

pub use select::{ArmKey, Select, SendKey};

pub use cond::Cond;
pub use group::{Barrier, Token, WaitGroup};
pub use lock::{
    Mutex, MutexGuard, OwnedMutexGuard, OwnedRwReadGuard, OwnedRwWriteGuard, RwMutex, RwReadGuard,
    RwUpgradableGuard, RwWriteGuard,
};
pub use once::{Once, SetError};
pub use oneshot::{OneshotReceiver, OneshotSender, oneshot};
pub use semaphore::{AcquireError, Semaphore, SemaphorePermit, TryAcquireError};
pub use singleflight::Group as Singleflight;
pub use time::{Tick, Ticker, Timer, ZeroPeriod};
pub use watch::{Latest, WatchError, WatchReceiver, WatchSender, watch};
