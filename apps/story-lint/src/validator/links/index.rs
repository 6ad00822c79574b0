use rustc_hash::{FxHashMap, FxHashSet};

use crate::story::FileId;
use crate::validator::names;

/// The story's files and folders by path.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    files: FxHashMap<&'a str, FileId>,
    folders: FxHashSet<&'a str>,
    /// Paths by their lower-case form; the first of each in reading order.
    lower: FxHashMap<String, &'a str>,
    /// Paths by the name of the file; the first of each in order of bytes.
    names: FxHashMap<&'a str, &'a str>,
}

impl<'a> Index<'a> {
    pub(super) fn new(relative: &'a [String]) -> Self {
        let mut index = Self::default();
        for (id, path) in relative.iter().enumerate() {
            let id = FileId(u32::try_from(id).unwrap_or(u32::MAX));
            index.files.insert(path, id);
            index.lower.entry(path.to_lowercase()).or_insert(path);
            let named = index.names.entry(names::file_name(path)).or_insert(path);
            *named = (*named).min(path);
            let mut folder = names::folder(path);
            while !folder.is_empty() && index.folders.insert(folder) {
                index.lower.entry(folder.to_lowercase()).or_insert(folder);
                folder = names::folder(folder);
            }
        }
        index
    }

    pub(super) fn file(&self, path: &str) -> Option<FileId> {
        self.files.get(path).copied()
    }

    pub(super) fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.folders.contains(path)
    }

    /// The path that differs from this one in upper and lower case only.
    pub(super) fn other_case(&self, path: &str) -> Option<&'a str> {
        self.lower.get(&path.to_lowercase()).copied()
    }

    /// The path of a file of that name, in whatever folder.
    pub(super) fn named(&self, name: &str) -> Option<&'a str> {
        self.names.get(name).copied()
    }

    /// All files, in no order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.files.keys().copied()
    }
}
