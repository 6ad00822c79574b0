use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::uri::of_path;
use super::view::{Failure, Place, View};
use crate::engine::{Problem, StoryReport};
use crate::finding::Finding;
use crate::rule::{Rule, Severity};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes a SARIF 2.1.0 log of one run.
pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules = crate::validator::rules();
    let index: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(index, rule)| (rule.id, index)).collect();
    let results: Vec<Value> =
        view.findings().map(|(story, finding)| result(story, finding, &index)).collect();
    let mut notifications: Vec<Value> = view.report.problems.iter().map(of_problem).collect();
    notifications.extend(view.failures().map(|failure| of_failure(&failure)));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": !view.report.is_incomplete(),
                "exitCode": view.exit_code,
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn descriptor(rule: &Rule) -> Value {
    let help = format!(
        "{}\n\n{}\n\nReported:\n\n{}\n\nAs it should be:\n\n{}",
        rule.summary, rule.explanation, rule.bad, rule.good
    );
    json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.explanation },
        "help": { "text": help },
        "defaultConfiguration": { "level": level(rule.severity), "enabled": !rule.off },
    })
}

fn result(story: &StoryReport, finding: &Finding, index: &BTreeMap<&str, usize>) -> Value {
    // Viewers show the message and little else: what would settle it belongs there.
    let mut text = finding.message.clone();
    for (title, note) in [("why", &finding.reason), ("help", &finding.help)] {
        if let Some(note) = note {
            text.push_str(&format!("\n{title}: {note}"));
        }
    }
    let mut result = json!({
        "ruleId": finding.rule.id,
        "level": level(story.severity(finding)),
        "message": { "text": text },
        "locations": [location(&Place::of(story, finding.at))],
        "partialFingerprints": { "storyLint/v1": finding.fingerprint },
        "properties": { "story": story.name },
    });
    if let Some(index) = index.get(finding.rule.id) {
        result["ruleIndex"] = json!(index);
    }
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(id, other)| {
            let mut location = location(&Place::of(story, other.at));
            location["id"] = json!(id);
            location["message"] = json!({ "text": other.note });
            location
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn location(place: &Place<'_>) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": of_path(place.path) },
        "region": {
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        },
    }})
}

fn of_problem(problem: &Problem) -> Value {
    notification(level(problem.severity), &problem.path, &problem.message)
}

fn of_failure(failure: &Failure<'_>) -> Value {
    let mut notification = notification("error", failure.path(), &failure.text());
    notification["descriptor"] = json!({ "id": failure.validator });
    notification
}

fn notification(level: &str, path: &str, message: &str) -> Value {
    json!({
        "level": level,
        "message": { "text": message },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": of_path(path) } } }],
    })
}
