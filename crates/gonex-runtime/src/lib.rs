//! Where [gonex](https://docs.rs/gonex) tasks run.
//!
//! - [`go`] and [`go_all`] run closures and futures on the [`Runtime`] of the moment; as a place, that
//!   is [`Threads`].
//! - [`go_race`], [`try_go_all`] and [`go_all_outcomes`] wait for many in other ways, [`go_with_retry`]
//!   starts a task again when it fails, and [`go_parallel`] goes by a [`ParallelismConfig`].
//! - [`compute`] spreads one computation over all cores, [`thread`] has what lives long run by itself,
//!   and [`aio`] waits for many things at once.
//! - [`Pool`] runs one handler over many jobs, on threads of its own, with a bounded queue.
//! - [`buffers`] are used again.
//! - [`topology`] knows cores, caches and memory nodes, and keeps workers on some of them.
//! - `signals` ends a context when the process is asked to end.
//! - [`balance`] decides which worker of a pool a task goes to.
//! - [`profile`] measures how long named things take.
//! - [`metrics`] says how well a pool used its workers.
//!
//! Which to take: `go` for a task of its own, [`Pool`] for many of one kind that must not crowd
//! out the rest.

#![deny(unsafe_code)] // one file says why it may: scope/lend.rs

pub mod balance;
pub mod buffers;
pub mod config;
pub mod group;
mod layers;
mod machine;
pub mod metrics;
pub mod pool;
pub mod profile;
pub mod runtime;
mod scheduler;
pub mod scope;
#[cfg(any(unix, windows))]
pub mod signals;
pub mod together;
pub mod topology;

pub use config::{ParallelismConfig, ParallelismError};
pub use group::{Group, OnFailure, TryGroup};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use layers::compute;
pub use layers::{aio, thread};
pub use metrics::{Measure, RunMetrics, WorkerMetrics};
pub use pool::{Pool, PoolBuilder, SubmitError};
pub use runtime::{
    Runtime, RuntimeBuilder, RuntimeReport, Threads, go, go_all, go_detached, go_with,
};
pub use scheduler::{AtBound, RuntimeStats};
pub use scope::{LocalScope, Scope, ScopedHandle, scope, scope_local};
pub use together::{
    FailedTask, Outcomes, Parallel, ParallelError, TryError, go_all_outcomes, go_all_with_retry,
    go_parallel, go_race, go_with_retry, try_go_all, try_go_parallel,
};

pub use gonex_core::rt::blocking;
