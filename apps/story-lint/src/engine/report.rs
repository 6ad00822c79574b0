use std::sync::Arc;
use std::time::Duration;

use gonex::RunMetrics;

use crate::config::Settings;
use crate::finding::{Finding, Location};
use crate::rule::Severity;
use crate::source::{Position, SourceFile};

/// All that a run has to say; independent of threads and of the order of inputs, but for
/// [`RunReport::stats`].
#[derive(Debug, Default)]
pub struct RunReport {
    /// The stories, in [natural](crate::story::natural_cmp) order of their names.
    pub stories: Vec<StoryReport>,
    /// What could not be checked, in order of path.
    pub problems: Vec<Problem>,
    /// What the run cost.
    pub stats: Stats,
}

impl RunReport {
    /// Whether something that was asked for was not checked: an unreadable file, or a validator
    /// that failed.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
            || self.stories.iter().any(|story| {
                story.validators.iter().any(|v| v.outcome != ValidatorOutcome::Completed)
            })
    }
}

/// What was found in one story.
#[derive(Debug)]
pub struct StoryReport {
    /// Its folder as shown to people.
    pub name: String,
    /// The settings it was checked with.
    pub settings: Arc<Settings>,
    /// Its files in reading order; `None` for one that could not be read.
    pub files: Vec<Option<Arc<SourceFile>>>,
    /// What was found and not suppressed, in order of file, place and rule, each once.
    pub findings: Vec<Finding>,
    /// How many findings were suppressed in the text.
    pub suppressed: usize,
    /// How many findings a baseline knows, and were left out for it.
    pub baselined: usize,
    /// How each validator fared, in the order of [`crate::validator::builtin`].
    pub validators: Vec<ValidatorStatus>,
}

impl StoryReport {
    /// The file and position of a place.
    ///
    /// # Panics
    /// If the place is not of this story.
    #[must_use]
    pub fn resolve(&self, at: Location) -> (&SourceFile, Position) {
        let file = self.files[at.file.index()].as_deref();
        let file = file.expect("a finding lies in a file that was read");
        (file, file.position(at.span.start))
    }

    /// The severity of a finding under the story's settings.
    #[must_use]
    pub fn severity(&self, finding: &Finding) -> Severity {
        match self.settings.level(finding.rule) {
            crate::config::Level::On(severity) => severity,
            crate::config::Level::Off => finding.rule.severity,
        }
    }
}

/// How a validator fared with a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorStatus {
    /// The validator.
    pub name: &'static str,
    /// How it ended. Whatever it was, findings made before are in the report.
    pub outcome: ValidatorOutcome,
}

/// How a validator ended. An error and a panic are told alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValidatorOutcome {
    /// All steps ran.
    Completed,
    /// A step failed or panicked.
    Failed {
        /// The step.
        step: Step,
        /// The file that step worked on, as shown to people, if it was one.
        file: Option<String>,
        /// The error's or the panic's message, with its place where it is known.
        message: String,
    },
}

/// The steps of a validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Preparing for a story.
    Initialise,
    /// Taking facts from a piece.
    Facts,
    /// Joining the facts of pieces.
    Merge,
    /// Checking the whole story.
    Check,
    /// Ending.
    Finalise,
}

impl Step {
    /// The step as a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initialise => "initialise",
            Self::Facts => "facts",
            Self::Merge => "merge",
            Self::Check => "check",
            Self::Finalise => "finalise",
        }
    }
}

/// Something outside the text that people must know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder, as shown to people.
    pub path: String,
    /// `Error` if something went unchecked because of it.
    pub severity: Severity,
    /// What is wrong and what would help, as a lowercase sentence without a full stop.
    pub message: String,
}

/// What a run cost.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Time from start to end of each phase, in order.
    pub phases: Vec<(Phase, Duration)>,
    /// Files read.
    pub files: usize,
    /// Bytes read.
    pub bytes: u64,
    /// How the pool fared in the parallel phases.
    pub parallel: RunMetrics,
}

/// The phases of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Finding stories, files and settings.
    Discover,
    /// Reading and parsing files and taking facts; parallel.
    Read,
    /// Checking stories; parallel.
    Check,
    /// Putting the findings in order.
    Collect,
}

impl Phase {
    /// The phase as a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Read => "read",
            Self::Check => "check",
            Self::Collect => "collect",
        }
    }
}

/// Is told how far a run is; called from any thread.
pub trait Progress: Send + Sync {
    /// So many files will be read.
    fn start(&self, files: u64);
    /// One more file has been read.
    fn file_done(&self);
    /// The run is over.
    fn finish(&self);
}
