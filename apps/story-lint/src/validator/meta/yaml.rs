use serde_saphyr::{DuplicateKeyPolicy, Location, NonFiniteFloatPolicy, Spanned};

use super::node::Top;
use super::number::number;
use super::rules::BAD_FRONT_MATTER;
use super::why::explain;
use crate::document::FrontMatter;
use crate::finding::{Finding, Report};
use crate::source::Span;
use crate::validator::Piece;

/// Front matter longer than this is not read; it is data, and reading it would cost more than
/// all the rest.
const LONGEST: usize = 64 << 10;

/// Reads front matter and reports what is wrong with it; gives the chapter number in it.
pub(super) fn read(
    piece: &Piece<'_>,
    front: &FrontMatter,
    report: &mut Report,
) -> Option<(u32, Span)> {
    if !front.closed {
        let message = "the front matter is not closed, so all of the file is taken for text";
        report.add(
            Finding::new(&BAD_FRONT_MATTER, piece.at(front.span), message)
                .help("add a line `---` behind its last line"),
        );
        return None;
    }
    let yaml = piece.source.slice(front.yaml);
    if yaml.len() > LONGEST {
        let (size, most) = (yaml.len().div_ceil(1 << 10), LONGEST >> 10);
        let message = format!("front matter of {size} KiB is not read, at most {most} KiB are");
        let opening = piece.source.lines.text_range(&piece.source.text, 1);
        let opening = Span::new(opening.start, opening.end);
        report.add(
            Finding::new(&BAD_FRONT_MATTER, piece.at(opening), message)
                .help("move long lists and notes to a file of their own"),
        );
        return None;
    }
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        with_snippet: false,
        // `.nan` and `.inf` are YAML; what they are good for is not asked here.
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
    };
    match serde_saphyr::from_str_with_options::<Top>(yaml, options) {
        Ok(Top::Empty) => None,
        Ok(Top::Keys(chapter)) => {
            let Spanned { value, referenced, .. } = chapter?;
            let words: Vec<&str> = value.split_whitespace().collect();
            let (number, used) = number(&words)?;
            (used == words.len()).then(|| (number, line_of(piece, &referenced)))
        }
        Ok(Top::Other) => {
            let message = "the front matter holds no `key: value` pairs";
            report.add(
                Finding::new(&BAD_FRONT_MATTER, piece.at(front.span), message)
                    .help("write one `key: value` per line, or remove the block"),
            );
            None
        }
        Err(error) => {
            let stopped = error.location().map_or(front.span, |at| place(piece, front, &at));
            let span = open_value(piece, front, stopped).unwrap_or(stopped);
            let (message, help) = explain(&error, piece.source.slice(stopped));
            report.add(Finding::new(&BAD_FRONT_MATTER, piece.at(span), message).help(help));
            None
        }
    }
}

/// The place where reading stopped, to the end of its line; within the block.
fn place(piece: &Piece<'_>, front: &FrontMatter, at: &Location) -> Span {
    let start = character(piece, at).clamp(front.yaml.start as usize, front.yaml.end as usize);
    let source = piece.source;
    let line = source.lines.line(start);
    let range = source.lines.text_range(&source.text, line);
    // An error behind the last line is shown at the end of that line.
    let (start, end) = if range.is_empty() || start >= front.yaml.end as usize {
        let before = source.lines.text_range(&source.text, line.saturating_sub(1).max(1));
        (before.start, before.end)
    } else {
        (start.min(range.end), range.end)
    };
    Span::new(start, end)
}

/// A quoted value above the place where reading stopped that is not closed on its line, though the
/// next line does not go on with it: the parser notices only later.
fn open_value(piece: &Piece<'_>, front: &FrontMatter, stopped: Span) -> Option<Span> {
    let yaml = piece.source.slice(front.yaml);
    let mut start = front.yaml.start as usize;
    let mut lines = yaml.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let text = line.trim_end();
        let goes_on = lines.peek().is_some_and(|next| next.starts_with([' ', '\t']));
        let value = text.split_once(": ").map(|(_, value)| value.trim_start());
        if let Some(value) = value
            && let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\''))
            && !goes_on
            && !value[1..].contains(quote)
            && start <= stopped.start as usize
        {
            return Some(Span::new(start + text.len() - value.len(), start + text.len()));
        }
        start += line.len();
    }
    None
}

/// The line of a value in the front matter.
fn line_of(piece: &Piece<'_>, at: &Location) -> Span {
    let line = u32::try_from(at.line()).unwrap_or(0).saturating_add(1);
    let range = piece.source.lines.text_range(&piece.source.text, line);
    Span::new(range.start, range.end)
}

/// The offset of a place that is counted in lines and characters from the YAML's start.
fn character(piece: &Piece<'_>, at: &Location) -> usize {
    let line = u32::try_from(at.line()).unwrap_or(0).saturating_add(1);
    let range = piece.source.lines.text_range(&piece.source.text, line);
    let column = usize::try_from(at.column()).unwrap_or(1).saturating_sub(1);
    let text = &piece.source.text[range.clone()];
    range.start + text.char_indices().nth(column).map_or(text.len(), |(offset, _)| offset)
}
