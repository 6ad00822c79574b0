use std::io::{self, Write};

use super::View;

/// How a result is written down.
///
/// Whatever the format, the text depends on the result alone: not on time, threads or the order of
/// the given paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// Each finding with an excerpt of its text, for reading.
    #[default]
    Full,
    /// A line for each finding: `path:line:column: severity RULE message`.
    Concise,
    /// One JSON document.
    Json,
    /// One JSON object on each line: the findings, then the problems.
    JsonLines,
    /// SARIF 2.1.0, which code hosts and editors read.
    Sarif,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
    /// A Code Climate report, which GitLab shows in merge requests.
    Gitlab,
    /// `JUnit` XML, which most build servers read.
    Junit,
    /// One HTML page: the chapters with the findings in them, and who is where.
    Html,
}

impl Format {
    /// Whether people read it: it is styled, and names all problems in words.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        matches!(self, Self::Full | Self::Concise)
    }

    /// Writes a result down. Formats for people contain ANSI styles, which the writer may strip.
    ///
    /// # Errors
    /// Those of the writer.
    ///
    /// ```
    /// use story_lint::engine::RunReport;
    /// use story_lint::output::{Format, View};
    ///
    /// let report = RunReport::default();
    /// let mut text = Vec::new();
    /// Format::Json.write(&View::new(&report, 0), &mut text).unwrap();
    /// assert!(text.starts_with(b"{"));
    /// ```
    pub fn write(self, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Full => super::full::write(view, out),
            Self::Concise => super::concise::write(view, out),
            Self::Json => super::json::write(view, out),
            Self::JsonLines => super::json::write_lines(view, out),
            Self::Sarif => super::sarif::write(view, out),
            Self::Github => super::github::write(view, out),
            Self::Gitlab => super::gitlab::write(view, out),
            Self::Junit => super::junit::write(view, out),
            Self::Html => super::html::write(view, out),
        }
    }
}
