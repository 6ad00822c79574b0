use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

/// What stands at a path on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OnDisk {
    /// A file or folder of that very name.
    Found,
    /// Only a name that differs in upper and lower case.
    OtherCase(String),
    /// Nothing; with the names that stand in its folder.
    Missing,
}

/// Looks for files outside the list of the story's Markdown files, each folder read once.
#[derive(Debug, Default)]
pub(super) struct Disk {
    folders: FxHashMap<PathBuf, Option<Folder>>,
}

/// The names in a folder, in order.
#[derive(Debug)]
struct Folder {
    names: Vec<String>,
    /// The first name, by its index, of each lower-case form.
    lower: FxHashMap<String, usize>,
}

impl Disk {
    /// Folders with more entries than this are asked for the one name only.
    const MOST_ENTRIES: usize = 20_000;

    pub(super) fn look(&mut self, path: &Path) -> OnDisk {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
        else {
            // A path that ends in `..` names a folder: only whether it exists can be asked.
            return exists(path);
        };
        let Some(folder) = self.folder(parent) else { return exists(path) };
        if folder.names.binary_search_by(|other| other.as_str().cmp(name)).is_ok() {
            return OnDisk::Found;
        }
        match folder.lower.get(&name.to_lowercase()) {
            Some(&other) => OnDisk::OtherCase(folder.names[other].clone()),
            // The system may know one name in several spellings, as with accents.
            None => exists(path),
        }
    }

    /// The names in a folder; `None` if they cannot be listed.
    pub(super) fn names(&mut self, folder: &Path) -> Option<&[String]> {
        self.folder(folder).map(|folder| folder.names.as_slice())
    }

    fn folder(&mut self, folder: &Path) -> Option<&Folder> {
        let folder = self.folders.entry(folder.to_owned()).or_insert_with(|| {
            let entries = std::fs::read_dir(folder).ok()?;
            let mut names = Vec::new();
            for entry in entries {
                if names.len() == Self::MOST_ENTRIES {
                    return None;
                }
                if let Ok(name) = entry.ok()?.file_name().into_string() {
                    names.push(name);
                }
            }
            // The order in which a system lists them must not show.
            names.sort_unstable();
            let mut lower = FxHashMap::default();
            for (index, name) in names.iter().enumerate() {
                lower.entry(name.to_lowercase()).or_insert(index);
            }
            Some(Folder { names, lower })
        });
        folder.as_ref()
    }
}

fn exists(path: &Path) -> OnDisk {
    match path.try_exists() {
        Ok(false) => OnDisk::Missing,
        // What may not be looked at is not called missing.
        Ok(true) | Err(_) => OnDisk::Found,
    }
}
