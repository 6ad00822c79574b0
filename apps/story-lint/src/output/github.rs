use std::io::{self, Write};

use super::view::{Place, View};
use crate::rule::Severity;

/// Writes workflow commands, as GitHub's documentation of workflow commands defines them.
pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (story, finding) in view.findings() {
        let place = Place::of(story, finding.at);
        let mut text = finding.message.clone();
        for (title, note) in [("why", &finding.reason), ("help", &finding.help)] {
            if let Some(note) = note {
                text.push_str(&format!("\n{title}: {note}"));
            }
        }
        for other in &finding.related {
            let there = Place::of(story, other.at);
            text.push_str(&format!("\n{}:{}: {}", there.path, there.start.line, other.note));
        }
        let (path, start, end) = (property(place.path), place.start, place.end);
        write!(out, "::{} file={path},line={}", level(story.severity(finding)), start.line)?;
        // Columns of a place that ends in another line mean nothing there.
        if end.line == start.line {
            write!(out, ",col={},endColumn={}", start.column, end.column)?;
        } else {
            write!(out, ",endLine={}", end.line)?;
        }
        let title = property(&format!("{} {}", finding.rule.id, finding.rule.name));
        writeln!(out, ",title={title}::{}", data(&text))?;
    }
    for problem in &view.report.problems {
        let (level, path) = (level(problem.severity), property(&problem.path));
        writeln!(out, "::{level} file={path}::{}", data(&problem.message))?;
    }
    for failure in view.failures() {
        writeln!(out, "::error title=story-lint::{}", data(&failure.text()))?;
    }
    Ok(())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_a_command() {
        assert_eq!(data("100%\nend"), "100%25%0Aend");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
