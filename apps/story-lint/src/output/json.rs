use std::io::{self, Write};

use serde::Serialize;

use super::view::{Place, Summary, View};
use crate::engine::{Problem, Step, StoryReport, ValidatorOutcome, ValidatorStatus};
use crate::finding::Finding;
use crate::rule::Severity;

/// The version of the layout; it grows when a reader of the old layout could misread the new one.
const SCHEMA_VERSION: u32 = 1;

/// Writes one JSON document.
pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        exit_code: view.exit_code,
        summary: view.summary(),
        stories: view.report.stories.iter().map(Story::of).collect(),
        findings: view.findings().map(|(story, finding)| Entry::of(story, finding)).collect(),
        problems: view.report.problems.iter().map(Trouble::of).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// Writes one JSON object for each finding, each on a line of its own, then one for each problem.
pub(super) fn write_lines(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (story, finding) in view.findings() {
        serde_json::to_writer(&mut *out, &Entry::of(story, finding))?;
        writeln!(out)?;
    }
    for problem in &view.report.problems {
        serde_json::to_writer(&mut *out, &ProblemLine { problem: Trouble::of(problem) })?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct ProblemLine<'a> {
    problem: Trouble<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    exit_code: u8,
    summary: Summary,
    stories: Vec<Story<'a>>,
    findings: Vec<Entry<'a>>,
    problems: Vec<Trouble<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Story<'a> {
    name: &'a str,
    files: usize,
    findings: usize,
    suppressed: usize,
    baselined: usize,
    validators: Vec<Status<'a>>,
}

impl<'a> Story<'a> {
    fn of(story: &'a StoryReport) -> Self {
        Self {
            name: &story.name,
            files: story.files.iter().flatten().count(),
            findings: story.findings.len(),
            suppressed: story.suppressed,
            baselined: story.baselined,
            validators: story.validators.iter().map(Status::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct Status<'a> {
    name: &'a str,
    #[serde(flatten)]
    outcome: Outcome<'a>,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Outcome<'a> {
    Completed,
    Failed { step: Step, file: Option<&'a str>, message: &'a str },
}

impl<'a> Status<'a> {
    fn of(status: &'a ValidatorStatus) -> Self {
        let outcome = match &status.outcome {
            ValidatorOutcome::Completed => Outcome::Completed,
            ValidatorOutcome::Failed { step, file, message } => {
                Outcome::Failed { step: *step, file: file.as_deref(), message }
            }
        };
        Self { name: status.name, outcome }
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    story: &'a str,
    #[serde(flatten)]
    region: Region<'a>,
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    reason: Option<&'a str>,
    help: Option<&'a str>,
    /// The comment that lets it stand.
    silencer: String,
    fingerprint: &'a str,
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    region: Region<'a>,
    note: &'a str,
}

/// A place; the end is behind the last character.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'a> Region<'a> {
    fn of(place: &Place<'a>) -> Self {
        Self {
            path: place.path,
            line: place.start.line,
            column: place.start.column,
            end_line: place.end.line,
            end_column: place.end.column,
        }
    }
}

impl<'a> Entry<'a> {
    fn of(story: &'a StoryReport, finding: &'a Finding) -> Self {
        let related = finding.related.iter().map(|other| Related {
            region: Region::of(&Place::of(story, other.at)),
            note: &other.note,
        });
        Self {
            story: &story.name,
            region: Region::of(&Place::of(story, finding.at)),
            rule: finding.rule.id,
            severity: story.severity(finding),
            message: &finding.message,
            reason: finding.reason.as_deref(),
            help: finding.help.as_deref(),
            silencer: finding.silencer(),
            fingerprint: &finding.fingerprint,
            related: related.collect(),
        }
    }
}

#[derive(Serialize)]
struct Trouble<'a> {
    path: &'a str,
    severity: Severity,
    message: &'a str,
}

impl<'a> Trouble<'a> {
    fn of(problem: &'a Problem) -> Self {
        Self { path: &problem.path, severity: problem.severity, message: &problem.message }
    }
}
