use std::collections::{BTreeMap, HashMap};

use super::given::GivenPath;
use super::names::{ancestors, is_below, join, parent, resolve};
use super::natural::natural_cmp;
use super::roots::story_folders;
use super::walk::{WalkedFile, walk};
use super::{FileEntry, StoryPlan};
use crate::config::{ConfigLoader, Settings};
use crate::document::{Target, parse};
use crate::engine::Problem;
use crate::rule::Severity;
use crate::source::SourceFile;

/// A story found below a given folder, with what tells which of two finds of a file counts.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) plan: StoryPlan,
    /// The real path of each file of the plan.
    pub(super) real: Vec<std::path::PathBuf>,
    /// How many given folders hold the one it was found in.
    pub(super) nesting: usize,
}

/// Finds the stories below a given folder.
pub(super) fn stories_below(
    given: &GivenPath,
    nesting: usize,
    loader: &mut ConfigLoader,
    problems: &mut Vec<Problem>,
) -> Vec<Found> {
    let walked = walk(&given.disk);
    let by_path: HashMap<&str, &WalkedFile> =
        walked.files.iter().map(|file| (file.relative.as_str(), file)).collect();
    let paths: Vec<&str> = walked.files.iter().map(|file| file.relative.as_str()).collect();
    let mut links = |entry: &str| by_path.get(entry).map(|file| links_of(file)).unwrap_or_default();
    let folders = story_folders(&paths, &walked.markers, &mut links);
    let home = |path: &str| {
        ancestors(parent(path)).find_map(|folder| folders.get(folder)).map(String::as_str)
    };

    let mut stories: BTreeMap<&str, Found> = BTreeMap::new();
    let mut excludes = BTreeMap::new();
    let mut config_of = |folder: &str| {
        let config = excludes.entry(folder.to_owned());
        config.or_insert_with(|| loader.load(&given.real.join(folder))).clone()
    };
    for file in &walked.files {
        // Every file has a home: the topmost folder with Markdown is one.
        let Some(folder) = home(&file.relative) else { continue };
        let config = config_of(folder);
        let relative = within(&file.relative, folder);
        if config.exclude.matches(&file.real, relative.as_ref()) {
            continue;
        }
        let found = stories.entry(folder).or_insert_with(|| Found {
            plan: StoryPlan {
                root: given.real.join(folder),
                name: join(&given.shown, folder),
                files: Vec::new(),
                partial: false,
                settings: config.settings,
            },
            real: Vec::new(),
            nesting,
        });
        found.real.push(file.real.clone());
        found.plan.files.push(FileEntry {
            disk: file.disk.clone(),
            path: join(&given.shown, &file.relative),
            relative: relative.to_owned(),
            size: file.size,
            text: None,
        });
    }

    let mut unreadable = false;
    for trouble in walked.troubles {
        if let Some(folder) = home(&trouble.relative) {
            let real = given.real.join(&trouble.relative);
            let relative = within(&trouble.relative, folder);
            if config_of(folder).exclude.matches(&real, relative.as_ref()) {
                continue;
            }
        }
        unreadable |= trouble.severity == Severity::Error;
        problems.push(Problem {
            path: join(&given.shown, &trouble.relative),
            severity: trouble.severity,
            message: trouble.message,
        });
    }
    if stories.is_empty() && !unreadable {
        let hidden = if walked.files.is_empty() {
            "give another path, or look whether .gitignore or .story-lint-ignore hides them"
        } else {
            "`exclude` leaves all of them out"
        };
        problems.push(Problem {
            path: given.shown.clone(),
            severity: Severity::Error,
            message: format!("no Markdown files below it (.md, .markdown, .mdown); {hidden}"),
        });
    }
    stories.into_values().collect()
}

/// The part of a path behind a folder.
fn within<'a>(path: &'a str, folder: &str) -> &'a str {
    if folder.is_empty() || !is_below(path, folder) { path } else { &path[folder.len() + 1..] }
}

/// The paths that an entry file links to; none if it cannot be read, which checking it will tell.
fn links_of(file: &WalkedFile) -> Vec<String> {
    let read =
        SourceFile::read(&file.disk, String::new(), file.relative.clone(), Settings::MAX_FILE_SIZE);
    let Ok(source) = read else { return Vec::new() };
    let folder = parent(&file.relative);
    let links = parse(&source.text).links;
    let destinations = links.iter().filter_map(|link| match &link.target {
        Target::Destination(destination) => resolve(folder, destination),
        Target::Undefined(_) => None,
    });
    destinations.collect()
}

/// Takes each file out of all stories but one, and puts the files in order.
///
/// A folder given beside one that holds it adds only what is hidden from that one; otherwise the
/// naturally first name counts.
pub(super) fn each_file_once(stories: Vec<Found>) -> Vec<StoryPlan> {
    let mut keeper: HashMap<std::path::PathBuf, (usize, String)> = HashMap::new();
    for story in &stories {
        for (file, real) in story.plan.files.iter().zip(&story.real) {
            let is_better = |(nesting, path): &(usize, String)| {
                story.nesting.cmp(nesting).then_with(|| natural_cmp(&file.path, path)).is_lt()
            };
            if keeper.get(real).is_none_or(is_better) {
                keeper.insert(real.clone(), (story.nesting, file.path.clone()));
            }
        }
    }
    let mut plans = Vec::new();
    for Found { mut plan, real, nesting } in stories {
        let mut real = real.iter();
        plan.files.retain(|file| {
            let kept = real.next().and_then(|real| keeper.get(real));
            kept.is_some_and(|(at, path)| *at == nesting && *path == file.path)
        });
        plan.files.sort_by(|a, b| natural_cmp(&a.relative, &b.relative));
        if !plan.files.is_empty() {
            plans.push(plan);
        }
    }
    plans
}
