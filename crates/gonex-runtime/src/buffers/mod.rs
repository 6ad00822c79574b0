//! Buffers that are used again.
//!
//! A [`BufferPool`] keeps buffers of a few sizes. What is taken is given back when it is dropped; each
//! thread keeps some for itself, which costs a few nanoseconds and no lock, and hands over to the others what
//! is too much for it. Nothing is kept above the pool's bound. [`NodeBuffers`] are pools of which each is
//! for one memory node.
//!
//! ```
//! use gonex_runtime::buffers::BufferPool;
//!
//! let pool = BufferPool::new();
//! let mut buffer = pool.take(60_000);
//! buffer.extend_from_slice(b"Call me Ishmael.");
//! drop(buffer);
//!
//! let buffer = pool.take(60_000);
//! assert!(buffer.is_empty() && buffer.capacity() >= 60_000);
//! assert_eq!((pool.stats().reused, pool.stats().made), (1, 1));
//! ```

mod buffer;
mod builder;
mod classes;
mod current;
mod held;
mod local;
mod nodes;
mod pool;
mod shared;
mod stats;
mod supply;

pub use buffer::{Buffer, OwnedBuffer};
pub use builder::{BufferPoolBuilder, BufferPoolError};
pub use classes::SizeClasses;
pub use current::current;
pub use nodes::NodeBuffers;
pub use pool::BufferPool;
pub use stats::BufferStats;
pub(crate) use supply::Supply;
