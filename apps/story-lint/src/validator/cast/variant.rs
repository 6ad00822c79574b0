use rustc_hash::FxHashMap;

use super::likeness::{Folded, Slip, fold, is_inflection, slip};
use super::names::{Names, Token};
use super::rules::{NAME, PLACE};
use crate::finding::{Finding, Location, Report};
use crate::source::Span;
use crate::story::FileId;
use crate::validator::StoryView;

/// How often a name stands at least for another to be a slip for it.
const FREQUENT: u32 = 5;
/// How often a slip stands at most.
const RARE: u32 = 3;
/// How many times as frequent the name must be.
const RATIO: u32 = 4;

/// Reports each name that looks like a slip for another.
pub(super) fn report(
    names: &Names<'_>,
    story: &StoryView<'_>,
    told_in_quotations: bool,
    report: &mut Report,
) {
    // By the first letter, which a slip has in common with what is meant.
    let mut frequent: FxHashMap<Option<char>, Vec<(&str, &Token<'_>, Folded)>> =
        FxHashMap::default();
    for (word, token) in &names.tokens {
        if token.count >= FREQUENT && token.inside >= 3 || names.is_declared(word) {
            let like = Folded::of(word);
            frequent.entry(like.first).or_default().push((*word, token, like));
        }
    }
    for (&rare, token) in &names.tokens {
        if token.count > RARE || names.is_declared(rare) {
            continue;
        }
        let is_plain =
            token.spots.iter().all(|(_, spot)| !spot.apart && (told_in_quotations || !spot.quoted));
        if !is_plain {
            continue;
        }
        let folded = Folded::of(rare);
        let Some(likely) = frequent.get(&folded.first) else { continue };
        let best = likely
            .iter()
            .filter(|(word, other, _)| {
                (other.count >= token.count * RATIO || names.is_declared(word)) && *word != rare
            })
            .filter_map(|(word, other, like)| Some((slip(&folded, like)?, *word, *other)))
            .filter(|(_, word, other)| keeps_company(names, token, other) && !names.is_lower(word))
            .max_by_key(|(_, word, other)| (other.count, *word));
        let Some((slip, meant, other)) = best else { continue };
        if is_word(names, rare) || is_form(names, rare, &folded.text) {
            continue;
        }
        add(story, (rare, token), (meant, other), slip, report);
    }
}

/// Whether a word, or what it may be a form of, stands somewhere in lower case.
fn is_word(names: &Names<'_>, word: &str) -> bool {
    if names.is_lower(word) {
        return true;
    }
    ["s", "es", "d", "ed", "ing", "ly", "y", "er"].iter().any(|ending| {
        word.strip_suffix(ending).is_some_and(|stem| stem.len() >= 4 && names.is_lower(stem))
    })
}

/// Whether a name is a form of another that the text knows: `Javan` of `Java`.
fn is_form(names: &Names<'_>, word: &str, folded: &str) -> bool {
    let stem: String = word.chars().take(3).collect();
    names
        .tokens
        .range(&*stem..)
        .take_while(|(other, _)| other.starts_with(&stem))
        .any(|(other, _)| *other != word && is_inflection(folded, &fold(other)))
}

/// Whether the two stand with the same titles and the same other names, as far as they have any.
fn keeps_company(names: &Names<'_>, rare: &Token<'_>, frequent: &Token<'_>) -> bool {
    let has = |own: &std::collections::BTreeSet<&str>, other: &std::collections::BTreeSet<&str>| {
        own.iter().filter(|word| !names.is_lower(word)).all(|word| other.contains(word))
    };
    rare.titles.iter().all(|title| frequent.titles.contains(title))
        && has(&rare.before, &frequent.before)
        && has(&rare.behind, &frequent.behind)
}

fn add(
    story: &StoryView<'_>,
    (rare, token): (&str, &Token<'_>),
    (meant, other): (&str, &Token<'_>),
    slip: Slip,
    report: &mut Report,
) {
    let is_place = other.titles.is_empty() && other.speaks == 0 && other.placed * 5 >= other.count
        || other.placed * 3 >= other.count * 2 && other.speaks == 0;
    let (rule, field) = if is_place { (&PLACE, "place") } else { (&NAME, "character") };
    let Some(&(file, spot)) = token.spots.first() else { return };
    let times = |count: u32| match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    };
    let mut finding = Finding::new(
        rule,
        word_at(story, file, spot.span, rare),
        format!("`{rare}` looks like a slip for `{meant}`"),
    )
    .help(format!(
        "write `{meant}`, or if both are right, add `{rare}` to story.toml as the name of another \
         {field} or as one of the `aliases` of this one"
    ))
    .because(format!(
        "`{meant}` stands {} and `{rare}` {}; {}, they sound alike, and `{rare}` is never written \
         small",
        times(other.count),
        times(token.count),
        slip.words(),
    ));
    if let Some(&(file, spot)) = other.spots.first() {
        let at = word_at(story, file, spot.span, meant);
        finding = finding.related(at, format!("`{meant}` first stands here"));
    }
    for &(file, spot) in token.spots.iter().skip(1) {
        let at = word_at(story, file, spot.span, rare);
        finding = finding.related(at, format!("`{rare}` stands here, too"));
    }
    report.add(finding);
}

/// The place of a word of a phrase.
fn word_at(story: &StoryView<'_>, file: FileId, span: Span, word: &str) -> Location {
    let at = Location { file, span };
    let text = story.slice(at);
    let span = text.find(word).map_or(span, |start| {
        let start = span.start as usize + start;
        Span::new(start, start + word.len())
    });
    Location { file, span }
}
