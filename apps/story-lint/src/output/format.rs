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
    /// SARIF 2.1.0, which code hosts and editors read.
    Sarif,
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
            Self::Sarif => super::sarif::write(view, out),
        }
    }
}
