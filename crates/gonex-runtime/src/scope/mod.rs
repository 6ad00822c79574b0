//! Tasks that borrow: they have all ended when the scope does.

mod count;
#[cfg(all(test, gonex_loom))]
mod count_models;
mod handle;
mod home;
mod lend;
mod local;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod scope;
mod tasks;

pub use handle::{ScopedHandle, ScopedJoin};
pub use local::{LocalScope, scope_local};
pub use scope::{Scope, scope};
