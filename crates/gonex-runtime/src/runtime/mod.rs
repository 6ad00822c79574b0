//! The value that runs tasks, and the free functions that use the one of the moment.

mod builder;
mod current;
mod go;
mod known;
mod polling;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod runtime;
#[cfg(gonex_sim)]
mod simulated;
mod threads;

pub use builder::RuntimeBuilder;
pub(crate) use current::settled_hook;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use current::settled_threads;
pub use go::{go, go_all, go_detached, go_with};
pub(crate) use known::RuntimeId;
pub use runtime::Runtime;
pub use threads::Threads;
