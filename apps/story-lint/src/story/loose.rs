//! Files that are given one by one, and standard input.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::given::GivenPath;
use super::names::{is_entry, normalise, shown};
use super::natural::natural_cmp;
use super::walk::STORY_FILE;
use super::{FileEntry, StoryPlan};
use crate::config::{ConfigLoader, FILE_NAMES};
use crate::engine::Problem;
use crate::rule::Severity;
use crate::source::{ReadError, decode};

/// What standard input is called where no name is given for it.
const STDIN: &str = "<stdin>";

/// Finds the story of files given one by one.
#[derive(Debug, Default)]
pub(super) struct Homes {
    /// Whether a folder is a story's.
    known: HashMap<PathBuf, bool>,
}

impl Homes {
    /// The stories of the given files, each with just those.
    pub(super) fn stories(
        &mut self,
        files: &[GivenPath],
        loader: &mut ConfigLoader,
    ) -> Vec<StoryPlan> {
        let mut stories: BTreeMap<PathBuf, StoryPlan> = BTreeMap::new();
        for file in files {
            let plan = self.story(&file.disk, file.disk.clone(), loader);
            let mut plan = plan.with_files(|entry| entry.size = file.size);
            match stories.get_mut(&plan.root) {
                Some(known) => {
                    known.files.append(&mut plan.files);
                    if natural_cmp(&plan.name, &known.name).is_lt() {
                        known.name = plan.name;
                    }
                }
                None => {
                    stories.insert(plan.root.clone(), plan);
                }
            }
        }
        let mut stories: Vec<StoryPlan> = stories.into_values().collect();
        for story in &mut stories {
            story.files.sort_by(|a, b| natural_cmp(&a.relative, &b.relative));
        }
        stories
    }

    /// The story of standard input, read to its end.
    ///
    /// # Errors
    /// A problem that says why the text cannot be used.
    pub(super) fn stdin(
        &mut self,
        filename: Option<&Path>,
        stdin: &mut dyn Read,
        loader: &mut ConfigLoader,
    ) -> Result<StoryPlan, Problem> {
        let name = filename.map_or_else(|| PathBuf::from(STDIN), normalise);
        let plan = self.story(&name, name.clone(), loader);
        let text = read_text(stdin, plan.settings.max_file_size).map_err(|error| Problem {
            path: shown(&name),
            severity: Severity::Error,
            message: error.to_string(),
        })?;
        let text: Arc<str> = text.into();
        Ok(plan.with_files(|entry| {
            entry.size = text.len() as u64;
            entry.text = Some(Arc::clone(&text));
        }))
    }

    /// A story that holds the one file shown as `path`; the file need not be there.
    fn story(&mut self, path: &Path, disk: PathBuf, loader: &mut ConfigLoader) -> StoryPlan {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = real_folder(parent.unwrap_or(Path::new(".")));
        let home = folder.ancestors().find(|above| self.is_story(above)).unwrap_or(&folder);
        let name = path.file_name().unwrap_or(path.as_os_str());
        let below = folder.strip_prefix(home).unwrap_or(Path::new(""));
        let entry = FileEntry {
            disk,
            path: shown(path),
            relative: shown(&below.join(name)),
            size: 0,
            text: None,
        };
        StoryPlan {
            root: home.to_owned(),
            name: shown_home(parent, below.components().count(), home),
            files: vec![entry],
            partial: true,
            settings: loader.load(home).settings,
        }
    }

    fn is_story(&mut self, folder: &Path) -> bool {
        if let Some(&known) = self.known.get(folder) {
            return known;
        }
        let declared = || {
            let mut names = FILE_NAMES.into_iter().chain([STORY_FILE]);
            names.any(|name| folder.join(name).is_file())
        };
        let has_entry = || {
            let entries = folder.read_dir().into_iter().flatten().flatten();
            entries
                .filter(|entry| is_entry(&entry.file_name().to_string_lossy()))
                .any(|entry| entry.path().is_file())
        };
        let is_story = declared() || has_entry();
        self.known.insert(folder.to_owned(), is_story);
        is_story
    }
}

impl StoryPlan {
    /// Changes the files.
    fn with_files(mut self, change: impl FnMut(&mut FileEntry)) -> Self {
        self.files.iter_mut().for_each(change);
        self
    }
}

/// The real path of a folder, as far as it is there.
fn real_folder(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    for above in absolute.ancestors() {
        if let Ok(real) = above.canonicalize() {
            return real.join(absolute.strip_prefix(above).unwrap_or(Path::new("")));
        }
    }
    absolute
}

/// How to show a story's folder that lies `levels` above the folder of a given file.
fn shown_home(folder: Option<&Path>, levels: usize, home: &Path) -> String {
    let mut name = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    for _ in 0..levels {
        let ends_in_name = name.file_name().is_some();
        if !(ends_in_name && name.pop()) {
            name.push("..");
        }
    }
    let name = normalise(&name);
    // Behind links, going up by name leads elsewhere.
    let is_home = name.canonicalize().map_or(levels == 0, |real| real == home);
    shown(if is_home { &name } else { home })
}

fn read_text(input: &mut dyn Read, limit: u64) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    let read = input.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|source| ReadError::Io { path: PathBuf::from(STDIN), source })?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { size: bytes.len() as u64, limit });
    }
    decode(bytes)
}
