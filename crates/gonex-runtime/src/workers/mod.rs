//! Threads that take from one bounded queue: what the pool and the runtime are built on.

mod counters;
mod queue;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod workers;

pub(crate) use counters::{Count, Counters};
pub use queue::{Closed, PushError, Queue, Ticket};
pub(crate) use workers::{Config, Queued, Workers, default_threads};
