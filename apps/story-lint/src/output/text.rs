//! Pieces that all formats for people share.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

use crate::rule::Severity;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const FRAME: Style = AnsiColor::Blue.on_default().bold();
pub(super) const RELATED: Style = AnsiColor::Cyan.on_default();

/// How a severity is set.
pub(crate) fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Info => AnsiColor::Cyan.on_default().bold(),
    }
}

/// Whether a character could move the cursor, or make text look other than it is.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text that may be printed on a terminal, on one line: a manuscript is not trusted to control it.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let safe = text.chars().map(|c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_unsafe(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    });
    Cow::Owned(safe.collect())
}

/// A number of things, in the singular or plural.
pub(super) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nc\u{202e}d"), "a\u{fffd}[2Jb  c\u{fffd}d");
        assert!(matches!(printable("“plain” – text"), Cow::Borrowed(_)));
    }
}
