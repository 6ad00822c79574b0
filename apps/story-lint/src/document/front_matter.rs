use super::types::FrontMatter;
use crate::source::Span;

/// Finds the YAML block at the top of a text, and the offset where Markdown starts.
///
/// The first line must be `---`. A file may also start with a scene break, so what follows must
/// look like YAML: the first line that is not blank is a key, a comment, a list item or, right
/// behind the opening, anything but a blank line.
pub(super) fn find(text: &str) -> (Option<FrontMatter>, usize) {
    let Some((opening, first)) = line(text, 0).filter(|(line, _)| line.trim_end() == "---") else {
        return (None, 0);
    };
    let unclosed = || {
        let looks_like_yaml = line(text, first).is_some_and(|(line, _)| is_key(line));
        let none = FrontMatter {
            span: Span::new(0, opening.len()),
            yaml: Span::new(first.min(text.len()), first.min(text.len())),
            closed: false,
        };
        (looks_like_yaml.then_some(none), 0)
    };
    let mut at = first;
    let mut plausible = None;
    while let Some((content, next)) = line(text, at) {
        if matches!(content.trim_end(), "---" | "...") {
            if plausible == Some(false) {
                return (None, 0);
            }
            let front = FrontMatter {
                span: Span::new(0, at + content.len()),
                yaml: Span::new(first, at),
                closed: true,
            };
            return (Some(front), next);
        }
        if plausible.is_none() && !content.trim().is_empty() {
            let starts_block = content.starts_with(['#', '-', '{', '[', '"', '\'']);
            plausible = Some(at == first || is_key(content) || starts_block);
        }
        at = next;
    }
    unclosed()
}

/// The line that starts at an offset, without its end, and where the next one starts.
fn line(text: &str, start: usize) -> Option<(&str, usize)> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    match memchr::memchr2(b'\n', b'\r', rest.as_bytes()) {
        None => Some((rest, text.len())),
        Some(end) => {
            let crlf = rest.as_bytes()[end..].starts_with(b"\r\n");
            Some((&rest[..end], start + end + 1 + usize::from(crlf)))
        }
    }
}

/// Whether a line starts like `title: …`.
fn is_key(line: &str) -> bool {
    let Some((key, value)) = line.split_once(':') else { return false };
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    !key.is_empty() && key.chars().all(word) && (value.is_empty() || value.starts_with([' ', '\t']))
}
