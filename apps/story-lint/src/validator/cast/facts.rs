use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::Hasher;

use super::colour::Colours;
use super::limb::Limb;
use crate::calendar::Date;
use crate::source::Span;
use crate::validator::section::Section;

/// What a piece says of people and places.
#[derive(Clone, Debug, Default)]
pub struct CastFacts {
    /// Each run of capitalised words, as written.
    pub(super) phrases: FxHashMap<Box<str>, Use>,
    /// Hashes of the words that stand in lower case, from four letters on.
    pub(super) lower: FxHashSet<u64>,
    pub(super) traits: Vec<Observed>,
    pub(super) deaths: Vec<Event>,
    pub(super) speeches: Vec<Event>,
    pub(super) sections: Vec<Section>,
    /// Full dates in the narrator's words, with their block; only where a bible needs them.
    pub(super) dates: Vec<(u32, Date)>,
    /// Paragraphs of any form, and those of them in block quotations.
    pub(super) paragraphs: u32,
    pub(super) quoted: u32,
}

/// How a phrase is used.
#[derive(Clone, Debug, Default)]
pub(super) struct Use {
    pub(super) count: u32,
    /// Where a capital is no matter of the place: not at the start of a sentence or a speech.
    pub(super) inside: u32,
    /// Behind a word such as `at`.
    pub(super) placed: u32,
    /// Beside a word such as `said`.
    pub(super) speaks: u32,
    pub(super) spots: Vec<Spot>,
}

/// One place of a phrase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) span: Span,
    pub(super) quoted: bool,
    /// Emphasised, in verse or in a list: not the narrator's plain text.
    pub(super) apart: bool,
}

/// How many places of a phrase are kept for each piece; what is rare has no more.
pub(super) const MOST_SPOTS: usize = 4;

/// Something said of a person.
#[derive(Clone, Debug)]
pub(super) struct Observed {
    pub(super) who: Box<str>,
    pub(super) what: Trait,
    pub(super) span: Span,
    pub(super) block: u32,
    pub(super) quoted: bool,
    pub(super) spoken: bool,
}

/// What can be said of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trait {
    Eyes(Colours),
    Hair(Colours),
    Age(u32),
    Limb(Limb),
}

/// Someone dies, or says something.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) who: Box<str>,
    pub(super) span: Span,
    pub(super) block: u32,
    pub(super) quoted: bool,
}

impl Use {
    fn join(&mut self, later: Self) {
        self.count += later.count;
        self.inside += later.inside;
        self.placed += later.placed;
        self.speaks += later.speaks;
        let room = MOST_SPOTS.saturating_sub(self.spots.len());
        self.spots.extend(later.spots.into_iter().take(room));
    }
}

impl CastFacts {
    pub(super) fn join(&mut self, later: Self) {
        for (phrase, of) in later.phrases {
            self.phrases.entry(phrase).or_default().join(of);
        }
        self.lower.extend(later.lower);
        self.traits.extend(later.traits);
        self.deaths.extend(later.deaths);
        self.speeches.extend(later.speeches);
        self.sections.extend(later.sections);
        self.dates.extend(later.dates);
        self.paragraphs += later.paragraphs;
        self.quoted += later.quoted;
    }
}

/// The hash by which a word in lower case is known.
pub(super) fn hash(word: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(word.as_bytes());
    hasher.finish()
}
