use std::io::{self, Write};

use super::escape::markup;
use super::view::{Place, View};
use crate::engine::StoryReport;
use crate::rule::Severity;

/// Writes `JUnit` XML: a suite for each story, a case for each file, and a failure in it for all its
/// findings, as one case can fail once. Files with findings of severity `info` alone pass, and hold
/// them as output.
pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let failures: Vec<_> = view.failures().collect();
    let errors = view.report.problems.iter().filter(|p| p.severity == Severity::Error).count();
    let errors = errors + failures.len();
    let summary = view.summary();
    let failed: usize = view.report.stories.iter().map(failed_files).sum();
    writeln!(
        out,
        "<testsuites name=\"story-lint\" tests=\"{}\" failures=\"{failed}\" errors=\"{errors}\">",
        summary.files + errors,
    )?;
    for story in &view.report.stories {
        write_story(story, out)?;
    }
    if errors > 0 {
        writeln!(
            out,
            "  <testsuite name=\"unchecked\" tests=\"{errors}\" failures=\"0\" errors=\"{errors}\">"
        )?;
        let problems = view.report.problems.iter().filter(|p| p.severity == Severity::Error);
        let problems = problems.map(|p| (p.path.clone(), p.message.clone()));
        let failures = failures.iter().map(|f| (f.path().to_owned(), f.text()));
        for (path, message) in problems.chain(failures) {
            writeln!(out, "    <testcase name=\"{0}\" classname=\"{0}\">", markup(&path))?;
            writeln!(out, "      <error message=\"{}\"/>", markup(&message))?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// How many files of a story have findings that count.
fn failed_files(story: &StoryReport) -> usize {
    let mut files: Vec<_> = story
        .findings
        .iter()
        .filter(|finding| story.severity(finding) > Severity::Info)
        .map(|finding| finding.at.file)
        .collect();
    files.dedup();
    files.len()
}

fn write_story(story: &StoryReport, out: &mut dyn Write) -> io::Result<()> {
    let (name, tests) = (markup(&story.name), story.files.iter().flatten().count());
    let failed = failed_files(story);
    writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\">"
    )?;
    for (index, file) in story.files.iter().enumerate() {
        let Some(file) = file else { continue };
        let of_file = story.findings.iter().filter(|finding| finding.at.file.index() == index);
        let (mut loud, mut quiet) = (Vec::new(), Vec::new());
        for finding in of_file {
            let start = Place::of(story, finding.at).start;
            let severity = story.severity(finding);
            let line = format!(
                "{}:{}: {severity} {} {}",
                start.line, start.column, finding.rule.id, finding.message
            );
            if severity > Severity::Info { loud.push(line) } else { quiet.push(line) }
        }
        let path = markup(&file.path);
        let head = format!("<testcase name=\"{path}\" classname=\"{name}\" file=\"{path}\"");
        if loud.is_empty() && quiet.is_empty() {
            writeln!(out, "    {head}/>")?;
            continue;
        }
        writeln!(out, "    {head}>")?;
        if let Some(first) = loud.first() {
            let text = loud.join("\n");
            writeln!(
                out,
                "      <failure message=\"{}\" type=\"finding\">{}</failure>",
                markup(first),
                markup(&text)
            )?;
        }
        if !quiet.is_empty() {
            writeln!(out, "      <system-out>{}</system-out>", markup(&quiet.join("\n")))?;
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}
