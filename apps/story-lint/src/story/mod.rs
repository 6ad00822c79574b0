//! What a story is: its folder, its files in reading order, and its settings.

mod discover;
mod natural;
mod plan;

pub use discover::{Discovery, DiscoverError, discover};
pub use natural::natural_cmp;
pub use plan::{FileEntry, FileId, StoryPlan};
