//! The two ends of a task's result.

mod cell;
mod completer;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod handle;
mod join;
mod options;
mod slot;
mod spec;

pub use cell::TaskId;
pub(crate) use cell::{Cell, Ending};
pub use completer::Completer;
pub use handle::{Handle, pair};
pub use join::Join;
pub use options::TaskOptions;
#[doc(hidden)]
pub use slot::Slot;
pub use spec::{Priority, Spec};
