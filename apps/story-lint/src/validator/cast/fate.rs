use std::ops::Range;

use super::read::Named;
use crate::prose::Gap;

/// Words before a death that make it one that did not happen, or did not yet.
const UNREAL: [&str; 36] = [
    "if",
    "would",
    "could",
    "should",
    "might",
    "may",
    "must",
    "shall",
    "will",
    "thought",
    "think",
    "believed",
    "dreamed",
    "dreamt",
    "feared",
    "wished",
    "hoped",
    "supposed",
    "imagined",
    "heard",
    "said",
    "told",
    "unless",
    "until",
    "till",
    "before",
    "not",
    "never",
    "nearly",
    "almost",
    "half",
    "though",
    "whether",
    "seemed",
    "pretended",
    "as",
];

/// Words behind `died` with which it means something else.
const FIGURES: [&str; 10] =
    ["away", "down", "out", "upon", "on", "with", "laughing", "if", "or", "but"];

/// Who dies for certain where the word `died`, `dead`, `killed` or the like stands, and the word
/// behind what says so.
pub(super) fn death(named: &Named<'_>, at: usize) -> Option<(Range<usize>, usize)> {
    let sentence = named.words;
    if named.is_spoken(at) || at == 0 {
        return None;
    }
    let mut name_end = at;
    if !sentence.is(at, "died") {
        // `was killed`, `had been killed`, `was found dead`, `was shot dead`.
        if sentence.is_any(name_end - 1, &["found", "shot", "lying"]) && name_end > 1 {
            name_end -= 1;
        }
        if !sentence.is_any(name_end - 1, &["was", "been", "is"]) {
            return None;
        }
        name_end -= 1;
    }
    while name_end > 0 && sentence.is_any(name_end - 1, &["had", "has", "was", "suddenly", "now"]) {
        name_end -= 1;
    }
    // A name between commas: `Mr. Gray, who had been ill, died`, is left alone.
    let who = named.ends_at(name_end)?;
    if sentence.words[who.end - 1].owner || named.is_spoken(who.start) {
        return None;
    }
    let is_joined =
        who.start > 0 && sentence.is_any(who.start - 1, &["of", "and", "or", "to", "by"]);
    let is_unreal = (0..at).any(|index| sentence.is_any(index, &UNREAL));
    let is_figure = is_figure(named, at);
    (!is_joined && !is_unreal && !is_figure).then_some((who, at + 1))
}

/// Words behind `dead` with which it means what it says; `dead tired` does not.
const BEHIND_DEAD: [&str; 26] = [
    "at", "in", "and", "when", "by", "on", "before", "these", "now", "a", "for", "two", "three",
    "four", "five", "six", "since", "of", "upon", "beside", "from", "within", "long", "this",
    "some", "many",
];

/// What people die of who live on.
const LAUGHTER: [&str; 7] =
    ["laughing", "laughter", "shame", "love", "boredom", "envy", "curiosity"];

/// Whether the word means another thing there: `died away`, `dead tired`, `buried in his book`.
fn is_figure(named: &Named<'_>, at: usize) -> bool {
    let sentence = named.words;
    let is_next = sentence.gap(at + 1) == Some(Gap::Space);
    match sentence.get(at) {
        Some("dead") => is_next && !sentence.is_any(at + 1, &BEHIND_DEAD),
        Some("buried") => sentence.is_any(at + 1, &["in", "under", "his", "her"]),
        _ => sentence.is_any(at + 1, &FIGURES) || sentence.is_any(at + 2, &LAUGHTER),
    }
}

/// Verbs that go with speech.
fn is_speech_verb(word: &str) -> bool {
    matches!(
        word,
        "said"
            | "asked"
            | "cried"
            | "replied"
            | "answered"
            | "whispered"
            | "murmured"
            | "shouted"
            | "exclaimed"
            | "muttered"
            | "returned"
            | "continued"
            | "added"
            | "remarked"
            | "observed"
            | "called"
            | "began"
            | "repeated"
            | "inquired"
            | "enquired"
            | "demanded"
            | "growled"
            | "sighed"
            | "laughed"
            | "says"
            | "asks"
            | "snapped"
            | "agreed"
            | "declared"
            | "interrupted"
            | "insisted"
            | "suggested"
            | "responded"
            | "rejoined"
            | "resumed"
            | "protested"
            | "explained"
            | "stammered"
    )
}

/// Whether a name outside speech goes with a verb of speech, and that with speech.
pub(super) fn speaks(named: &Named<'_>, name: &Range<usize>) -> bool {
    let sentence = named.words;
    let words = sentence.words;
    if words[name.start].spoken || words[name.end - 1].owner {
        return false;
    }
    let is_verb = |index: usize| sentence.get(index).is_some_and(is_speech_verb);
    // `said Jane`: speech stands before it, perhaps in the sentence before.
    if name.start > 0 && words[name.start].gap == Gap::Space && is_verb(name.start - 1) {
        let verb = name.start - 1;
        return words[verb].gap == Gap::Pause && (verb == 0 || words[verb - 1].spoken)
            || words[verb].gap == Gap::End && !words[verb].capital;
    }
    // `Jane said, “…`, `“…,” Jane said`.
    if is_verb(name.end) && words[name.end].gap == Gap::Space {
        let before =
            name.start > 0 && words[name.start - 1].spoken && words[name.start].gap == Gap::Pause;
        let behind = words.get(name.end + 1).is_some_and(|word| word.spoken);
        return before || behind;
    }
    false
}
