use std::ops::Range;

use super::facts::Trait;
use super::read::Named;

/// A mark on one side of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limb {
    pub(super) part: &'static str,
    pub(super) harm: &'static str,
    pub(super) is_left: bool,
}

/// Parts of a body that there are two of.
const PARTS: [&str; 19] = [
    "arm", "leg", "hand", "foot", "eye", "ear", "cheek", "knee", "shoulder", "thigh", "wrist",
    "ankle", "temple", "eyebrow", "brow", "hip", "elbow", "shin", "thumb",
];

/// What marks a part for good, and the words for it.
const HARMS: [(&str, &[&str]); 7] = [
    ("scar", &["scar", "scarred", "scars"]),
    ("limp", &["limp", "limped", "limping", "lame", "lamed"]),
    ("loss", &["lost", "missing", "amputated", "stump", "severed"]),
    (
        "prosthesis",
        &["wooden", "ivory", "cork", "hook", "peg", "glass", "prosthetic", "artificial"],
    ),
    ("blindness", &["blind", "patch", "sightless"]),
    ("deafness", &["deaf"]),
    ("mark", &["birthmark", "mole", "tattoo", "tattooed", "crippled", "withered", "maimed"]),
];

/// Whose left or right part is marked for good where the word `left` or `right` stands.
pub(super) fn at(named: &Named<'_>, at: usize) -> Option<(Range<usize>, Trait, Range<usize>)> {
    let sentence = named.words;
    let is_left = sentence.is(at, "left");
    // `left leg`, and `left wooden leg`; `in the left of his eyes` says nothing.
    let part_at = (at + 1..=at + 2).find(|&index| sentence.is_any(index, &PARTS))?;
    if sentence.has_any(&["both", "not", "no", "if", "or", "neither"]) {
        return None;
    }
    let part = PARTS.into_iter().find(|part| sentence.is(part_at, part))?;
    let (harm, harm_at) = HARMS.iter().find_map(|(harm, words)| {
        let near = at.saturating_sub(7)..(part_at + 6).min(sentence.words.len());
        near.into_iter().find(|&index| sentence.is_any(index, words)).map(|index| (*harm, index))
    })?;
    let is_same_scene = named.is_spoken(at) == named.is_spoken(harm_at);
    let who = owner(named, at)?;
    let words = who.start.min(harm_at)..(part_at + 1).max(harm_at + 1).max(who.end);
    is_same_scene.then_some((who, Trait::Limb(Limb { part, harm, is_left }), words))
}

/// Whose limb it is: `Ahab’s left leg`, or the subject's, if `his` or `her` stands before it.
fn owner(named: &Named<'_>, at: usize) -> Option<Range<usize>> {
    let sentence = named.words;
    if let Some(name) = named.ends_at(at) {
        return sentence.words[at - 1].owner.then_some(name);
    }
    let back = at.checked_sub(1)?;
    let subject = named.subject()?;
    let is_alone = named.names.len() == 1;
    (is_alone && subject.end <= back && sentence.is_any(back, &["his", "her", "the"]))
        .then_some(subject)
}
