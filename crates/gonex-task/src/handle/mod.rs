//! The two ends of a task's result.

mod completer;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod handle;
mod join;
mod slot;

pub use completer::Completer;
pub use handle::{Handle, TaskId, pair};
pub use join::Join;
#[doc(hidden)]
pub use slot::Slot;
