//! The two ends of a task's result.

mod asked;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod awaited;
mod cell;
mod completer;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod handle;
mod join;
mod options;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod returned;
mod runner;
mod slot;
mod spec;

pub use asked::{AskedToStop, pair_telling};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use awaited::Awaited;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use cell::Head;
pub use cell::TaskId;
pub(crate) use cell::{Cell, Ending};
pub use completer::Completer;
pub use handle::{Handle, pair};
pub use join::Join;
pub use options::TaskOptions;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use returned::Returned;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use returned::{Extra, say_that_it_had_started};
pub use runner::Runner;
#[doc(hidden)]
pub use slot::Slot;
pub use spec::{Priority, Spec};
