//! Tasks with one owner: they start one by one, run in one context, and end with it.

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod group;
mod join;
mod shared;
mod spawn;
mod try_group;

pub use group::{Group, OnFailure};
pub use join::{GroupNext, GroupWait, GroupWaitEach};
pub use spawn::GroupSpawn;
pub use try_group::{TryGroup, TryGroupWait};
