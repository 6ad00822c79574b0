use std::ops::Range;

use super::colour::{Colours, Part};
use super::facts::Trait;
use super::read::Named;
use crate::prose::Gap;

/// Who has which eyes or hair, and the words that say so.
type Found = (Range<usize>, Trait, Range<usize>);

/// What is said where the word `eyes`, `eyed`, `hair` or `haired` stands.
pub(super) fn at(named: &Named<'_>, at: usize) -> Option<Found> {
    let sentence = named.words;
    let part = if sentence.is_any(at, &["eyes", "eyed"]) { Part::Eyes } else { Part::Hair };
    // What is denied stands before the eyes, or right behind them.
    let near = (0..at + 4).any(|index| sentence.is_any(index, &DENIALS));
    if near || sentence.has_any(&CHANGES) {
        return None;
    }
    let (who, colours, words) = if sentence.is_any(at, &["eyed", "haired"]) {
        joined(named, at, part)
    } else {
        before(named, at, part).or_else(|| behind(named, at, part))
    }?;
    let what = match part {
        Part::Eyes => Trait::Eyes(colours),
        Part::Hair => Trait::Hair(colours),
    };
    Some((who, what, words))
}

/// Words of a sentence in which a colour is not there to stay, or not there at all.
const CHANGES: [&str; 15] = [
    "dyed", "dye", "wig", "bleached", "lenses", "turned", "became", "grew", "mask", "painted",
    "paint", "ink", "dust", "bruised", "swollen",
];

/// Words with which a colour is not there.
const DENIALS: [&str; 7] = ["if", "not", "no", "never", "unlike", "nor", "neither"];

/// `Jane’s bright blue eyes`, `Jane had blue eyes`, `Jane, with blue eyes`.
fn before(
    named: &Named<'_>,
    at: usize,
    part: Part,
) -> Option<(Range<usize>, Colours, Range<usize>)> {
    let sentence = named.words;
    let mut colours = Colours::default();
    let mut first = at;
    while first > 0 && at - first < 6 {
        let word = &sentence.words[first - 1];
        let text = sentence.get(first - 1)?;
        if word.capital || is_border(text) || matches!(sentence.gap(first)?, Gap::Pause) {
            break;
        }
        // `black-lashed` says nothing of the eye.
        let is_half = sentence.gap(first) == Some(Gap::Hyphen)
            && Colours::of(sentence.get(first)?, part).is_empty();
        if !is_half {
            colours = colours.and(Colours::of(text, part));
        }
        first -= 1;
    }
    if colours.is_empty() || first == 0 {
        return None;
    }
    let close = |gap: Option<Gap>| matches!(gap, Some(Gap::Space | Gap::Comma));
    if !close(sentence.gap(first)) {
        return None;
    }
    if let Some(name) = named.ends_at(first)
        && sentence.words[first - 1].owner
        && sentence.gap(first) == Some(Gap::Space)
    {
        return Some((name.clone(), colours, name.start..at + 1));
    }
    // `of brown hair`: a lock in a locket is somebody's, and perhaps not hers.
    let mut verb = first - 1;
    if verb > 0 && sentence.is_any(verb, &["a", "the"]) {
        verb -= 1;
    }
    if verb > 0 && sentence.is_any(verb, &["had", "has", "with"]) {
        let name = named.ends_at(verb)?;
        if sentence.words[verb - 1].owner
            || name.start > 0 && sentence.is_any(name.start - 1, &["and", "or"])
        {
            return None;
        }
        let is_sure = !sentence.is(verb, "with") || sentence.gap(verb) == Some(Gap::Comma);
        return is_sure.then(|| (name.clone(), colours, name.start..at + 1));
    }
    None
}

/// `Jane’s eyes were blue`.
fn behind(
    named: &Named<'_>,
    at: usize,
    part: Part,
) -> Option<(Range<usize>, Colours, Range<usize>)> {
    let sentence = named.words;
    let name = named.ends_at(at).filter(|_| sentence.words[at - 1].owner)?;
    if !sentence.is_any(at + 1, &["were", "was", "are", "is"]) {
        return None;
    }
    let mut colours = Colours::default();
    let mut end = at + 2;
    // An adverb or two may stand between, and a second colour behind.
    for index in at + 2..at + 6 {
        let Some(text) = sentence.get(index) else { break };
        let colour = Colours::of(text, part);
        if matches!(sentence.gap(index), Some(Gap::Comma | Gap::Pause)) && !colours.is_empty() {
            break;
        }
        if !colour.is_empty() {
            colours = colours.and(colour);
            end = index + 1;
        } else if !colours.is_empty() && text != "and" || is_border(text) && text != "a" {
            break;
        }
    }
    // `black with rage`, `blue as the sky` are a look and not a colour, or the same as one.
    let is_figure = sentence.is(end, "with");
    (!colours.is_empty() && !is_figure).then(|| (name.clone(), colours, name.start..end))
}

/// `blue-eyed Jane`, `Jane was blue-eyed`.
fn joined(
    named: &Named<'_>,
    at: usize,
    part: Part,
) -> Option<(Range<usize>, Colours, Range<usize>)> {
    let sentence = named.words;
    if sentence.gap(at) != Some(Gap::Hyphen) || at == 0 {
        return None;
    }
    let colours = Colours::of(sentence.get(at - 1)?, part);
    if colours.is_empty() {
        return None;
    }
    if let Some(name) = named.starts_at(at + 1)
        && sentence.gap(at + 1) == Some(Gap::Space)
    {
        return Some((name.clone(), colours, at - 1..name.end));
    }
    let subject = named.subject()?;
    let is_plain = sentence.is_any(subject.end, &["was", "is"]) && at - 1 - subject.end <= 3;
    is_plain.then(|| (subject.clone(), colours, subject.start..at + 1))
}

/// A word that ends a row of adjectives.
fn is_border(word: &str) -> bool {
    matches!(
        word,
        "of" | "in"
            | "with"
            | "to"
            | "at"
            | "on"
            | "by"
            | "from"
            | "his"
            | "her"
            | "their"
            | "my"
            | "your"
            | "our"
            | "its"
            | "the"
            | "a"
            | "were"
            | "was"
            | "is"
            | "are"
            | "had"
            | "has"
            | "have"
            | "as"
            | "that"
            | "which"
            | "for"
            | "who"
            | "whose"
            | "into"
            | "under"
            | "he"
            | "she"
            | "they"
            | "it"
            | "but"
            | "or"
            | "between"
            | "like"
            | "those"
            | "these"
    )
}
