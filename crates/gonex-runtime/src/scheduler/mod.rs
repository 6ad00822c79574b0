//! The scheduler of closures: each runs to its end on one thread, and one that has to wait lets
//! another thread go on in its place.

mod aside;
mod idle;
#[cfg(all(test, gonex_loom))]
mod idle_models;
mod lane;
mod leaving;
mod outside;
mod own;
mod queues;
mod ranked;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod scheduler;
mod stats;
mod worker;

pub(crate) use own::OwnLane;
pub use scheduler::AtBound;
pub(crate) use scheduler::{Closures, Config};
pub use stats::RuntimeStats;
pub(crate) use worker::wait_beyond_the_bound;
