//! Where [gonex](https://docs.rs/gonex) tasks run.
//!
//! - [`go`] and [`go_all`] run closures and futures on the [`Runtime`] of the moment.
//! - [`compute`] spreads one computation over all cores, [`thread`] has what lives long run by itself,
//!   and [`aio`] waits for many things at once.
//! - [`Pool`] runs one handler over many jobs, on threads of its own, with a bounded queue.
//! - [`metrics`] says how well a pool used its workers.
//!
//! Which to take: `go` for a task of its own, [`Pool`] for many of one kind that must not crowd
//! out the rest.

#![forbid(unsafe_code)]

mod layers;
pub mod metrics;
pub mod pool;
pub mod runtime;
mod scheduler;
mod workers;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use layers::compute;
pub use layers::{aio, thread};
pub use metrics::{Measure, RunMetrics, WorkerMetrics};
pub use pool::{Pool, PoolBuilder, SubmitError};
pub use runtime::{Runtime, RuntimeBuilder, go, go_all};
pub use scheduler::{AtBound, RuntimeStats};

pub use gonex_core::rt::blocking;
