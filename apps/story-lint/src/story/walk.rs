use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, Error, WalkBuilder};

use super::names::{is_markdown, shown};
use crate::config::FILE_NAMES;
use crate::rule::Severity;

/// The file that declares a story.
pub(crate) const STORY_FILE: &str = "story.toml";
const IGNORE_FILE: &str = ".story-lint-ignore";

/// What lies below a given folder. Paths count from it and are written with slashes.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) files: Vec<WalkedFile>,
    pub(super) markers: BTreeMap<String, Markers>,
    pub(super) troubles: Vec<Trouble>,
}

/// A Markdown file.
#[derive(Clone, Debug)]
pub(super) struct WalkedFile {
    pub(super) relative: String,
    pub(super) disk: PathBuf,
    /// The file that `disk` is, whatever links lead to it.
    pub(super) real: PathBuf,
    pub(super) size: u64,
}

/// Files that make a folder a story.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Markers {
    pub(super) story: bool,
    pub(super) config: bool,
}

/// Something that could not be walked.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) relative: String,
    pub(super) severity: Severity,
    pub(super) message: String,
}

/// Walks the folder `given`.
pub(super) fn walk(given: &Path) -> Walked {
    let mut walker = WalkBuilder::new(given);
    walker
        .follow_links(true)
        .require_git(false)
        .ignore(false)
        // Hidden files are filtered below: `.story-lint.toml` is one of them.
        .hidden(false)
        .add_custom_ignore_filename(IGNORE_FILE)
        .filter_entry(|entry| entry.depth() == 0 || is_of_interest(entry.file_name()));
    let mut walked = Walked::default();
    let mut real = RealPaths::default();
    for entry in walker.build() {
        match entry {
            Ok(entry) => take(&entry, given, &mut real, &mut walked),
            Err(error) => walked.troubles.extend(trouble(&error, given)),
        }
    }
    walked
}

fn is_of_interest(name: &OsStr) -> bool {
    !is_hidden(name) || FILE_NAMES.iter().any(|known| name == *known)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn take(entry: &DirEntry, given: &Path, real: &mut RealPaths, walked: &mut Walked) {
    let path = entry.path();
    let relative = below(path, given);
    if let Some(error) = entry.error() {
        bad_patterns(error, given, path, None, &mut walked.troubles);
    }
    let kind = entry.file_type();
    if kind.is_none_or(|kind| kind.is_dir()) {
        return;
    }
    let name = entry.file_name().to_string_lossy();
    let is_file = kind.is_some_and(|kind| kind.is_file());
    if let Some(folder) = relative.strip_suffix(&*name).filter(|_| is_file) {
        let markers = || folder.strip_suffix('/').unwrap_or(folder).to_owned();
        if name == STORY_FILE {
            walked.markers.entry(markers()).or_default().story = true;
        } else if FILE_NAMES.contains(&&*name) {
            walked.markers.entry(markers()).or_default().config = true;
        }
    }
    if !is_markdown(&name) || is_hidden(entry.file_name()) {
        return;
    }
    if !is_file {
        // Opening a named pipe would wait for its other end.
        let message = "is no regular file, though its name says Markdown; rename it, or list it in \
                       .story-lint-ignore";
        walked.troubles.push(Trouble {
            relative,
            severity: Severity::Error,
            message: message.to_owned(),
        });
        return;
    }
    let disk = path.to_owned();
    let real = real.of(path, entry.path_is_symlink());
    let size = entry.metadata().map_or(0, |metadata| metadata.len());
    walked.files.push(WalkedFile { relative, disk, real, size });
}

fn below(path: &Path, given: &Path) -> String {
    shown(path.strip_prefix(given).unwrap_or(path))
}

fn trouble(error: &Error, given: &Path) -> Option<Trouble> {
    if let Some((ancestor, child)) = as_loop(error) {
        let target = below(ancestor, given);
        let target =
            if target.is_empty() { "the given folder".to_owned() } else { format!("`{target}`") };
        return Some(Trouble {
            relative: below(child, given),
            severity: Severity::Warning,
            message: format!("the link leads back to {target}, which holds it; it is not followed"),
        });
    }
    let path = path_of(error)?;
    let name = path.file_name()?;
    let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    // Editors mark open files with hidden links to nowhere.
    if is_hidden(name) && path != given || is_link && !is_markdown(&name.to_string_lossy()) {
        return None;
    }
    let message = match error.io_error() {
        Some(io) if is_link && io.kind() == std::io::ErrorKind::NotFound => {
            "cannot read the file: the link leads nowhere".to_owned()
        }
        Some(io) if is_link => format!("cannot read the file behind the link: {io}"),
        Some(io) => format!("cannot read: {io}"),
        None => error.to_string(),
    };
    Some(Trouble { relative: below(path, given), severity: Severity::Error, message })
}

/// Tells of patterns in ignore files that are none; what they were to hide is checked.
fn bad_patterns(
    error: &Error,
    given: &Path,
    file: &Path,
    line: Option<u64>,
    troubles: &mut Vec<Trouble>,
) {
    match error {
        Error::Partial(errors) => {
            for error in errors {
                bad_patterns(error, given, file, line, troubles);
            }
        }
        Error::WithPath { path, err } => bad_patterns(err, given, path, line, troubles),
        Error::WithLineNumber { line, err } => {
            bad_patterns(err, given, file, Some(*line), troubles);
        }
        Error::WithDepth { err, .. } => bad_patterns(err, given, file, line, troubles),
        other => {
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            let what = match other {
                Error::Glob { glob: Some(glob), err } => format!("`{glob}` is no pattern: {err}"),
                other => other.to_string(),
            };
            troubles.push(Trouble {
                relative: below(file, given),
                severity: Severity::Warning,
                message: format!("{place}{what}; it hides nothing"),
            });
        }
    }
}

fn as_loop(error: &Error) -> Option<(&Path, &Path)> {
    match error {
        Error::Loop { ancestor, child } => Some((ancestor, child)),
        Error::WithPath { err, .. } | Error::WithDepth { err, .. } => as_loop(err),
        _ => None,
    }
}

fn path_of(error: &Error) -> Option<&Path> {
    match error {
        Error::WithPath { path, .. } => Some(path),
        Error::WithDepth { err, .. } => path_of(err),
        _ => None,
    }
}

/// Real paths, with one question to the system per folder instead of one per file.
#[derive(Debug, Default)]
struct RealPaths {
    folders: HashMap<PathBuf, PathBuf>,
}

impl RealPaths {
    fn of(&mut self, path: &Path, is_link: bool) -> PathBuf {
        let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let (Some(folder), Some(name), false) = (path.parent(), path.file_name(), is_link) else {
            return canonical(path);
        };
        if let Some(real) = self.folders.get(folder) {
            return real.join(name);
        }
        let real = canonical(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        let path = real.join(name);
        self.folders.insert(folder.to_owned(), real);
        path
    }
}
