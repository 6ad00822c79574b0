use std::collections::HashSet;
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::StoryPlan;
use super::folder::{each_file_once, stories_below};
use super::given::sort_out;
use super::loose::Homes;
use super::natural::natural_cmp;
use crate::config::{ConfigError, ConfigLoader};
use crate::engine::Problem;

/// What to look for stories in.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Files, folders and `-` for standard input, in any order; none stand for the current folder.
    pub paths: Vec<PathBuf>,
    /// The path that stands for standard input: it gives it a name, a configuration and a story.
    pub stdin_filename: Option<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The stories, in natural order of their names.
    pub stories: Vec<StoryPlan>,
    /// What could not be reached, in natural order of path.
    pub problems: Vec<Problem>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why nothing can be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoverError {
    /// The configuration is wrong. Checking with half of it would mislead.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Finds the stories in the given paths.
///
/// A story is a folder that holds `story.toml` or a configuration file, or an entry file (README,
/// index or SUMMARY), or else the topmost folder with Markdown in it. A Markdown file belongs to
/// the nearest such folder above it, but not above the given one. A folder that is a story by its
/// entry file alone is a part of the story around it if that is declared by a `story.toml`, or if
/// its entry file links to a chapter in there. Files given one by one make partial stories.
///
/// The result does not depend on the order of the paths, nor on repetitions among them.
///
/// # Errors
/// All that is wrong in the configuration of any of the stories.
///
/// ```
/// use story_lint::config::{ConfigLoader, ConfigSource, Overrides};
/// use story_lint::story::{Inputs, discover};
///
/// let inputs = Inputs { paths: vec!["-".into()], stdin_filename: Some("book/ch1.md".into()) };
/// let loader = ConfigLoader::new(ConfigSource::Isolated, Overrides::default());
/// let found = discover(&inputs, &mut "# One\n".as_bytes(), loader).unwrap();
/// assert_eq!(found.stories[0].files[0].path, "book/ch1.md");
/// assert!(found.stories[0].partial);
/// ```
pub fn discover(
    inputs: &Inputs,
    stdin: &mut dyn Read,
    mut loader: ConfigLoader,
) -> Result<Discovery, DiscoverError> {
    let start = Instant::now();
    let given = sort_out(&inputs.paths);
    let mut problems = given.problems;

    let mut found = Vec::new();
    for folder in &given.folders {
        let nesting = given
            .folders
            .iter()
            .filter(|other| other.real != folder.real && folder.real.starts_with(&other.real))
            .count();
        found.extend(stories_below(folder, nesting, &mut loader, &mut problems));
    }
    let covered: HashSet<PathBuf> =
        found.iter().flat_map(|story| story.real.iter().cloned()).collect();
    let mut stories = each_file_once(found);

    let mut homes = Homes::default();
    let loose: Vec<_> =
        given.files.into_iter().filter(|file| !covered.contains(&file.real)).collect();
    stories.extend(homes.stories(&loose, &mut loader));
    if given.stdin {
        match homes.stdin(inputs.stdin_filename.as_deref(), stdin, &mut loader) {
            Ok(story) => stories.push(story),
            Err(problem) => problems.push(problem),
        }
    }
    loader.finish()?;

    stories.sort_by(|a, b| {
        let by_name = natural_cmp(&a.name, &b.name).then(a.partial.cmp(&b.partial));
        by_name.then_with(|| a.files.iter().map(|f| &f.path).cmp(b.files.iter().map(|f| &f.path)))
    });
    problems.sort_by(|a, b| natural_cmp(&a.path, &b.path).then_with(|| a.message.cmp(&b.message)));
    problems.dedup();
    Ok(Discovery { stories, problems, elapsed: start.elapsed() })
}
