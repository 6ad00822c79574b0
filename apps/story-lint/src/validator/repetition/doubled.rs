use crate::document::{Block, BlockKind, Document};
use crate::prose::Word;
use crate::source::Span;

/// Whether a short word ends as the word before it does; no word is doubled in other paragraphs.
///
/// Most have none, and the words are known already.
pub(super) fn may_be_doubled(prose: &str, words: &[Word]) -> bool {
    let bytes = prose.as_bytes();
    words.windows(2).any(|pair| {
        let (first, second) = (pair[0].range(), pair[1].range());
        second.len() <= LONGEST
            && first.len() >= second.len()
            && bytes[first.end - 1] | 0x20 == bytes[second.end - 1] | 0x20
            && bytes[first.end - second.len()..first.end].eq_ignore_ascii_case(&bytes[second])
    })
}

/// Calls `found` with the place of both words wherever a word of the closed list is doubled.
pub(super) fn doubled(document: &Document, block: &Block, mut found: impl FnMut(Span, &str)) {
    if block.hard_breaks || !matches!(block.kind, BlockKind::Paragraph | BlockKind::Cell) {
        return;
    }
    let bytes = document.text(block).as_bytes();
    let mut before = 0..0;
    let mut start = 0;
    let ends = memchr::memchr2_iter(b' ', b'\n', bytes).chain(std::iter::once(bytes.len()));
    for end in ends {
        if end == start {
            start = end + 1;
            continue;
        }
        let word = start..end;
        // Most pairs differ in their last letter already.
        let last = |end: usize| bytes[end - 1] | 0x20;
        if !before.is_empty() && word.len() <= LONGEST && last(before.end) == last(word.end) {
            let first = strip(bytes, before.start, before.end);
            let pair = first..word.end;
            if is_doubled(&bytes[first..before.end], &bytes[word.clone()])
                && same_style(document, block, pair.clone())
            {
                let at = block.text.start;
                let span = document.source_span(at + pair.start..at + pair.end);
                found(span, &document.text(block)[word.clone()]);
            }
        }
        before = word;
        start = end + 1;
    }
}

/// The words that are reported, by length. Good English doubles none of them.
const LISTED: [&[u8]; 17] = [
    b"a", b"an", b"of", b"to", b"my", b"or", b"at", b"by", b"the", b"and", b"our", b"for", b"your",
    b"from", b"with", b"into", b"their",
];
const LONGEST: usize = 5;

fn is_doubled(first: &[u8], second: &[u8]) -> bool {
    first.eq_ignore_ascii_case(second)
        && LISTED.iter().any(|word| word.eq_ignore_ascii_case(second))
        // `the The Times`: a name that starts with the word.
        && second[0].is_ascii_lowercase()
}

/// Skips what may stand before a word: quotation marks, brackets, a dash.
fn strip(bytes: &[u8], start: usize, end: usize) -> usize {
    let letters = bytes[start..end].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
    let cut = end - letters;
    // Behind an apostrophe, a hyphen or a letter with an accent, the rest is no word.
    let joined = bytes[start..cut].last().is_some_and(|b| matches!(b, b'\'' | b'-'))
        || bytes[start..cut].ends_with("’".as_bytes())
        || bytes[start..cut].last().is_some_and(|&b| b >= 0x80)
            && !["“", "‘", "—", "–", "«", "„"]
                .iter()
                .any(|mark| bytes[start..cut].ends_with(mark.as_bytes()));
    if joined { start } else { cut }
}

/// Whether no markup changes between the two words.
fn same_style(document: &Document, block: &Block, pair: std::ops::Range<usize>) -> bool {
    let (start, end) = (block.text.start + pair.start, block.text.start + pair.end);
    let first = document.runs.partition_point(|run| run.prose.end <= start);
    let mut runs = document.runs[first..].iter().take_while(|run| run.prose.start < end);
    let Some(style) = runs.next().map(|run| run.style) else { return false };
    !style.code && runs.all(|run| run.style == style)
}
