use std::ops::Range;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::fault::Fault;
use crate::rule::closest;
use crate::source::LineIndex;

/// A value with its place in the file.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// Reads a TOML file for people: all that is wrong is gathered, each with its place and a remedy.
pub(crate) struct TableReader<'a> {
    path: &'a str,
    text: &'a str,
    lines: LineIndex,
    faults: Vec<Fault>,
}

impl<'a> TableReader<'a> {
    /// Reads the text of a file, shown to people as `path`, with `top`.
    ///
    /// # Errors
    /// All that is wrong, not just the first.
    pub(crate) fn read<T: Default>(
        path: &'a str,
        text: &'a str,
        top: impl FnOnce(&mut Self, &DeTable<'_>) -> T,
    ) -> Result<T, Vec<Fault>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Self { path, text, lines: LineIndex::new(text), faults: Vec::new() };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            if error.message() == "duplicate key" {
                let key = text.get(span.clone()).unwrap_or_default().trim();
                let help = "keep one of them".to_owned();
                reader.fault(span, format!("the key `{key}` stands twice"), Some(help));
            } else {
                reader.fault(span, error.message(), None);
            }
        }
        let syntax: Vec<u32> =
            reader.faults.iter().filter_map(|fault| fault.position).map(|at| at.line).collect();
        let result = top(&mut reader, table.get_ref());
        let mut seen = 0;
        // What stands on a line that is no TOML is guesswork, and so are complaints about it.
        reader.faults.retain(|fault| {
            seen += 1;
            let line = fault.position.map(|position| position.line);
            seen <= syntax.len() || line.is_none_or(|line| !syntax.contains(&line))
        });
        if reader.faults.is_empty() { Ok(result) } else { Err(reader.faults) }
    }

    /// The line of a place.
    pub(crate) fn line(&self, span: &Range<usize>) -> u32 {
        self.lines.line(span.start)
    }

    pub(crate) fn fault(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let position = self.lines.position(self.text, span.start);
        let message = message.into();
        let path = self.path.to_owned();
        self.faults.push(Fault { path, position: Some(position), message, help });
    }

    pub(crate) fn mismatch(&mut self, key: &str, value: &Value<'_>, wanted: &str) {
        let found = value.get_ref().type_str();
        let article = if found.starts_with(['a', 'i']) { "an" } else { "a" };
        let message = format!("`{key}` is {article} {found}, which it cannot be");
        self.fault(value.span(), message, Some(format!("give {wanted}")));
    }

    pub(crate) fn unknown_key(&mut self, span: Range<usize>, key: &str, known: &[&str], of: &str) {
        let help = match closest(key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the keys are {}", list(known)),
        };
        self.fault(span, format!("there is no key `{key}`{of}"), Some(help));
    }
}

pub(crate) fn integer_value(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
