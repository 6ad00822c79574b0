//! The tasks of a run: preparing a story, reading a file, checking a story with one validator.

use std::any::Any;
use std::sync::Arc;

use gonex::TaskError;

use super::report::{Progress, Step};
use crate::document;
use crate::finding::{Finding, Report, Suppression, suppressions};
use crate::source::{ReadError, SourceFile};
use crate::story::{FileId, StoryPlan};
use crate::validator::{AnyValidator, Erased, FileFacts, Piece, StoryView, ValidatorError};

pub(super) type State = Arc<dyn Any + Send + Sync>;

/// What every task of the pool works with.
pub(super) struct Workshop {
    pub(super) validators: Vec<Box<dyn AnyValidator>>,
    pub(super) progress: Arc<dyn Progress>,
}

/// A story whose validators are prepared.
pub(super) struct Prepared {
    pub(super) plan: StoryPlan,
    /// Of each validator: `None` if all its rules are off, else its state or why it has none.
    pub(super) states: Vec<Option<Result<State, Failure>>>,
}

/// A step of a validator that failed or panicked.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) step: Step,
    pub(super) file: Option<FileId>,
    pub(super) message: String,
}

pub(super) enum Job {
    Prepare(StoryPlan),
    Read { story: Arc<Prepared>, file: FileId },
    Check(Box<CheckJob>),
}

/// One validator over one story.
pub(super) struct CheckJob {
    pub(super) story: Arc<Prepared>,
    pub(super) validator: usize,
    pub(super) files: Arc<[Option<Arc<SourceFile>>]>,
    pub(super) relative: Arc<[String]>,
    pub(super) partial: bool,
    pub(super) facts: Vec<FileFacts<Erased>>,
}

pub(super) enum Done {
    Prepared(Prepared),
    Read(Read),
    Checked(Checked),
}

/// What reading a file gave.
pub(super) struct Read {
    pub(super) source: Result<Arc<SourceFile>, ReadError>,
    /// Of each validator; `None` if it does not run.
    pub(super) facts: Vec<Option<Result<Erased, Failure>>>,
    pub(super) findings: Vec<Finding>,
    pub(super) suppressions: Vec<Suppression>,
}

/// What checking a story with one validator gave.
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    pub(super) failure: Option<Failure>,
}

impl Workshop {
    pub(super) fn run(&self, job: Job) -> Done {
        match job {
            Job::Prepare(plan) => Done::Prepared(self.prepare(plan)),
            Job::Read { story, file } => {
                let read = self.read(&story, file);
                self.progress.file_done();
                Done::Read(read)
            }
            Job::Check(job) => Done::Checked(self.check(*job)),
        }
    }

    fn prepare(&self, plan: StoryPlan) -> Prepared {
        let settings = &plan.settings;
        let states = self.validators.iter().map(|validator| {
            let is_wanted = validator.rules().iter().any(|rule| settings.is_on(rule));
            is_wanted.then(|| {
                attempt(Step::Initialise, None, || validator.initialise(settings)).map(State::from)
            })
        });
        let states = states.collect();
        Prepared { plan, states }
    }

    fn read(&self, story: &Prepared, file: FileId) -> Read {
        let plan = &story.plan;
        let entry = &plan.files[file.index()];
        let (path, relative) = (entry.path.clone(), entry.relative.clone());
        let source = match &entry.text {
            Some(text) => Ok(SourceFile::new(path, relative, &**text)),
            None => SourceFile::read(&entry.disk, path, relative, plan.settings.max_file_size),
        };
        let source = match source {
            Ok(source) => Arc::new(source),
            Err(error) => return Read::unread(error),
        };
        let document = document::parse(&source.text);
        let piece = Piece::whole(file, &source, &document, &plan.settings);
        let mut report = Report::default();
        let facts = self.validators.iter().zip(&story.states).map(|(validator, state)| {
            let state = state.as_ref()?.as_ref().ok()?;
            Some(attempt(Step::Facts, Some(file), || {
                validator.facts(&**state, &piece, &mut report)
            }))
        });
        let facts = facts.collect();
        let suppressions = suppressions(file, &source, &document, &mut report);
        Read { source: Ok(source), facts, findings: report.into_findings(), suppressions }
    }

    fn check(&self, job: CheckJob) -> Checked {
        let validator = &self.validators[job.validator];
        let mut report = Report::default();
        let plan = &job.story.plan;
        let view = StoryView {
            root: &plan.root,
            files: &job.files,
            relative: &job.relative,
            partial: job.partial,
            settings: &plan.settings,
        };
        let failure = match &job.story.states[job.validator] {
            Some(Ok(state)) => attempt(Step::Check, None, || {
                validator.check(&**state, &view, job.facts, &mut report)
            })
            .and_then(|()| attempt(Step::Finalise, None, || validator.finalise(&**state)))
            .err(),
            Some(Err(failure)) => Some(failure.clone()),
            None => None,
        };
        Checked { findings: report.into_findings(), failure }
    }
}

impl Read {
    fn unread(error: ReadError) -> Self {
        Self {
            source: Err(error),
            facts: Vec::new(),
            findings: Vec::new(),
            suppressions: Vec::new(),
        }
    }
}

/// Runs a step of a validator. An error and a panic become the same.
pub(super) fn attempt<T>(
    step: Step,
    file: Option<FileId>,
    body: impl FnOnce() -> Result<T, ValidatorError>,
) -> Result<T, Failure> {
    let failed = |message| Failure { step, file, message };
    match gonex::isolate(step.as_str(), body) {
        Ok(result) => result.map_err(|error| failed(error.to_string())),
        Err(TaskError::Panicked(panic)) => Err(failed(match panic.place {
            Some(place) => format!("panicked at {place}: {}", panic.message),
            None => format!("panicked: {}", panic.message),
        })),
        Err(error) => Err(failed(error.to_string())),
    }
}
