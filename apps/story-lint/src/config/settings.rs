use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bible::Bible;
use crate::rule::{Rule, Severity};

/// What a story is checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Rules whose level differs from their own severity, by id.
    pub rules: BTreeMap<&'static str, Level>,
    /// Gitignore-style patterns of files to leave out, as [`Exclude`](super::Exclude) applied them
    /// when the files were found.
    pub exclude: Vec<String>,
    /// The largest file that is read, in bytes.
    pub max_file_size: u64,
    /// Which quotation marks open speech.
    pub quotes: Quotes,
    /// How the work is spread.
    pub parallel: Parallel,
    /// From which severity on findings make the command end with 1; `None` leaves it to the
    /// command line or the default, `error`.
    pub fail_on: Option<Severity>,
    /// What the story's own `story.toml` declares, if there is one.
    pub bible: Option<Arc<Bible>>,
}

impl Settings {
    /// The default of [`Settings::max_file_size`]: 64 MiB, about twenty times *War and Peace* in one
    /// file.
    pub const MAX_FILE_SIZE: u64 = 64 << 20;

    /// The level of a rule under these settings.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        self.rules.get(rule.id).copied().unwrap_or(Level::default_of(rule))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rules: BTreeMap::new(),
            exclude: Vec::new(),
            max_file_size: Self::MAX_FILE_SIZE,
            quotes: Quotes::default(),
            parallel: Parallel::default(),
            fail_on: None,
            bible: None,
        }
    }
}

/// Whether a rule reports, and how loudly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Not at all.
    Off,
    /// With this severity.
    On(Severity),
}

impl Level {
    /// The level of a rule where nothing is said.
    #[must_use]
    pub fn default_of(rule: &Rule) -> Self {
        if rule.off { Self::Off } else { Self::On(rule.severity) }
    }
}

/// Which quotation marks open speech.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quotes {
    /// Learned from each story.
    #[default]
    Auto,
    /// Double: “…” or "…".
    Double,
    /// Single, as often in Britain: ‘…’ or '…'.
    Single,
}

/// How the work is spread: the `[parallel]` table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parallel {
    /// What is one task.
    pub level: ParallelLevel,
    /// Threads; `None` follows the machine.
    pub max_workers: Option<std::num::NonZeroUsize>,
}

/// What is one task of the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ParallelLevel {
    /// A file.
    #[default]
    File,
}
