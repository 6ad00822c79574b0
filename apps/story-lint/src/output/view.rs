use std::collections::BTreeSet;
use std::fmt;

use super::text::{BOLD, count, printable};
use crate::engine::{RunReport, Step, StoryReport, ValidatorOutcome};
use crate::finding::{Finding, Location};
use crate::rule::Severity;
use crate::source::{Position, SourceFile, Span};

/// A result, and what matters in showing it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The result.
    pub report: &'a RunReport,
    /// What the command will end with.
    pub exit_code: u8,
    /// How many columns an excerpt may take.
    pub width: usize,
}

impl<'a> View<'a> {
    /// The width of excerpts where no terminal says otherwise.
    pub const WIDTH: usize = 100;

    /// Makes a view of the usual width.
    #[must_use]
    pub fn new(report: &'a RunReport, exit_code: u8) -> Self {
        Self { report, exit_code, width: Self::WIDTH }
    }

    /// Every finding with its story, in the order in which they are shown.
    pub(super) fn findings(&self) -> impl Iterator<Item = (&'a StoryReport, &'a Finding)> {
        let stories = self.report.stories.iter();
        stories.flat_map(|story| story.findings.iter().map(move |finding| (story, finding)))
    }

    /// Every check that did not come to its end.
    pub(super) fn failures(&self) -> impl Iterator<Item = Failure<'a>> {
        let stories = self.report.stories.iter();
        stories.flat_map(|story| {
            story.validators.iter().filter_map(|status| match &status.outcome {
                ValidatorOutcome::Completed => None,
                ValidatorOutcome::Failed { step, file, message } => Some(Failure {
                    story: &story.name,
                    validator: status.name,
                    step: *step,
                    file: file.as_deref(),
                    message,
                }),
            })
        })
    }

    /// What could not be checked, problems before failed checks, each as one safe line.
    pub(crate) fn problems(&self) -> impl Iterator<Item = (Severity, String)> {
        let problems = self.report.problems.iter();
        let problems = problems.map(|p| (p.severity, line(&p.path, &p.message)));
        problems.chain(self.failures().map(|f| (Severity::Error, line(f.path(), &f.text()))))
    }

    /// The numbers of the result.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(self.report)
    }
}

fn line(path: &str, message: &str) -> String {
    format!("{BOLD}{}{BOLD:#}: {}", printable(path), printable(message))
}

/// A check that did not come to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure<'a> {
    pub(super) story: &'a str,
    pub(super) validator: &'static str,
    pub(super) step: Step,
    pub(super) file: Option<&'a str>,
    pub(super) message: &'a str,
}

impl Failure<'_> {
    /// The file or folder that it is about.
    pub(super) fn path(&self) -> &str {
        self.file.unwrap_or(self.story)
    }

    /// What happened, as a sentence without a full stop.
    pub(super) fn text(&self) -> String {
        format!(
            "the check `{}` failed in its step `{}`, so the story `{}` is not fully checked: {}",
            self.validator,
            self.step.as_str(),
            self.story,
            self.message
        )
    }
}

/// A place as it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) path: &'a str,
    pub(super) source: Option<&'a SourceFile>,
    pub(super) span: Span,
    pub(super) start: Position,
    /// Behind the last character.
    pub(super) end: Position,
}

impl<'a> Place<'a> {
    /// Resolves a place of a story. One in a file that is not there is shown as the story.
    pub(super) fn of(story: &'a StoryReport, at: Location) -> Self {
        let span = at.span;
        match story.files.get(at.file.index()).and_then(Option::as_deref) {
            Some(source) => {
                let start = source.position(span.start);
                let end = source.position(span.end).max(start);
                Self { path: &source.path, source: Some(source), span, start, end }
            }
            None => {
                let start = Position { line: 1, column: 1 };
                Self { path: &story.name, source: None, span, start, end: start }
            }
        }
    }
}

/// The numbers of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Findings of severity `error`.
    pub errors: usize,
    /// Findings of severity `warning`.
    pub warnings: usize,
    /// Findings of severity `info`.
    pub infos: usize,
    /// Findings suppressed in the text.
    pub suppressed: usize,
    /// Findings that a baseline knows.
    pub baselined: usize,
    /// Stories.
    pub stories: usize,
    /// Files that were read.
    pub files: usize,
    /// Files with findings.
    pub files_with_findings: usize,
    /// Problems of any severity.
    pub problems: usize,
    /// Checks that failed, counted for each story.
    pub failed_validators: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(report: &RunReport) -> Self {
        let view = View::new(report, 0);
        let mut summary = Self {
            stories: report.stories.len(),
            problems: report.problems.len(),
            failed_validators: view.failures().count(),
            ..Self::default()
        };
        for story in &report.stories {
            summary.suppressed += story.suppressed;
            summary.baselined += story.baselined;
            summary.files += story.files.iter().flatten().count();
            let files: BTreeSet<_> = story.findings.iter().map(|finding| finding.at.file).collect();
            summary.files_with_findings += files.len();
            for finding in &story.findings {
                match story.severity(finding) {
                    Severity::Error => summary.errors += 1,
                    Severity::Warning => summary.warnings += 1,
                    Severity::Info => summary.infos += 1,
                }
            }
        }
        summary
    }

    /// All findings.
    #[must_use]
    pub fn findings(&self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

impl fmt::Display for Summary {
    /// Writes the numbers as one line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = count(self.files, "file");
        let stories = match self.stories {
            1 => "1 story".to_owned(),
            many => format!("{many} stories"),
        };
        if self.files == 0 {
            f.write_str("Nothing was checked")?;
        } else if self.findings() == 0 {
            write!(f, "No findings in {files} of {stories}")?;
        } else {
            let kinds = [
                (self.errors, count(self.errors, "error")),
                (self.warnings, count(self.warnings, "warning")),
                (self.infos, format!("{} info", self.infos)),
            ];
            let kinds: Vec<String> =
                kinds.into_iter().filter(|(number, _)| *number > 0).map(|(_, text)| text).collect();
            let kinds = kinds.join(", ");
            write!(f, "{kinds} in {} of {files}, {stories}", self.files_with_findings)?;
        }
        if self.suppressed > 0 {
            write!(f, "; {} suppressed", self.suppressed)?;
        }
        if self.baselined > 0 {
            write!(f, "; {} known from the baseline", self.baselined)?;
        }
        if self.problems > 0 {
            write!(f, "; {}", count(self.problems, "problem"))?;
        }
        if self.failed_validators > 0 {
            write!(f, "; {} failed", count(self.failed_validators, "check"))?;
        }
        Ok(())
    }
}
