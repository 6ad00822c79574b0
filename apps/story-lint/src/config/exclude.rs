use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns of files to leave out, as in a `.gitignore`.
///
/// Patterns of a file count from that file's folder, those of the command line from the current
/// one, and have the last word.
///
/// ```
/// use std::path::Path;
/// use story_lint::config::Exclude;
/// let exclude = Exclude::default().with("/book", ["drafts/", "!keep.md"]).unwrap();
/// assert!(exclude.matches(Path::new("/book/part-1/drafts/a.md"), Path::new("")));
/// assert!(!exclude.matches(Path::new("/book/a.md"), Path::new("a.md")));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Exclude {
    layers: Vec<(PathBuf, Gitignore)>,
}

impl Exclude {
    /// Adds patterns that count from the folder `base` and overrule those before.
    ///
    /// # Errors
    /// The index of the first pattern that is none, and what is wrong with it.
    pub fn with<S: AsRef<str>>(
        mut self,
        base: impl Into<PathBuf>,
        patterns: impl IntoIterator<Item = S>,
    ) -> Result<Self, (usize, String)> {
        let mut builder = GitignoreBuilder::new("");
        let mut count = 0;
        for pattern in patterns {
            let added = builder.add_line(None, pattern.as_ref());
            added.map_err(|error| (count, plain(&error)))?;
            count += 1;
        }
        if count > 0 {
            let matcher = builder.build().map_err(|error| (0, plain(&error)))?;
            self.layers.push((base.into(), matcher));
        }
        Ok(self)
    }

    /// Whether a file is left out.
    ///
    /// `disk` is its real path; `relative`, its path below the story's folder, stands in where
    /// the file is not below the folder that the patterns count from.
    #[must_use]
    pub fn matches(&self, disk: &Path, relative: &Path) -> bool {
        for (base, matcher) in self.layers.iter().rev() {
            let path = disk.strip_prefix(base).unwrap_or(relative);
            if path.has_root() || path.as_os_str().is_empty() {
                continue;
            }
            match matcher.matched_path_or_any_parents(path, false) {
                Match::None => {}
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
            }
        }
        false
    }
}

/// The error without the place it gives itself: it knows only lines of a `.gitignore`.
fn plain(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { glob: Some(glob), err } => {
            format!("`{glob}` is no pattern: {err}")
        }
        ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithPath { err, .. } => {
            plain(err)
        }
        other => other.to_string(),
    }
}

/// Checks a pattern and gives it back.
///
/// # Errors
/// Says what is wrong with it.
///
/// ```
/// use story_lint::config::parse_pattern;
/// assert_eq!(parse_pattern("drafts/").as_deref(), Ok("drafts/"));
/// assert!(parse_pattern("[z-a]").is_err());
/// ```
pub fn parse_pattern(pattern: &str) -> Result<String, String> {
    match Exclude::default().with("", [pattern]) {
        Ok(_) => Ok(pattern.to_owned()),
        Err((_, message)) => Err(message),
    }
}
