//! What a task is in [gonex](https://docs.rs/gonex): the work, the handle to its result, and how
//! it can fail.
//!
//! - [`IntoTask`] is what `go` takes: a closure or a future.
//! - [`Handle`] waits for one task, [`Batch`] for many.
//! - [`TaskError`] says how a task ended without a result; for a panic, with message and place.
//!
//! - A [`Place`] is where tasks run. [`Inline`] runs them in the caller; those with threads and more are
//!   in `gonex-runtime` and above.

#![forbid(unsafe_code)]

pub mod batch;
mod error;
pub mod handle;
mod holding;
mod panic;
pub mod place;
pub mod work;

pub use batch::Batch;
pub use error::{Stalled, TaskError};
pub use handle::{Handle, Priority, Spec, TaskId, TaskOptions};
#[doc(hidden)]
pub use panic::drop_unwanted;
pub use panic::{Panic, PanicHook, SourcePlace, isolate};
pub use place::{Inline, Place, PlaceExt};
pub use work::{IntoTask, IntoTasks, Job, Task};
