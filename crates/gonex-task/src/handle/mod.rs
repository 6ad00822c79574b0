//! The two ends of a task's result.

mod cell;
mod completer;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod handle;
mod join;
mod options;
mod runner;
mod slot;
mod spec;

pub use cell::TaskId;
pub(crate) use cell::{Cell, Ending};
pub use completer::Completer;
pub use handle::{Handle, pair};
pub use join::Join;
pub use options::TaskOptions;
pub use runner::Runner;
#[doc(hidden)]
pub use slot::Slot;
pub use spec::{Priority, Spec};
