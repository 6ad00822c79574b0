use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::facts::{CastFacts, Spot, Use, hash};
use crate::bible::Bible;
use crate::prose::{Title, is_title};
use crate::story::FileId;

/// A word that is used as a name, over the whole story.
#[derive(Debug, Default)]
pub(super) struct Token<'a> {
    pub(super) count: u32,
    pub(super) inside: u32,
    pub(super) placed: u32,
    pub(super) speaks: u32,
    /// The titles it bears.
    pub(super) titles: BTreeSet<&'a str>,
    /// Names before it in the same phrase, titles let be.
    pub(super) before: BTreeSet<&'a str>,
    /// Names behind it.
    pub(super) behind: BTreeSet<&'a str>,
    /// The first places, in order.
    pub(super) spots: Vec<(FileId, Spot)>,
}

/// A phrase taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) parts: Vec<&'a str>,
}

impl<'a> Phrase<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut title = None;
        let mut parts: Vec<&str> =
            text.split([' ', '.', '\u{a0}']).filter(|w| !w.is_empty()).collect();
        while parts.len() > 1 && is_title(parts[0]).is_some() {
            title = Some(parts.remove(0));
        }
        Self { title, parts }
    }
}

/// The names of a story, as learned from its text.
pub(super) struct Names<'a> {
    pub(super) tokens: BTreeMap<&'a str, Token<'a>>,
    facts: Vec<&'a CastFacts>,
    pub(super) bible: Option<&'a Bible>,
}

/// How many places of a name are kept.
const MOST_SPOTS: usize = 8;

impl<'a> Names<'a> {
    /// Learns from the facts of files in reading order.
    pub(super) fn learn(files: &[(FileId, &'a CastFacts)], bible: Option<&'a Bible>) -> Self {
        let mut phrases: FxHashMap<&'a str, Vec<(FileId, &'a Use)>> = FxHashMap::default();
        for &(file, facts) in files {
            for (phrase, of) in &facts.phrases {
                phrases.entry(phrase).or_default().push((file, of));
            }
        }
        let mut tokens: BTreeMap<&'a str, Token<'a>> = BTreeMap::new();
        for (text, uses) in phrases {
            let phrase = Phrase::of(text);
            for (index, part) in phrase.parts.iter().enumerate() {
                let token = tokens.entry(part).or_default();
                for (file, of) in &uses {
                    token.count += of.count;
                    // Behind another name or a title a capital is no matter of the place.
                    let is_led = index > 0 || phrase.title.is_some();
                    token.inside += if is_led { of.count } else { of.inside };
                    token.placed += of.placed;
                    token.speaks += of.speaks;
                    token.spots.extend(of.spots.iter().map(|spot| (*file, *spot)));
                }
                token
                    .titles
                    .extend(phrase.title.filter(|_| index == 0 || phrase.parts.len() == index + 1));
                token.before.extend(phrase.parts[..index].last());
                token.behind.extend(phrase.parts.get(index + 1));
            }
        }
        for token in tokens.values_mut() {
            token.spots.sort_by_key(|(file, spot)| (*file, spot.span));
            token.spots.truncate(MOST_SPOTS);
        }
        Self { tokens, facts: files.iter().map(|(_, facts)| *facts).collect(), bible }
    }

    /// Whether a word stands somewhere in lower case; short ones always do.
    pub(super) fn is_lower(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        if lower.len() < 4 {
            return false;
        }
        let hash = hash(&lower);
        self.facts.iter().any(|facts| facts.lower.contains(&hash))
    }

    /// Whether a word is surely a name: it keeps its capital wherever it stands, or is declared.
    pub(super) fn is_name(&self, word: &str) -> bool {
        let is_used = self.tokens.get(word).is_some_and(|token| token.inside >= 2);
        self.is_declared(word) || is_used && !self.is_lower(word)
    }

    pub(super) fn is_declared(&self, word: &str) -> bool {
        self.bible.is_some_and(|bible| bible.knows(word))
    }

    /// The parts of a phrase that name someone; none if it names nobody.
    fn person(&self, text: &'a str) -> Phrase<'a> {
        let mut phrase = Phrase::of(text);
        phrase.parts.retain(|part| self.is_name(part) || phrase.title.is_some());
        phrase
    }

    /// Whether two phrases surely name one person.
    pub(super) fn is_same(&self, a: &'a str, b: &'a str) -> bool {
        if let Some(bible) = self.bible
            && let (Some(a), Some(b)) = (bible.character(a), bible.character(b))
        {
            return a == b;
        }
        let (a, b) = (self.person(a), self.person(b));
        if a.parts.is_empty() || b.parts.is_empty() || !titles_agree(a.title, b.title) {
            return false;
        }
        if a.parts == b.parts {
            let [only] = a.parts[..] else { return true };
            // Two may have one given name; a family name alone means whom it always means.
            let is_given_to_two = self.tokens.get(only).is_some_and(|token| {
                token.behind.iter().filter(|word| self.is_borne(word)).count() > 1
            });
            return a.title == b.title && !is_given_to_two || !self.is_shared(only);
        }
        let (short, long) = if a.parts.len() < b.parts.len() { (a, b) } else { (b, a) };
        let [name] = short.parts[..] else { return false };
        long.parts.contains(&name) && !self.is_shared(name)
    }

    /// Whether a word beside a name is one, too, though it may also be a colour or a trade.
    fn is_borne(&self, word: &str) -> bool {
        self.is_declared(word) || self.tokens.get(word).is_some_and(|token| token.inside >= 2)
    }

    /// Whether several people bear a name: a family, or two with one given name.
    fn is_shared(&self, name: &str) -> bool {
        let Some(token) = self.tokens.get(name) else { return false };
        let named = |words: &BTreeSet<&str>| words.iter().filter(|w| self.is_borne(w)).count();
        let kinds = |kind: fn(Title) -> bool| {
            token.titles.iter().filter_map(|title| is_title(title)).any(kind)
        };
        let men = kinds(|title| title == Title::Man);
        let wives = kinds(|title| title == Title::Wife);
        let maids = kinds(|title| title == Title::Maid);
        let families = usize::from(men) + usize::from(wives) + usize::from(maids);
        named(&token.before) > 1 || named(&token.behind) > 1 || families > 2
    }
}

fn titles_agree(a: Option<&str>, b: Option<&str>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return true };
    let (Some(one), Some(other)) = (is_title(a), is_title(b)) else { return true };
    a == b
        || one == Title::Anyone
        || other == Title::Anyone
        || one == Title::Man && other == Title::Man
        || one == Title::Lady && other != Title::Man
        || other == Title::Lady && one != Title::Man
}
