//! What a story is: its folder, its files in reading order, and its settings.

mod discover;
mod folder;
mod given;
mod loose;
mod names;
mod natural;
mod plan;
mod roots;
mod walk;

pub use discover::{DiscoverError, Discovery, Inputs, discover};
pub use natural::natural_cmp;
pub use plan::{FileEntry, FileId, StoryPlan};
pub(crate) use walk::STORY_FILE;
