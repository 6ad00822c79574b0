use std::io::{self, Write};

use serde_json::{Value, json};

use super::view::{Place, View};
use crate::finding::Fnv;
use crate::rule::Severity;

/// Writes a list of Code Climate issues, of the fields that GitLab's documentation of code quality
/// reports names.
pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = view.findings().map(|(story, finding)| {
        let place = Place::of(story, finding.at);
        // Two stories may hold files of one name, and fingerprints must be unique.
        let mut hash = Fnv::new();
        hash.add(place.path.as_bytes());
        hash.add(finding.fingerprint.as_bytes());
        issue(
            &format!("{}: {}", finding.rule.id, finding.message),
            finding.rule.id,
            &format!("{:016x}", hash.0),
            severity(story.severity(finding)),
            (place.path, place.start.line, place.end.line),
        )
    });
    let problems = view.report.problems.iter().map(|problem| {
        let mut hash = Fnv::new();
        hash.add(problem.path.as_bytes());
        hash.add(problem.message.as_bytes());
        issue(
            &problem.message,
            "unchecked",
            &format!("{:016x}", hash.0),
            severity(problem.severity),
            (&problem.path, 1, 1),
        )
    });
    let issues: Vec<Value> = findings.chain(problems).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue(
    description: &str,
    check: &str,
    fingerprint: &str,
    severity: &str,
    (path, begin, end): (&str, u32, u32),
) -> Value {
    json!({
        "description": description,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": { "path": path, "lines": { "begin": begin, "end": end } },
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "minor",
        Severity::Error => "major",
    }
}
