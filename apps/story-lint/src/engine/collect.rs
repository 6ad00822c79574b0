use std::sync::Arc;

use gonex::TaskError;

use super::job::{CheckJob, Checked, Done, Failure, Job, Prepared, Read};
use super::report::{Problem, Stats, StoryReport, ValidatorOutcome, ValidatorStatus};
use crate::config::Level;
use crate::finding::{Finding, Suppression, apply, stamp};
use crate::rule::{Rule, Severity};
use crate::source::SourceFile;
use crate::story::FileId;
use crate::validator::{AnyValidator, Erased, FileFacts};

/// A story on its way through the phases.
pub(super) struct StoryRun {
    pub(super) story: Arc<Prepared>,
    files: Vec<Option<Arc<SourceFile>>>,
    /// Of each validator, how it fares.
    tracks: Vec<Track>,
    findings: Vec<Finding>,
    suppressions: Vec<Suppression>,
    problems: Vec<Problem>,
}

/// How a validator fares with a story.
enum Track {
    /// All its rules are off.
    Idle,
    /// It goes on; with the facts of the files so far.
    Running(Vec<FileFacts<Erased>>),
    /// Its check is under way.
    Awaited,
    Completed,
    Failed(Failure),
}

impl StoryRun {
    pub(super) fn new(story: Arc<Prepared>) -> Self {
        let tracks = story.states.iter().map(|state| match state {
            None => Track::Idle,
            Some(Ok(_)) => Track::Running(Vec::new()),
            Some(Err(failure)) => Track::Failed(failure.clone()),
        });
        Self {
            tracks: tracks.collect(),
            files: vec![None; story.plan.files.len()],
            story,
            findings: Vec::new(),
            suppressions: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn file_ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.story.plan.files.len())
            .map(|index| FileId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// Takes what reading a file gave; called in the order of files.
    pub(super) fn take_file(&mut self, file: FileId, result: Result<Done, TaskError>) {
        match result {
            Ok(Done::Read(read)) => self.take_read(file, read),
            Ok(Done::Prepared(_) | Done::Checked(_)) => {}
            Err(error) => self.problem(
                file,
                format!("this program failed on the file, please report it: {error}"),
            ),
        }
    }

    fn take_read(&mut self, file: FileId, read: Read) {
        match read.source {
            Ok(source) => self.files[file.index()] = Some(source),
            Err(error) => self.problem(file, error.to_string()),
        }
        self.findings.extend(read.findings);
        self.suppressions.extend(read.suppressions);
        for (track, facts) in self.tracks.iter_mut().zip(read.facts) {
            match (&mut *track, facts) {
                (Track::Running(all), Some(Ok(facts))) => all.push(FileFacts { file, facts }),
                (Track::Running(_), Some(Err(failure))) => *track = Track::Failed(failure),
                _ => {}
            }
        }
    }

    fn problem(&mut self, file: FileId, message: String) {
        let path = self.story.plan.files[file.index()].path.clone();
        self.problems.push(Problem { path, severity: Severity::Error, message });
    }

    /// Whether files of the story are missing here, because they were not given or not readable.
    fn is_partial(&self) -> bool {
        self.story.plan.partial || self.files.iter().any(Option::is_none)
    }

    /// The checks that are to be run now, one for each validator that still goes on.
    pub(super) fn check_jobs(&mut self) -> Vec<Job> {
        let files: Arc<[_]> = self.files.clone().into();
        let names = self.story.plan.files.iter().map(|file| file.relative.clone());
        let relative: Arc<[String]> = names.collect();
        let partial = self.is_partial();
        let mut jobs = Vec::new();
        for (validator, track) in self.tracks.iter_mut().enumerate() {
            if let Track::Running(facts) = track {
                jobs.push(Job::Check(Box::new(CheckJob {
                    story: self.story.clone(),
                    validator,
                    files: files.clone(),
                    relative: relative.clone(),
                    partial,
                    facts: std::mem::take(facts),
                })));
                *track = Track::Awaited;
            }
        }
        jobs
    }

    /// The validators whose check is under way, in order.
    pub(super) fn awaited(&self) -> Vec<usize> {
        let tracks = self.tracks.iter().enumerate();
        tracks.filter(|(_, track)| matches!(track, Track::Awaited)).map(|(v, _)| v).collect()
    }

    pub(super) fn take_checked(&mut self, validator: usize, checked: Checked) {
        self.findings.extend(checked.findings);
        self.tracks[validator] = match checked.failure {
            None => Track::Completed,
            Some(failure) => Track::Failed(failure),
        };
    }

    /// Puts everything in its final order.
    pub(super) fn collect(
        self,
        validators: &[Box<dyn AnyValidator>],
        problems: &mut Vec<Problem>,
        stats: &mut Stats,
    ) -> StoryReport {
        let whole = !self.is_partial();
        let plan = &self.story.plan;
        let settings = plan.settings.clone();
        let mut findings = self.findings;
        findings.retain(|finding| settings.is_on(finding.rule));
        findings.sort_by(Finding::order);
        findings.dedup();

        // A suppression of a rule that has not had its say is not called unused.
        let is_active = |rule: &Rule| {
            let owner = validators.iter().position(|v| v.rules().contains(&rule));
            let spoke = owner.is_none_or(|v| matches!(self.tracks[v], Track::Completed) && whole);
            settings.is_on(rule) && spoke
        };
        let mut applied = apply(findings, self.suppressions, &is_active);
        applied.kept.sort_by(Finding::order);
        stamp(&mut applied.kept, |finding| {
            self.files.get(finding.at.file.index()).and_then(|file| file.as_deref())
        });

        stats.files += self.files.iter().flatten().count();
        stats.bytes += self.files.iter().flatten().map(|file| file.text.len() as u64).sum::<u64>();
        problems.extend(self.problems);
        let statuses = validators.iter().zip(self.tracks).filter_map(|(validator, track)| {
            let outcome = match track {
                Track::Idle => return None,
                Track::Failed(Failure { step, file, message }) => {
                    let file = file.map(|file| plan.files[file.index()].path.clone());
                    ValidatorOutcome::Failed { step, file, message }
                }
                Track::Completed | Track::Running(_) | Track::Awaited => {
                    ValidatorOutcome::Completed
                }
            };
            Some(ValidatorStatus { name: validator.name(), outcome })
        });
        let validators = statuses.collect();
        StoryReport {
            name: plan.name.clone(),
            settings: settings.clone(),
            validators,
            files: self.files,
            findings: applied.kept,
            suppressed: applied.suppressed,
            baselined: 0,
        }
    }
}

impl crate::config::Settings {
    /// Whether a rule reports under these settings.
    pub(crate) fn is_on(&self, rule: &Rule) -> bool {
        self.level(rule) != Level::Off
    }
}
