//! Many tasks that are waited for together.

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod batch;
mod gather;

pub use batch::{Batch, JoinAll, JoinEach, batch_pairs};
#[doc(hidden)]
pub use gather::Gather;
