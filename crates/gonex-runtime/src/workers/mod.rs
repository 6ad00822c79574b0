//! Threads that take from one bounded channel: what the pool and the runtime are built on.

mod counters;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod workers;

pub(crate) use counters::{Count, Counters};
pub(crate) use workers::{Config, Queued, Workers, default_threads};
