//! Many tasks that are waited for together.

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod batch;
mod gather;

pub use batch::{Batch, JoinAll, JoinEach};
pub use gather::Gather;
