use std::io::{self, Write};

use super::View;
use super::excerpt::excerpt;
use super::text::{BOLD, FRAME, RELATED, printable, style};
use super::view::Place;
use crate::engine::StoryReport;
use crate::finding::Finding;
use crate::rule::Severity;

/// Writes each finding with an excerpt of its text, then problems, then the numbers.
pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (story, finding) in view.findings() {
        write_finding(story, finding, view.width, out)?;
        writeln!(out)?;
    }
    write_problems(view, out)?;
    let summary = view.summary();
    let worst = if summary.errors > 0 || view.report.is_incomplete() {
        style(Severity::Error)
    } else if summary.findings() > 0 {
        style(Severity::Warning)
    } else {
        BOLD
    };
    writeln!(out, "{worst}{summary}{worst:#}")
}

/// Writes what could not be checked, one line each.
pub(super) fn write_problems(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut is_any = false;
    for (severity, text) in view.problems() {
        let style = style(severity);
        writeln!(out, "{style}{severity}{style:#}: {text}")?;
        is_any = true;
    }
    if is_any { writeln!(out) } else { Ok(()) }
}

fn write_finding(
    story: &StoryReport,
    finding: &Finding,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let severity = story.severity(finding);
    let loud = style(severity);
    let message = printable(&finding.message);
    let id = finding.rule.id;
    writeln!(out, "{loud}{severity}[{id}]{loud:#}{BOLD}: {message}{BOLD:#}")?;

    let place = Place::of(story, finding.at);
    let related: Vec<_> =
        finding.related.iter().map(|other| (Place::of(story, other.at), &other.note)).collect();
    let lines = related.iter().map(|(place, _)| place.start.line).chain([place.start.line]);
    let gutter = lines.max().unwrap_or(1).to_string().len();

    write_place(&place, "-->", "", gutter, out)?;
    write_excerpt(&place, ('^', loud), gutter, width, out)?;
    for (place, note) in &related {
        write_place(place, ":::", note, gutter, out)?;
        write_excerpt(place, ('-', RELATED), gutter, width, out)?;
    }
    // What the text does not show by itself needs a reason, and may be meant.
    let silencer = finding.reason.is_some().then(|| finding.silencer());
    let notes = [("why", &finding.reason), ("help", &finding.help), ("to keep it", &silencer)];
    for (title, note) in notes {
        if let Some(note) = note {
            let note = printable(note);
            writeln!(out, "{:gutter$} {FRAME}={FRAME:#} {BOLD}{title}{BOLD:#}: {note}", "")?;
        }
    }
    Ok(())
}

fn write_place(
    place: &Place<'_>,
    arrow: &str,
    note: &str,
    gutter: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (path, line, column) = (printable(place.path), place.start.line, place.start.column);
    write!(out, "{:gutter$}{FRAME}{arrow}{FRAME:#} {path}:{line}:{column}", "")?;
    if note.is_empty() { writeln!(out) } else { writeln!(out, ": {}", printable(note)) }
}

fn write_excerpt(
    place: &Place<'_>,
    (mark, style): (char, anstyle::Style),
    gutter: usize,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(source) = place.source else { return Ok(()) };
    let shown = excerpt(source, place.span, width);
    let marks = mark.to_string().repeat(shown.marked);
    writeln!(out, "{:gutter$} {FRAME}|{FRAME:#}", "")?;
    writeln!(out, "{FRAME}{:gutter$} |{FRAME:#} {}", shown.line, shown.text.trim_end())?;
    write!(out, "{:gutter$} {FRAME}|{FRAME:#} {:2$}{style}{marks}", "", "", shown.indent)?;
    match shown.until {
        Some(line) => writeln!(out, " … to line {line}{style:#}"),
        None => writeln!(out, "{style:#}"),
    }
}
