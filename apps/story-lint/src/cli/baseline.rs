use std::collections::HashMap;
use std::path::Path;

use anstream::ColorChoice;
use serde::{Deserialize, Serialize};

use super::args::BaselineArgs;
use super::check::{report, tell_problems};
use super::exit::Exit;
use super::run::CliError;
use crate::engine::RunReport;
use crate::output::{Target, View, print};

/// The version of the layout.
const VERSION: u32 = 1;
/// The largest baseline that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// The findings of a day, which are not shown again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Baseline {
    version: u32,
    findings: Vec<Known>,
}

/// A finding that is known; all but the fingerprint is there for people.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    fingerprint: String,
    rule: String,
    file: String,
    message: String,
}

/// Writes down what is found today.
pub(super) fn run(args: &BaselineArgs, color: ColorChoice) -> Result<Exit, CliError> {
    let report = report(&args.input, false)?;
    let view = View::new(&report, 0);
    tell_problems(&view);
    let baseline = Baseline::of(&report);
    Target::File(args.output.clone()).write(ColorChoice::AlwaysAnsi, |out| {
        serde_json::to_writer_pretty(&mut *out, &baseline)?;
        writeln!(out)
    })?;
    let count = match baseline.findings.len() {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    let file = args.output.display();
    print(color, |out| {
        writeln!(out, "Wrote {count} to `{file}`.")?;
        writeln!(out, "Only what is new: story-lint check --baseline {file}")
    })?;
    Ok(if report.is_incomplete() { Exit::Trouble } else { Exit::Clean })
}

impl Baseline {
    fn of(report: &RunReport) -> Self {
        let findings = report.stories.iter().flat_map(|story| {
            story.findings.iter().map(|finding| Known {
                fingerprint: finding.fingerprint.clone(),
                rule: finding.rule.id.to_owned(),
                file: story.resolve(finding.at).0.relative.clone(),
                message: finding.message.clone(),
            })
        });
        Self { version: VERSION, findings: findings.collect() }
    }

    pub(super) fn read(file: &Path) -> Result<Self, CliError> {
        let shown = file.display();
        let fail = |what: &dyn std::fmt::Display| {
            CliError::new(format!(
                "cannot use the baseline `{shown}`: {what}\n  help: `story-lint baseline` writes one"
            ))
        };
        let size = std::fs::metadata(file).map_err(|error| fail(&error))?.len();
        if size > LARGEST {
            return Err(fail(&format!("it holds {size} bytes, more than {LARGEST}")));
        }
        let text = std::fs::read(file).map_err(|error| fail(&error))?;
        let baseline: Self = serde_json::from_slice(&text).map_err(|error| fail(&error))?;
        if baseline.version != VERSION {
            let version = baseline.version;
            return Err(fail(&format!(
                "it is of version {version}, and this program reads {VERSION}"
            )));
        }
        Ok(baseline)
    }

    /// Takes the known findings out of a report; gives the number of entries that match nothing.
    ///
    /// Each entry takes one finding.
    pub(super) fn apply(self, report: &mut RunReport) -> usize {
        let mut known: HashMap<String, usize> = HashMap::new();
        for of in self.findings {
            *known.entry(of.fingerprint).or_default() += 1;
        }
        for story in &mut report.stories {
            let before = story.findings.len();
            story.findings.retain(|finding| match known.get_mut(&finding.fingerprint) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            });
            story.baselined = before - story.findings.len();
        }
        known.into_values().sum()
    }
}
