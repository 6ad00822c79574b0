use std::ops::Range;

use super::facts::Trait;
use super::read::Named;
use crate::prose::{Gap, number_at};

/// Words of a sentence that speaks of another time, or is not sure.
const UNSURE: [&str; 32] = [
    "when", "then", "before", "after", "ago", "since", "had", "if", "until", "till", "would",
    "could", "should", "might", "not", "never", "nearly", "almost", "about", "over", "under",
    "past", "perhaps", "looked", "seemed", "like", "than", "least", "already", "once", "turned",
    "will",
];

/// Who is said to be how old where the word `years`, `aged`, `of`, `was` or the like stands.
pub(super) fn at(named: &Named<'_>, at: usize) -> Option<(Range<usize>, Trait, Range<usize>)> {
    let sentence = named.words;
    let (who, age, words) = match sentence.get(at)? {
        "years" => years_old(named, at),
        "year" => year_old(named, at),
        "aged" => aged(named, at),
        "of" => person_of(named, at),
        "was" | "is" => was(named, at),
        _ => None,
    }?;
    // What follows may speak of anything: `…, and had no one to guide her`.
    let is_unsure = (0..=words.end).any(|index| sentence.is_any(index, &UNSURE));
    let is_sure = (1..=120).contains(&age) && !is_unsure;
    is_sure.then_some((who, Trait::Age(age), words))
}

type Found = (Range<usize>, u32, Range<usize>);

/// The number that ends before a word, and where it starts.
fn number_before(named: &Named<'_>, end: usize) -> Option<(u32, usize)> {
    (1..=3).rev().filter_map(|length| end.checked_sub(length)).find_map(|start| {
        let (number, words) = number_at(&named.words, start)?;
        (start + words == end).then_some((number, start))
    })
}

/// `Jane was nineteen years old`, `Jane, nineteen years old`.
fn years_old(named: &Named<'_>, at: usize) -> Option<Found> {
    let sentence = named.words;
    let is_age =
        sentence.is(at + 1, "old") || sentence.is(at + 1, "of") && sentence.is(at + 2, "age");
    if !is_age {
        return None;
    }
    let (age, start) = number_before(named, at)?;
    let who = bearer(named, start)?;
    Some((who.clone(), age, who.start..at + 2))
}

/// `nineteen-year-old Jane`.
fn year_old(named: &Named<'_>, at: usize) -> Option<Found> {
    let sentence = named.words;
    let is_joined = |index| sentence.gap(index) == Some(Gap::Hyphen);
    if !(sentence.is(at + 1, "old") && is_joined(at + 1) && is_joined(at)) {
        return None;
    }
    let (age, start) = number_before(named, at)?;
    let name = named.starts_at(at + 2).filter(|_| sentence.gap(at + 2) == Some(Gap::Space))?;
    Some((name.clone(), age, start..name.end))
}

/// `Jane, aged nineteen,`.
fn aged(named: &Named<'_>, at: usize) -> Option<Found> {
    let (age, words) = number_at(&named.words, at + 1)?;
    let who = bearer(named, at)?;
    Some((who.clone(), age, who.start..at + 1 + words))
}

/// `Jane was a tall girl of nineteen`.
fn person_of(named: &Named<'_>, at: usize) -> Option<Found> {
    const PEOPLE: [&str; 16] = [
        "girl",
        "boy",
        "man",
        "woman",
        "lad",
        "lass",
        "child",
        "youth",
        "maid",
        "lady",
        "gentleman",
        "fellow",
        "creature",
        "person",
        "widow",
        "youngster",
    ];
    let sentence = named.words;
    if at == 0 || !sentence.is_any(at - 1, &PEOPLE) {
        return None;
    }
    let (age, words) = number_at(&sentence, at + 1)?;
    if !ends_there(named, at + 1 + words) {
        return None;
    }
    let subject = named.subject()?;
    let is_plain = sentence.is_any(subject.end, &["was", "is"])
        && sentence.is_any(subject.end + 1, &["a", "an", "the"])
        && at - subject.end <= 8;
    is_plain.then(|| (subject.clone(), age, subject.start..at + 1 + words))
}

/// `Jane was nineteen.`
fn was(named: &Named<'_>, at: usize) -> Option<Found> {
    // A cheap look first: `was` stands in every other sentence.
    let subject =
        named.names.first().filter(|name| name.end == at).and_then(|_| named.subject())?;
    let (age, words) = number_at(&named.words, at + 1)?;
    let is_bare = age >= 5 && ends_there(named, at + 1 + words);
    is_bare.then(|| (subject.clone(), age, subject.start..at + 1 + words))
}

/// Whether the number is the last of its clause: `five of them` counts something else.
fn ends_there(named: &Named<'_>, at: usize) -> bool {
    named.words.gap(at).is_none_or(|gap| gap != Gap::Space && gap != Gap::Hyphen)
        || named.words.is(at, "and")
}

/// Whose age stands at a word: the subject with a verb before it, or a name with a comma.
fn bearer(named: &Named<'_>, start: usize) -> Option<Range<usize>> {
    let sentence = named.words;
    if sentence.gap(start) == Some(Gap::Comma) {
        return named.ends_at(start).filter(|name| !sentence.words[name.end - 1].owner);
    }
    let subject = named.subject()?;
    let verb = sentence.is_any(subject.end, &["was", "is"]);
    (verb && start == subject.end + 1).then_some(subject)
}
