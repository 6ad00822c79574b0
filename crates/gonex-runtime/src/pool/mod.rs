//! The managed pool: one handler, many jobs, and workers that are looked after.
//!
//! [`Pool`] says what can be asked of it, [`PoolBuilder`] what can be set. Beside them:
//!
//! | module | what it is about |
//! | --- | --- |
//! | [`kind`] | what a worker is: threads, tasks of a runtime, and your own |
//! | [`scaling`] | how many workers there are |
//! | [`crate::balance`] | which worker a task goes to |

mod address;
mod builder;
mod component;
mod error;
mod events;
mod idle;
mod keeper;
pub mod kind;
mod look;
mod map;
mod options;
mod outputs;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod pool;
mod profile;
pub mod scaling;
mod settle;
mod shared;
mod shutdown;
pub(crate) mod state;
mod status;
mod steer;
mod submit;
mod watch;

pub use address::{Asked, NoSuchWorker};
pub use builder::{CallerRuns, PoolBuilder};
pub use error::SubmitError;
pub use events::{Leaving, PoolEvent, What};
pub use idle::Idle;
pub use map::Map;
pub use options::JobOptions;
pub use outputs::{NextOutput, Outputs};
pub use pool::Pool;
pub use shared::AtFull;
pub use shutdown::{PoolReport, PoolShutdown};
pub use status::{PoolStats, PoolStatus, RunningTask, WorkerState, WorkerStatus};
pub use submit::{Submit, SubmitBatch};
