//! The scheduler of closures: each runs to its end on one thread, and one that has to wait lets
//! another thread go on in its place.

mod idle;
#[cfg(all(test, gonex_loom))]
mod idle_models;
mod leaving;
mod queues;
mod ranked;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod scheduler;
mod stats;
mod worker;

pub use scheduler::AtBound;
pub(crate) use scheduler::{Closures, Config};
pub use stats::RuntimeStats;
pub(crate) use worker::wait_beyond_the_bound;
