use std::ops::Range;
use std::sync::OnceLock;

/// How far apart the marks in a text with long lines stand, in bytes.
const STEP: usize = 512;

/// A range of bytes in a file's text; `start <= end`, both on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span; files are limited to 4 GiB before they get here.
    ///
    /// ```
    /// use story_lint::source::Span;
    /// assert_eq!(Span::new(2, 5).range(), 2..5);
    /// ```
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end.max(start)) }
    }

    /// The span as a range that slices text.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place in a file as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode characters (scalar values), from 1.
    pub column: u32,
}

/// Where each line of a text starts.
///
/// Lines end with LF, CRLF or a lone CR, as in `CommonMark`.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// The number of characters before every [`STEP`]th byte, counted when a place far into a line
    /// is first asked for: a whole book may stand on one line.
    marks: OnceLock<Vec<u32>>,
}

impl LineIndex {
    /// Finds the line starts of `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(Span::new(at + 1, at + 1).start);
            }
        }
        Self { starts, marks: OnceLock::new() }
    }

    /// The number of lines; an empty text has one, and a final line end opens no further line.
    #[must_use]
    pub fn count(&self, text: &str) -> usize {
        match self.starts.last() {
            Some(&last) if last as usize == text.len() && last > 0 => self.starts.len() - 1,
            _ => self.starts.len(),
        }
    }

    /// The line, from 1, that holds the byte at `offset`.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        let line = self.starts.partition_point(|&start| start as usize <= offset);
        u32::try_from(line.max(1)).unwrap_or(u32::MAX)
    }

    /// Turns a byte offset into a line and a column.
    ///
    /// An offset behind the end, or inside a character, counts as the nearest place before it,
    /// and the empty line behind a final line end as the end of the last line.
    ///
    /// ```
    /// use story_lint::source::{LineIndex, Position};
    /// let text = "één\r\ntwo\n";
    /// let lines = LineIndex::new(text);
    /// assert_eq!(lines.position(text, 5), Position { line: 1, column: 4 });
    /// assert_eq!(lines.position(text, 8), Position { line: 2, column: 2 });
    /// assert_eq!(lines.position(text, 99), Position { line: 2, column: 4 });
    /// ```
    #[must_use]
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let mut line = self.line(offset);
        if offset == text.len() {
            line = line.min(u32::try_from(self.count(text)).unwrap_or(u32::MAX));
        }
        let range = self.text_range(text, line);
        let upto = offset.clamp(range.start, range.end);
        let column = self.characters(text, range.start..upto);
        Position { line, column: u32::try_from(column + 1).unwrap_or(u32::MAX) }
    }

    /// The number of characters in a range, in a time that does not grow with the range.
    fn characters(&self, text: &str, range: Range<usize>) -> usize {
        let bytes = text.as_bytes();
        if range.len() <= 2 * STEP {
            return characters(&bytes[range]);
        }
        let marks = self.marks.get_or_init(|| {
            let mut before = 0;
            let steps = bytes.chunks(STEP).map(|step| {
                let mark = before;
                before += Span::new(0, characters(step)).end;
                mark
            });
            steps.collect()
        });
        let before = |offset: usize| {
            // The end of a text that fills its last step has no mark of its own.
            let step = (offset / STEP).min(marks.len().saturating_sub(1));
            let mark = marks.get(step).map_or(0, |&mark| mark as usize);
            mark + characters(&bytes[step * STEP..offset])
        };
        before(range.end) - before(range.start)
    }

    /// The bytes of a line, from 1, without its line end; empty for a line that is not there.
    ///
    /// ```
    /// use story_lint::source::LineIndex;
    /// let text = "one\r\ntwo";
    /// let lines = LineIndex::new(text);
    /// assert_eq!(&text[lines.text_range(text, 1)], "one");
    /// assert_eq!(&text[lines.text_range(text, 2)], "two");
    /// assert_eq!(&text[lines.text_range(text, 3)], "");
    /// ```
    #[must_use]
    pub fn text_range(&self, text: &str, line: u32) -> Range<usize> {
        let index = line.saturating_sub(1) as usize;
        let Some(&start) = self.starts.get(index) else { return text.len()..text.len() };
        let start = start as usize;
        let end = self.starts.get(index + 1).map_or(text.len(), |&next| next as usize);
        let line = text[start..end].trim_end_matches(['\n', '\r']);
        start..start + line.len()
    }
}

/// The number of characters that start in a piece of UTF-8, which may be cut inside one.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_long_lines_count_characters() {
        for (line, length) in [("aé漢😀 ", 3 * STEP), ("x", 4 * STEP), ("漢", 3 * STEP)] {
            let text = format!("before\n{}", line.repeat(length / line.len() + 1));
            let lines = LineIndex::new(&text);
            let start = "before\n".len();
            for (column, (offset, _)) in text[start..].char_indices().enumerate() {
                let position = lines.position(&text, start + offset);
                assert_eq!((position.line, position.column as usize), (2, column + 1));
            }
            let end = lines.position(&text, text.len());
            assert_eq!(end.column as usize, text[start..].chars().count() + 1);
        }
        // The end of the text falls on a step.
        let text = "x".repeat(3 * STEP);
        assert_eq!(LineIndex::new(&text).position(&text, text.len()).column as usize, 3 * STEP + 1);
    }

    #[test]
    fn many_places_in_one_line_are_found_at_once() {
        // Counted from the start each time, this takes minutes.
        let text = "é word ".repeat(1 << 19);
        let lines = LineIndex::new(&text);
        let columns = (0..text.len()).step_by(80).map(|at| lines.position(&text, at).column);
        assert!(columns.is_sorted());
    }
}
