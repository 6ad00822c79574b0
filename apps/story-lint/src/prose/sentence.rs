use std::ops::Range;

use super::words::{Gap, Word};

/// The words of one sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sentence<'a> {
    prose: &'a str,
    pub(crate) words: &'a [Word],
}

impl<'a> Sentence<'a> {
    /// Makes a sentence of words of this prose.
    pub(crate) fn new(prose: &'a str, words: &'a [Word]) -> Self {
        Self { prose, words }
    }

    /// The text of a word.
    pub(crate) fn get(&self, index: usize) -> Option<&'a str> {
        self.words.get(index).map(|word| &self.prose[word.range()])
    }

    /// Whether the word is this one, in lower case or at the start of a sentence.
    pub(crate) fn is(&self, index: usize, word: &str) -> bool {
        self.get(index).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    /// Whether the word is one of these.
    pub(crate) fn is_any(&self, index: usize, words: &[&str]) -> bool {
        self.get(index)
            .is_some_and(|found| words.iter().any(|word| found.eq_ignore_ascii_case(word)))
    }

    /// Whether one of these words occurs at all.
    pub(crate) fn has_any(&self, words: &[&str]) -> bool {
        (0..self.words.len()).any(|index| self.is_any(index, words))
    }

    /// What lies before a word.
    pub(crate) fn gap(&self, index: usize) -> Option<Gap> {
        self.words.get(index).map(|word| word.gap)
    }

    /// The place of some words in the prose.
    pub(crate) fn range(&self, words: Range<usize>) -> Range<usize> {
        let start = self.words[words.start].range().start;
        let end = self.words[words.end.max(words.start + 1) - 1].range().end;
        start..end
    }

    /// The text of some words, with what stands between them.
    pub(crate) fn slice(&self, words: Range<usize>) -> &'a str {
        &self.prose[self.range(words)]
    }
}

/// Parts the words of a paragraph into sentences.
pub(crate) fn sentences<'a>(
    prose: &'a str,
    words: &'a [Word],
) -> impl Iterator<Item = Sentence<'a>> {
    let mut rest = words;
    std::iter::from_fn(move || {
        let end = rest.iter().skip(1).position(|word| word.gap == Gap::End);
        let (sentence, behind) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
        rest = behind;
        (!sentence.is_empty()).then(|| Sentence::new(prose, sentence))
    })
}
