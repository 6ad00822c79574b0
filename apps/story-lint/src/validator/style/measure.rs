use super::rules::{ADVERBS, EXCLAMATIONS, FILTERS, LENGTH};
use crate::rule::Rule;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Length,
    Adverbs,
    Exclamations,
    Filters,
}

impl Measure {
    pub(super) const ALL: [Self; 4] =
        [Self::Length, Self::Adverbs, Self::Exclamations, Self::Filters];

    pub(super) fn rule(self) -> &'static Rule {
        match self {
            Self::Length => &LENGTH,
            Self::Adverbs => &ADVERBS,
            Self::Exclamations => &EXCLAMATIONS,
            Self::Filters => &FILTERS,
        }
    }

    /// The rate in words.
    pub(super) fn show(self, rate: f64) -> String {
        match self {
            Self::Length => format!("{rate:.1} words to a sentence"),
            Self::Adverbs => format!("{rate:.1} adverbs in -ly to 1,000 words"),
            Self::Exclamations => format!("{rate:.1} exclamation marks to 1,000 words"),
            Self::Filters => format!("{rate:.1} filter words to 1,000 words"),
        }
    }
}

/// What was counted in some text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) words: u32,
    pub(super) sentences: u32,
    /// Of each measure but the length.
    pub(super) adverbs: u32,
    pub(super) exclamations: u32,
    pub(super) filters: u32,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        self.words += other.words;
        self.sentences += other.sentences;
        self.adverbs += other.adverbs;
        self.exclamations += other.exclamations;
        self.filters += other.filters;
    }

    /// The rate of a measure; zero for no text.
    pub(super) fn rate(&self, measure: Measure) -> f64 {
        let share = |count: u32, of: u32, unit: f64| {
            if of == 0 { 0.0 } else { f64::from(count) / f64::from(of) * unit }
        };
        match measure {
            Measure::Length => share(self.words, self.sentences, 1.0),
            Measure::Adverbs => share(self.adverbs, self.words, 1000.0),
            Measure::Exclamations => share(self.exclamations, self.words, 1000.0),
            Measure::Filters => share(self.filters, self.words, 1000.0),
        }
    }
}

/// Whether a word is an adverb in -ly, as far as its letters tell.
pub(super) fn is_adverb(word: &str) -> bool {
    word.len() > 4
        && word.ends_with("ly")
        && !matches!(
            word,
            "family"
                | "only"
                | "early"
                | "reply"
                | "lonely"
                | "lovely"
                | "friendly"
                | "ugly"
                | "silly"
                | "holy"
                | "belly"
                | "rely"
                | "supply"
                | "apply"
                | "likely"
                | "daily"
                | "elderly"
                | "lively"
                | "deadly"
                | "homely"
                | "chilly"
                | "curly"
                | "bully"
                | "jelly"
                | "rally"
                | "assembly"
                | "melancholy"
                | "butterfly"
                | "cowardly"
                | "heavenly"
                | "unlikely"
                | "comply"
                | "imply"
                | "multiply"
                | "monthly"
                | "weekly"
                | "yearly"
                | "anomaly"
                | "folly"
                | "jolly"
                | "july"
                | "wooly"
                | "woolly"
        )
}

/// Whether a word puts a watcher between the reader and the scene.
pub(super) fn is_filter(word: &str) -> bool {
    matches!(
        word,
        "saw"
            | "heard"
            | "felt"
            | "noticed"
            | "watched"
            | "seemed"
            | "realised"
            | "realized"
            | "wondered"
            | "thought"
            | "knew"
            | "decided"
    )
}
