//! The writer's own facts: what `story.toml` declares of people, places, words, plants and time.

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod bible;
mod read;

pub use bible::{Banned, Bible, Character, Place, Plant};
pub(crate) use read::read;
