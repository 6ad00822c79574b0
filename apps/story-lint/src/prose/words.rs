use std::ops::Range;

use super::lists::is_abbreviation;
use crate::document::{BlockKind, Document};

/// What lies between a word and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// White space, and perhaps the full stop of an abbreviation.
    Space,
    /// A hyphen.
    Hyphen,
    /// A comma.
    Comma,
    /// Another pause within a sentence: a dash, a colon, a bracket, a quotation mark.
    Pause,
    /// The end of a sentence, or the start of the paragraph.
    End,
}

/// A word of a paragraph.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    start: u32,
    end: u32,
    /// What lies before it.
    pub gap: Gap,
    /// Whether its first letter is a capital.
    pub capital: bool,
    /// Whether it consists of two or more capitals.
    pub shouted: bool,
    /// Whether it stands between quotation marks.
    pub spoken: bool,
    /// Whether it is emphasised, bold or code.
    pub styled: bool,
    /// Whether `’s` stands behind it, which is no part of it.
    pub owner: bool,
}

impl Word {
    /// Its place in [`Document::prose`].
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The words of all paragraphs of a document.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    words: Vec<Word>,
    /// Of each block, where its words start; one more than there are blocks.
    starts: Vec<u32>,
}

impl Reading {
    /// Reads the paragraphs of a document; other blocks have no words.
    pub(crate) fn of(document: &Document) -> Self {
        let mut reading = Self {
            words: Vec::with_capacity(document.prose.len() / 5),
            starts: Vec::with_capacity(document.blocks.len() + 1),
        };
        let mut run = 0;
        for block in &document.blocks {
            reading.starts.push(narrow(reading.words.len()));
            if block.kind == BlockKind::Paragraph {
                let first = reading.words.len();
                read(document.text(block), block.text.start, &mut reading.words);
                style(document, &mut reading.words[first..], &mut run);
            }
        }
        reading.starts.push(narrow(reading.words.len()));
        reading
    }

    /// The words of a block, by its index.
    #[must_use]
    pub fn block(&self, index: usize) -> &[Word] {
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(&start), Some(&end)) => &self.words[start as usize..end as usize],
            _ => &[],
        }
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Marks the words in emphasis, bold or code; `run` goes on where the last block ended.
fn style(document: &Document, words: &mut [Word], run: &mut usize) {
    let runs = &document.runs;
    for word in words {
        while runs.get(*run).is_some_and(|of| of.prose.end <= word.start as usize) {
            *run += 1;
        }
        let style = runs.get(*run).map(|of| of.style).unwrap_or_default();
        word.styled = style.emphasis || style.strong || style.code;
    }
}

/// Which marks hold speech in a paragraph.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    Double,
    Single,
}

/// Reads a paragraph whose text starts at `base` in the prose.
fn read(text: &str, base: usize, words: &mut Vec<Word>) {
    let bytes = text.as_bytes();
    let has_double = memchr::memchr(b'"', bytes).is_some()
        || memchr::memchr_iter(0xe2, bytes)
            .any(|at| matches!(bytes.get(at + 1..at + 3), Some([0x80, 0x9c..=0x9e])));
    let marks = if has_double { Marks::Double } else { Marks::Single };
    let mut gap = Gap::End;
    let mut spoken = false;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b' ' {
            // By far the most frequent, and the least of all gaps.
            at += 1;
            continue;
        }
        if byte.is_ascii_alphanumeric() || byte >= 0x80 && is_letter(text, at) {
            let (end, next, owner) = word_end(text, at);
            words.push(make(text, at..end, base, gap, spoken, owner));
            at = next;
            gap = Gap::Space;
            continue;
        }
        let length = if byte < 0x80 { 1 } else { width(byte) };
        let here = match byte {
            b'\n' | b'\t' | b'*' | b'_' | b'\\' => Gap::Space,
            b'-' if is_hyphen(bytes, at) => Gap::Hyphen,
            b',' => Gap::Comma,
            b'.' if ends_abbreviation(text, at) => Gap::Space,
            b'.' | b'!' | b'?' => Gap::End,
            b'"' => {
                spoken = !spoken;
                Gap::Pause
            }
            b'\'' => {
                turn_single(text, at, length, marks, &mut spoken);
                Gap::Pause
            }
            0xe2 => punctuation(text, at, marks, &mut spoken),
            0xc2 if bytes.get(at + 1) == Some(&0xa0) => Gap::Space,
            _ => Gap::Pause,
        };
        gap = wider(gap, here);
        at += length;
    }
}

fn wider(a: Gap, b: Gap) -> Gap {
    if (b as u8) > (a as u8) { b } else { a }
}

fn width(lead: u8) -> usize {
    match lead {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

fn is_letter(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    // General punctuation is most of what is not ASCII.
    if bytes[at] == 0xe2 && bytes.get(at + 1) == Some(&0x80) {
        return false;
    }
    text[at..].chars().next().is_some_and(char::is_alphanumeric)
}

/// An apostrophe, straight or curly, at a place; and its length.
fn apostrophe(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b'\'', ..] => Some(1),
        [0xe2, 0x80, 0x99, ..] => Some(3),
        _ => None,
    }
}

/// Where a word ends, where reading goes on, and whether it owns.
fn word_end(text: &str, start: usize) -> (usize, usize, bool) {
    let bytes = text.as_bytes();
    let is_part = |at: usize| {
        bytes.get(at).is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || *byte >= 0x80 && is_letter(text, at)
        })
    };
    let mut at = start;
    loop {
        at = letters_end(text, at);
        let Some(mark) = apostrophe(bytes, at) else { return (at, at, false) };
        if !is_part(at + mark) {
            return (at, at, false);
        }
        if bytes[at + mark] == b's' && !is_part(at + mark + 1) {
            return (at, at + mark + 1, true);
        }
        at += mark;
    }
}

/// Where the letters and digits end that start at a place.
fn letters_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        // Nearly every word fits into one step, so there is no loop whose end has to be guessed.
        while let Some(eight) = bytes[at..].first_chunk() {
            let length = leading_letters(u64::from_le_bytes(*eight));
            at += length;
            if length < 8 {
                break;
            }
        }
        match bytes.get(at) {
            Some(byte) if byte.is_ascii_alphanumeric() => at += 1,
            Some(&byte) if byte >= 0x80 && is_letter(text, at) => at += width(byte),
            _ => return at,
        }
    }
}

/// How many of eight bytes, the lowest first, are ASCII letters or digits before another comes.
fn leading_letters(eight: u64) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = 0x80 * EACH;
    // Below the top bit nothing is carried into the next byte; the top bit says the answer.
    let at_least = |bytes: u64, least: u8| (bytes & !TOP) + u64::from(0x80 - least) * EACH;
    let lower = eight | (0x20 * EACH);
    let letters = at_least(lower, b'a') & !at_least(lower, b'z' + 1);
    let digits = at_least(eight, b'0') & !at_least(eight, b'9' + 1);
    let others = !((letters | digits) & !eight) & TOP;
    others.trailing_zeros() as usize / 8
}

fn make(text: &str, range: Range<usize>, base: usize, gap: Gap, spoken: bool, owner: bool) -> Word {
    let word = &text[range.clone()];
    let capital = match word.as_bytes()[0] {
        byte if byte < 0x80 => byte.is_ascii_uppercase(),
        _ => word.starts_with(char::is_uppercase),
    };
    let shouted = capital && word.len() > 1 && word.chars().skip(1).all(|c| !c.is_lowercase());
    Word {
        start: narrow(base + range.start),
        end: narrow(base + range.end),
        gap,
        capital,
        shouted,
        spoken,
        styled: false,
        owner,
    }
}

/// Whether a hyphen joins two words; two of them are a dash.
fn is_hyphen(bytes: &[u8], at: usize) -> bool {
    let part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
    at > 0 && part(bytes.get(at - 1)) && part(bytes.get(at + 1))
}

/// The letters of the longest abbreviation.
const MOST_LETTERS: usize = 6;

/// Whether the full stop at `at` belongs to the word before it.
fn ends_abbreviation(text: &str, at: usize) -> bool {
    // A longer word is none, and most are longer.
    let bytes = text.as_bytes()[..at].iter().rev().take(MOST_LETTERS + 1);
    if bytes.take_while(|byte| byte.is_ascii_alphabetic()).count() > MOST_LETTERS {
        return false;
    }
    let before = &text[..at];
    let start = before
        .rfind(|c: char| !c.is_alphabetic())
        .map_or(0, |space| space + before[space..].chars().next().map_or(1, char::len_utf8));
    let word = &before[start..];
    if !word.starts_with(|c: char| c.is_ascii_uppercase()) {
        return false;
    }
    is_abbreviation(word) || word.len() == 1 && word != "I" && word.starts_with(char::is_uppercase)
}

/// A character of general punctuation, or another that is no letter.
fn punctuation(text: &str, at: usize, marks: Marks, spoken: &mut bool) -> Gap {
    match text[at..].chars().next().unwrap_or(' ') {
        '“' | '„' => {
            *spoken = true;
            Gap::Pause
        }
        '”' => {
            *spoken = false;
            Gap::Pause
        }
        '‘' => {
            if marks == Marks::Single {
                *spoken = true;
            }
            Gap::Pause
        }
        '’' => {
            turn_single(text, at, 3, marks, spoken);
            Gap::Pause
        }
        '…' => Gap::End,
        c if c.is_whitespace() => Gap::Space,
        '\u{2010}' | '\u{2011}' => Gap::Hyphen,
        _ => Gap::Pause,
    }
}

/// What a mark does that may be an apostrophe: it opens before a word and closes behind
/// punctuation.
fn turn_single(text: &str, at: usize, length: usize, marks: Marks, spoken: &mut bool) {
    if marks == Marks::Double {
        return;
    }
    let before = text[..at].chars().next_back();
    let after = text[at + length..].chars().next();
    if *spoken {
        let closes = before.is_some_and(|c| matches!(c, '.' | ',' | '!' | '?' | '…' | '—' | '-'))
            && !after.is_some_and(char::is_alphanumeric);
        *spoken = !closes;
    } else if length == 1 {
        *spoken = before.is_none_or(char::is_whitespace) && after.is_some_and(char::is_uppercase);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;

    /// Each word as written, with marks: `^` opens a sentence, `"` is spoken, `*` is styled, `'`
    /// owns.
    fn shown(text: &str) -> String {
        let document = parse(text);
        let mut shown = Vec::new();
        for index in 0..document.blocks.len() {
            for word in document.reading().block(index) {
                let mut one = String::new();
                one.push_str(if word.gap == Gap::End { "^" } else { "" });
                one.push_str(if word.gap == Gap::Hyphen { "-" } else { "" });
                one.push_str(if word.spoken { "\"" } else { "" });
                one.push_str(if word.styled { "*" } else { "" });
                one.push_str(&document.prose[word.range()]);
                one.push_str(if word.owner { "'" } else { "" });
                shown.push(one);
            }
        }
        shown.join(" ")
    }

    #[test]
    fn letters_are_counted_by_eight() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut bytes = *b"aZ09zAmM";
                bytes[at] = byte;
                let expected = if byte.is_ascii_alphanumeric() { 8 } else { at };
                assert_eq!(leading_letters(u64::from_le_bytes(bytes)), expected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn words_know_where_they_stand() {
        for (text, expected) in [
            ("Mr. Gray left. He ran.", "^Mr Gray left ^He ran"),
            ("“Go,” said Ann’s boy.", "^\"Go said Ann' boy"),
            ("\"Go!\" he said. \"Now.\"", "^\"Go ^he said ^\"Now"),
            ("‘Go,’ said Ann. ‘Don’t.’", "^\"Go said Ann ^\"Don’t"),
            ("'Go,' said Ann.", "^\"Go said Ann"),
            ("The *Rose* was blue-eyed.", "^The *Rose was blue -eyed"),
            ("J. R. Smith, Éva O’Brien", "^J R Smith Éva O’Brien"),
            ("# Heading\n\nText—more.", "^Text more"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
