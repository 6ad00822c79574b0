use std::io::{self, Write};

use super::View;
use super::full::write_problems;
use super::text::{BOLD, printable, style};
use super::view::Place;

/// Writes one line for each finding, then problems, then the numbers.
pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (story, finding) in view.findings() {
        let place = Place::of(story, finding.at);
        let severity = story.severity(finding);
        let style = style(severity);
        let (path, message) = (printable(place.path), printable(&finding.message));
        let (line, column, id) = (place.start.line, place.start.column, finding.rule.id);
        writeln!(
            out,
            "{BOLD}{path}{BOLD:#}:{line}:{column}: {style}{severity}{style:#} {id} {message}"
        )?;
    }
    write_problems(view, out)?;
    writeln!(out, "{}", view.summary())
}
