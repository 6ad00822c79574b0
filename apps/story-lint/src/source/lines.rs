use std::ops::Range;

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
        Self { starts }
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
        let column = text[range.start..upto].chars().count();
        Position { line, column: u32::try_from(column + 1).unwrap_or(u32::MAX) }
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
