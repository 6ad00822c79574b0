//! The value that runs tasks, and the free functions that use the one of the moment.

mod alive;
mod builder;
mod current;
mod gate;
mod go;
mod options;
#[cfg_attr(all(target_family = "wasm", target_os = "unknown"), path = "page.rs")]
mod polling;
mod report;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod runtime;
mod shutdown;
#[cfg(gonex_sim)]
mod simulated;

pub use builder::RuntimeBuilder;
pub(crate) use current::Current;
pub use go::{go, go_all, go_detached};
pub use options::TaskOptions;
pub use report::RuntimeReport;
pub use runtime::Runtime;
pub use shutdown::RuntimeShutdown;
