//! What this machine consists of, what of it this process may use, and which worker goes where.
//!
//! [`Topology::read`] looks at cores, hardware threads, caches and memory nodes, and
//! [`CgroupLimits::read`] at what the cgroup leaves; both read `/sys` and `/proc` below a folder that tests
//! can make up. [`Pinning`] says which processors each worker gets, and [`pin_current_thread`] keeps a thread
//! there. What cannot be read or is not allowed is said in words and stops nobody.
//!
//! ```
//! use gonex_runtime::topology::{Pinning, Topology, pin_current_thread};
//!
//! let topology = Topology::read();
//! let seat = &Pinning::Spread.seats(&topology, 1)[0];
//! assert!(!seat.cpus.is_empty());
//! // Where that is denied, the thread runs wherever it did.
//! std::thread::scope(|scope| {
//!     scope.spawn(|| pin_current_thread(&seat.cpus).is_ok());
//! });
//! ```

mod caches;
mod cgroup;
mod cpus;
mod files;
mod machine;
mod pin;
mod pinning;
mod threads;

pub use caches::{Cache, CacheKind};
pub use cgroup::{CgroupLimits, CgroupVersion};
pub use cpus::{Cpus, ParseCpusError};
pub use machine::{Cpu, Node, Topology};
pub use pin::{PinError, pin_current_thread};
pub use pinning::{Pinning, Seat};
pub use threads::thread_limit;
