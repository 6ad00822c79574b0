//! Locks: one holder at a time, or many readers and one writer.
//!
//! They are our own, on the line of the [semaphore](crate::semaphore). A `std` or `parking_lot` lock
//! parks threads only, and cannot give up a wait when a context is cancelled; an async lock serves
//! tasks only, or polls in a loop for threads. Here both stand in one line, a wait can be given up at
//! any time, and a lock that was handed to somebody who went away goes to the next.
//!
//! # Fairness
//! A lock is handed over in the order in which operations began to wait: nobody is starved, neither
//! writers by readers nor readers by writers. A thread that unlocks and locks again stands behind
//! those who wait. The price is a switch of threads at each hand-over, so hold locks for short.
//!
//! # Poisoning
//! A panic with a lock in hand may leave the value half-changed. These locks note that, in
//! [`Mutex::is_poisoned`], and still give the guard. `lock` has no error to put it into, since most
//! values are whole all the same, and who cares can ask. A cancellation that unwinds is noted as
//! well: it interrupts the code as a panic does. A future that is dropped while it holds a guard
//! just unlocks, and is not noted: nothing tells it apart from one that ends.

mod guard;
#[expect(clippy::module_inception, reason = "the operation has the folder's name")]
mod lock;
mod mutex;
mod raw;
mod rw_mutex;
mod upgrade;

pub use guard::{
    MutexGuard, OwnedMutexGuard, OwnedRwReadGuard, OwnedRwWriteGuard, RwReadGuard,
    RwUpgradableGuard, RwWriteGuard,
};
pub use lock::Lock;
pub use mutex::Mutex;
pub use raw::{Exclusive, Guard, Mode, Reach, Readers, Shared, Upgradable};
pub(crate) use raw::{Seek, SeekUpgrade};
pub use rw_mutex::RwMutex;
pub use upgrade::{NotUpgraded, Upgrade};
