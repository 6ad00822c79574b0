//! Many tasks that are waited for together.

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod batch;
mod collect;
mod gather;

pub use batch::{Batch, JoinAll, JoinEach, batch_pairs};
pub use collect::{Collect, Member};
#[doc(hidden)]
pub use gather::Gather;
