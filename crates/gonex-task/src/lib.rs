//! What a task is in [gonex](https://docs.rs/gonex): the work, the handle to its result, and how
//! it can fail.
//!
//! - [`IntoTask`] is what `go` takes: a closure or a future.
//! - [`Handle`] waits for one task, [`Batch`] for many.
//! - [`TaskError`] says how a task ended without a result; for a panic, with message and place.
//!
//! Nothing here runs anything: schedulers, in `gonex-runtime` and above, take a [`Job`], and call or
//! poll the [`Work`] in it.

#![forbid(unsafe_code)]

pub mod batch;
mod error;
pub mod handle;
mod panic;
pub mod work;

pub use batch::Batch;
pub use error::TaskError;
pub use handle::{Handle, TaskId};
pub use panic::{Panic, PanicHook, SourcePlace, isolate};
pub use work::{IntoTask, IntoTasks, Job, Task, Verdict, Work};
