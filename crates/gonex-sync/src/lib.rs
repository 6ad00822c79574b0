//! Channels, select, and all that waits, for threads and async code alike: a part of
//! [gonex](https://docs.rs/gonex) that can be used alone.
//!
//! Which tool:
//!
//! - Values go from one to another: [`channel()`], [`unbounded`]; one value: [`oneshot()`]; each value
//!   to all: [`broadcast()`]; the latest value: [`watch()`]. [`select!`] waits for several, and
//!   [`Select`] for as many as there are at run time.
//! - To many peers and from them, by turn or by key: [`distribute`].
//! - State that many read, some change and others watch: [`Shared`], and by key [`SharedMap`].
//! - Messages and questions to one who has a name: [`Address`], [`AddressBook`].
//! - One at a time: [`Mutex`]; many readers or one writer: [`RwMutex`]; so many at a time:
//!   [`Semaphore`]. Until what a lock guards has changed: [`Cond`].
//! - Once: [`Once`]; once for all who ask at the same time: [`Singleflight`].
//! - Until others are done: [`WaitGroup`]; until all have come: [`Barrier`].
//! - In time: [`Timer`], [`Ticker`].
//!
//! Every wait is an [`Op`](gonex_core::Op): awaited or blocked on, under any limits. Whoever waits is
//! served in the order of arrival, threads and tasks in one line, and who gives up leaves nothing
//! behind.

#![deny(unsafe_code)]

pub mod address;
pub mod broadcast;
pub mod channel;
pub mod cond;
mod constant;
pub mod distribute;
pub mod group;
mod guarded;
pub mod lock;
pub mod once;
pub mod oneshot;
mod primitive;
pub mod select;
pub mod semaphore;
pub mod shared;
mod simulation;
pub mod singleflight;
pub mod time;
mod wait;
pub mod watch;

pub use address::{Address, AddressBook, AskError, NotRegistered, PeerSendError, Reply};
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
pub use shared::{Change, Shared, SharedMap};
pub use singleflight::Group as Singleflight;
pub use time::{Tick, Ticker, Timer, ZeroPeriod};
pub use watch::{Latest, WatchError, WatchReceiver, WatchSender, watch};
