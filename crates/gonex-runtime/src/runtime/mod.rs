//! The value that runs tasks, and the free functions that use the one of the moment.

mod builder;
mod current;
mod go;
mod options;
mod polling;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod runtime;
#[cfg(gonex_sim)]
mod simulated;

pub use builder::RuntimeBuilder;
pub(crate) use current::Current;
pub use go::{go, go_all, go_detached};
pub use options::TaskOptions;
pub use runtime::Runtime;
