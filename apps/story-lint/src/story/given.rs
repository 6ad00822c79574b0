use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::names::{normalise, shown};
use super::natural::natural_cmp;
use crate::engine::Problem;
use crate::rule::Severity;

/// The given paths, sorted out: each once, independent of their order.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) folders: Vec<GivenPath>,
    pub(super) files: Vec<GivenPath>,
    pub(super) stdin: bool,
    pub(super) problems: Vec<Problem>,
}

/// A path that is there.
#[derive(Clone, Debug)]
pub(super) struct GivenPath {
    /// As shown to people.
    pub(super) shown: String,
    /// As given, less what says nothing.
    pub(super) disk: PathBuf,
    /// What it is behind all links.
    pub(super) real: PathBuf,
    pub(super) size: u64,
}

/// Sorts the given paths out; none stand for the current folder.
pub(super) fn sort_out(paths: &[PathBuf]) -> Given {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut given = Given::default();
    let (mut folders, mut files) = (HashMap::new(), HashMap::new());
    for path in paths {
        if path.as_os_str() == "-" {
            given.stdin = true;
            continue;
        }
        let disk = if path.as_os_str().is_empty() { path.clone() } else { normalise(path) };
        match disk.metadata().and_then(|metadata| Ok((metadata, disk.canonicalize()?))) {
            Ok((metadata, real)) => {
                let (of, size) = if metadata.is_dir() {
                    (&mut folders, 0)
                } else {
                    (&mut files, metadata.len())
                };
                keep_first(of, GivenPath { shown: shown(&disk), disk, real, size });
            }
            Err(error) => given.problems.push(missing(&disk, &error)),
        }
    }
    given.folders = folders.into_values().collect();
    given.files = files.into_values().collect();
    for list in [&mut given.folders, &mut given.files] {
        list.sort_by(|a, b| natural_cmp(&a.shown, &b.shown));
    }
    given
}

/// Keeps, of several names for one thing, the naturally first.
fn keep_first(known: &mut HashMap<PathBuf, GivenPath>, path: GivenPath) {
    match known.get(&path.real) {
        Some(other) if natural_cmp(&other.shown, &path.shown).is_le() => {}
        _ => {
            known.insert(path.real.clone(), path);
        }
    }
}

fn missing(path: &Path, error: &std::io::Error) -> Problem {
    let message = match error.kind() {
        std::io::ErrorKind::NotFound if path.is_symlink() => {
            "the link leads nowhere; mend it or give another path".to_owned()
        }
        std::io::ErrorKind::NotFound => {
            "there is no such file or folder; look at the spelling and the current folder"
                .to_owned()
        }
        _ => format!("cannot read: {error}"),
    };
    let path = if path.as_os_str().is_empty() { "\"\"".to_owned() } else { shown(path) };
    Problem { path, severity: Severity::Error, message }
}
