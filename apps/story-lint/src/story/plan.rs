use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Settings;

/// A file of a story, by its place in [`StoryPlan::files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// The id as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A story that was found and is yet to be read.
#[derive(Clone, Debug)]
pub struct StoryPlan {
    /// Its folder on disk; for standard input, the current folder.
    pub root: PathBuf,
    /// Its folder as shown to people: what the user gave, joined with what was found below it.
    pub name: String,
    /// Its Markdown files in reading order, which is [natural](super::natural_cmp) by relative
    /// path.
    pub files: Vec<FileEntry>,
    /// Whether only some of the story's files are here, because files and not its folder were
    /// given. Rules that need all of it stay silent then.
    pub partial: bool,
    /// Its configuration.
    pub settings: Arc<Settings>,
}

/// A file that was found and is yet to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Where it is on disk.
    pub disk: PathBuf,
    /// The path as shown to people, with forward slashes.
    pub path: String,
    /// The path below the story's folder, with forward slashes.
    pub relative: String,
    /// Its size in bytes as the folder says it; an estimate of the work it makes.
    pub size: u64,
    /// Text that stands in for the file on disk: standard input.
    pub text: Option<Arc<str>>,
}
