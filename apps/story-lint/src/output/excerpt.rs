use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::text::is_unsafe;
use crate::source::{SourceFile, Span};

const CUT: char = '…';
const TAB: &str = "    ";
/// How far a cut may move to fall between words, in characters.
const WORD: usize = 12;

/// One line of a file, or the part of it around a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line's number.
    pub(super) line: u32,
    /// What is shown of it.
    pub(super) text: String,
    /// Columns of `text` before the mark.
    pub(super) indent: usize,
    /// Columns of the mark, at least one.
    pub(super) marked: usize,
    /// The last line of the place, if it is a later one.
    pub(super) until: Option<u32>,
}

/// Cuts the line on which `span` starts down to about `width` columns around it.
///
/// Paragraphs of novels stand on one line of thousands of characters. Tabs become four spaces and
/// what would confuse a terminal is replaced, so that marks stand under what they mark.
pub(super) fn excerpt(source: &SourceFile, span: Span, width: usize) -> Excerpt {
    let text = source.text.as_str();
    let start = source.position(span.start);
    let end = source.position(span.end);
    let line = source.lines.text_range(text, start.line);
    let inside = |offset: u32| {
        let offset = text.floor_char_boundary((offset as usize).min(text.len()));
        offset.clamp(line.start, line.end)
    };
    let (from, to) = (inside(span.start), inside(span.end).max(inside(span.start)));

    let width = width.max(24);
    // A long mark leaves what stands before it a third.
    let lead = tail(&text[line.start..from], width / 3);
    // The sign of a cut behind the mark needs a column too.
    let sign = usize::from(to < line.end);
    let mark = head(&text[from..to], width - lead.width - usize::from(lead.is_cut) - sign);
    let room = width - mark.width;
    // Each side may use what the other does not need.
    let behind = head(&text[to..line.end], room / 2);
    let needed = if behind.is_cut { room / 2 } else { behind.width };
    let needed = needed.max(usize::from(mark.is_cut)).max(sign);
    let before = tail(&text[line.start..from], room - needed);
    let behind = if mark.is_cut {
        Piece::default()
    } else {
        head(&text[to..line.end], room - before.width - usize::from(before.is_cut))
    };

    let mut shown = String::new();
    if before.is_cut {
        shown.push(CUT);
    }
    shown.push_str(&before.text);
    let indent = shown.width();
    shown.push_str(&mark.text);
    let marked = mark.text.width().max(1);
    shown.push_str(&behind.text);
    if behind.is_cut || mark.is_cut {
        shown.push(CUT);
    }
    // A place that ends with a line end does not reach into the next line.
    let last = if end.column == 1 { end.line.saturating_sub(1) } else { end.line };
    let until = (last > start.line).then_some(last);
    Excerpt { line: start.line, text: shown, indent, marked, until }
}

/// A part of a line as it is shown.
#[derive(Debug, Default)]
struct Piece {
    text: String,
    width: usize,
    is_cut: bool,
}

/// As much of the start of `text` as fits.
fn head(text: &str, room: usize) -> Piece {
    let end = fitting(text.char_indices().map(|(at, c)| (at + c.len_utf8(), c)), room);
    let Some(end) = end else { return piece(text, false) };
    let cut = &text[..end.unwrap_or(0)];
    let mut last_words = cut.char_indices().rev().take(WORD);
    let space = last_words.find(|(_, c)| c.is_whitespace());
    piece(space.map_or(cut, |(at, _)| cut[..at].trim_end()), true)
}

/// As much of the end of `text` as fits.
fn tail(text: &str, room: usize) -> Piece {
    let start = fitting(text.char_indices().rev(), room);
    let Some(start) = start else { return piece(text, false) };
    let cut = &text[start.unwrap_or(text.len())..];
    // A mark on a letter that is cut off would land on the sign of the cut.
    let cut = cut.trim_start_matches(|c: char| c.width() == Some(0));
    let space = cut.chars().take(WORD).position(char::is_whitespace);
    piece(
        if space.is_some() { cut.trim_start_matches(|c: char| !c.is_whitespace()) } else { cut },
        true,
    )
}

/// The last of some edges up to which characters fit with the sign of a cut; `None` if all fit
/// without, `Some(None)` if not even one does.
fn fitting(characters: impl Iterator<Item = (usize, char)>, room: usize) -> Option<Option<usize>> {
    let mut used = 0;
    let mut edge = None;
    for (at, c) in characters {
        used += columns(c);
        if used > room {
            return Some(edge);
        }
        if used < room {
            edge = Some(at);
        }
    }
    None
}

fn columns(c: char) -> usize {
    match c {
        '\t' => TAB.len(),
        c if is_unsafe(c) => 1,
        c => c.width().unwrap_or(1),
    }
}

fn piece(text: &str, is_cut: bool) -> Piece {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => shown.push_str(TAB),
            c if is_unsafe(c) => shown.push(char::REPLACEMENT_CHARACTER),
            c => shown.push(c),
        }
    }
    let width = shown.width();
    Piece { text: shown, width, is_cut }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str, marked: &str, width: usize) -> Excerpt {
        let file = SourceFile::new("a.md", "a.md", text);
        let start = text.find(marked).expect("the text holds it");
        excerpt(&file, Span::new(start, start + marked.len()), width)
    }

    /// The columns of the shown text that the mark stands under.
    fn under(excerpt: &Excerpt) -> String {
        let mut column = 0;
        let inside = |c: &char| {
            let at = column;
            column += c.width().unwrap_or(0);
            (excerpt.indent..excerpt.indent + excerpt.marked).contains(&at)
        };
        excerpt.text.chars().filter(inside).collect()
    }

    #[test]
    fn marks_stand_under_wide_characters_and_behind_tabs() {
        for text in ["before the the end", "\tthe the\t.", "漢字 the the 漢字", "é́ the the"]
        {
            let shown = of(text, "the the", 80);
            assert_eq!(under(&shown), "the the", "{text}");
        }
        assert_eq!(under(&of("a 漢字 b", "漢字", 80)), "漢字");
        assert_eq!(of("\tx", "x", 80).indent, 4);
    }

    #[test]
    fn long_lines_are_cut_between_words_around_the_mark() {
        let text = format!("{}the the{}", "many words ".repeat(300), " and more".repeat(300));
        let shown = of(&text, "the the", 60);
        assert!(shown.text.starts_with("… ") && shown.text.ends_with('…'), "{}", shown.text);
        assert!(shown.text.width() <= 60 && shown.text.width() > 40, "{}", shown.text);
        assert_eq!(under(&shown), "the the");
    }

    #[test]
    fn a_side_that_is_short_leaves_its_room_to_the_other() {
        let text = format!("the the{}", " and more".repeat(300));
        let shown = of(&text, "the the", 60);
        assert_eq!(shown.indent, 0);
        assert!(shown.text.width() > 40, "{}", shown.text);
    }

    #[test]
    fn long_marks_are_cut_too() {
        let text = "word ".repeat(200);
        let shown = of(&text, text.trim_end(), 60);
        assert_eq!(shown.indent, 0);
        assert!((50..60).contains(&shown.marked) && shown.text.ends_with('…'), "{shown:?}");
    }

    #[test]
    fn signs_of_cuts_fit_beside_a_mark_of_any_length() {
        for before in ["", "a", "a a", "before it "] {
            for behind in ["", "b", " b", " and much behind it"] {
                for length in 1..40 {
                    let mark = "m".repeat(length);
                    let shown = of(&format!("{before}{mark}{behind}"), &mark, 24);
                    assert!(shown.text.width() <= 24, "{before}|{mark}|{behind}: {shown:?}");
                }
            }
        }
    }

    #[test]
    fn a_place_over_lines_shows_the_first_and_tells_the_last() {
        let shown = of("one\r\ntwo\r\nthree", "one\r\ntwo", 60);
        assert_eq!((shown.text.as_str(), shown.marked, shown.until), ("one", 3, Some(2)));
        let shown = of("one\r\ntwo", "one\r\n", 60);
        assert_eq!((shown.text.as_str(), shown.until), ("one", None));
    }

    #[test]
    fn an_empty_place_gets_one_mark() {
        let file = SourceFile::new("a.md", "a.md", "abc\n");
        let shown = excerpt(&file, Span::new(3, 3), 60);
        assert_eq!((shown.indent, shown.marked), (3, 1));
    }

    #[test]
    fn escape_sequences_are_not_shown() {
        let shown = of("a\u{1b}[31mb the", "the", 60);
        assert!(!shown.text.contains('\u{1b}'));
        assert_eq!(under(&shown), "the");
    }

    proptest! {
        #[test]
        fn any_place_of_any_text_fits(
            text in "[a-z é漢\u{301}\t\r\n\u{1b}]{0,200}",
            start in 0u32..300,
            length in 0u32..300,
            width in 0usize..120,
        ) {
            let file = SourceFile::new("a.md", "a.md", text);
            let shown = excerpt(&file, Span { start, end: start + length }, width);
            prop_assert!(shown.text.width() <= width.max(24));
            prop_assert!(shown.indent + shown.marked <= shown.text.width() + 1);
            prop_assert!(!shown.text.contains(is_unsafe));
        }
    }
}
