//! What tasks are made of.

mod future;
mod into_task;
mod into_tasks;
mod job;

pub use future::TaskFuture;
pub use into_task::{ClosureMarker, FutureMarker, IntoTask, Spawner};
pub use into_tasks::{IntoTasks, IterMarker, JoinTuple, TupleMarker};
pub use job::{EndableFuture, Job, ScopedJob};
