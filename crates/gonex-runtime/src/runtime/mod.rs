//! The value that runs tasks, and the free functions that use the one of the moment.

mod alive;
mod builder;
mod current;
mod gate;
mod go;
mod known;
mod own;
mod owned;
#[cfg_attr(all(target_family = "wasm", target_os = "unknown"), path = "page.rs")]
mod polling;
mod refused;
mod report;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod runtime;
mod shutdown;
#[cfg(gonex_sim)]
mod simulated;
mod threads;

pub use builder::RuntimeBuilder;
pub(crate) use current::settled_hook;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use current::settled_threads;
pub use go::{go, go_all, go_detached, go_with};
pub(crate) use known::RuntimeId;
pub(crate) use own::OwnQueue;
pub use report::RuntimeReport;
pub use runtime::Runtime;
pub use shutdown::RuntimeShutdown;
pub use threads::Threads;
