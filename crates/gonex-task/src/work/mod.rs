//! What tasks are made of.

mod future;
mod into_task;
mod into_tasks;
mod job;
mod lent;
mod loose;
mod recalled;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod returning;
mod task;

pub use future::TaskFuture;
pub use into_task::{ClosureMarker, FutureMarker, IntoTask};
pub use into_tasks::{IntoTasks, IterMarker, JoinTuple, TupleMarker};
pub use job::{EndableFuture, Job, ScopedJob};
pub use lent::Lender;
pub(crate) use recalled::{Recalled, recalled};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use returning::{Returning, Unattached};
pub use task::{Task, Work};
