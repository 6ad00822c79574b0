use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::check::{Paragraph, RepetitionFacts};
use super::normal::Normaliser;
use super::rules::PASTED;
use crate::finding::{Finding, Location, Report};
use crate::source::Span;
use crate::story::FileId;
use crate::validator::{FileFacts, StoryView, names};

/// A pasted paragraph and the one it was pasted from.
#[derive(Clone, Copy)]
struct Pair<'a> {
    file: FileId,
    copy: &'a Paragraph,
    first_file: FileId,
    first: &'a Paragraph,
    words: u32,
}

impl Pair<'_> {
    /// Whether this pair is the next paragraph of the same pasted passage.
    ///
    /// Paragraphs too short to be compared may stand between, as many on either side.
    fn continues(&self, last: &Self) -> bool {
        let copied = self.copy.ordinal.checked_sub(last.copy.ordinal);
        let original = self.first.ordinal.checked_sub(last.first.ordinal);
        self.file == last.file
            && self.first_file == last.first_file
            && copied == original
            && copied.is_some_and(|distance| (1..=12).contains(&distance))
    }
}

/// Reports each passage that stands a second time.
pub(super) fn report(
    story: &StoryView<'_>,
    facts: &[FileFacts<RepetitionFacts>],
    report: &mut Report,
) {
    let total: u32 = facts.iter().map(|of| of.facts.blocks).sum();
    let quoted: u32 = facts.iter().map(|of| of.facts.quoted).sum();
    let told_in_quotations = quoted * 2 > total;
    // A README may well show a passage of the book.
    let is_chapter = |of: &&FileFacts<RepetitionFacts>| {
        let path = story.relative.get(of.file.index()).map_or("", String::as_str);
        !names::is_entry(path) && !names::is_about(path)
    };
    let paragraphs = || {
        facts.iter().filter(is_chapter).flat_map(|of| {
            let own = of.facts.paragraphs.iter();
            own.filter(|p| !p.quoted || told_in_quotations).map(|p| (of.file, p))
        })
    };
    let mut openings: FxHashMap<u64, u32> = FxHashMap::default();
    for (_, paragraph) in paragraphs() {
        *openings.entry(paragraph.opening).or_default() += 1;
    }
    let mut normaliser = Normaliser::default();
    let mut seen: FxHashMap<u128, (FileId, &Paragraph)> = FxHashMap::default();
    let mut passage: Vec<Pair<'_>> = Vec::new();
    for (file, copy) in paragraphs() {
        if openings.get(&copy.opening).is_none_or(|&count| count < 2) {
            continue;
        }
        let source = story.slice(Location { file, span: copy.span });
        let (hash, words) = normaliser.whole(source);
        let (first_file, first) = match seen.entry(hash) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                entry.insert((file, copy));
                continue;
            }
        };
        let pair = Pair { file, copy, first_file, first, words };
        if passage.last().is_some_and(|last| !pair.continues(last)) {
            report.add(finding(story, &passage));
            passage.clear();
        }
        passage.push(pair);
    }
    if !passage.is_empty() {
        report.add(finding(story, &passage));
    }
}

fn finding(story: &StoryView<'_>, passage: &[Pair<'_>]) -> Finding {
    let (start, end) = (&passage[0], &passage[passage.len() - 1]);
    let at = Location {
        file: start.file,
        span: Span { start: start.copy.span.start, end: end.copy.span.end },
    };
    let first = Location {
        file: start.first_file,
        span: Span { start: start.first.span.start, end: end.first.span.end },
    };
    let place = match story.relative.get(first.file.index()) {
        Some(path) if first.file != at.file => format!(" in `{path}`"),
        _ => " earlier in this file".to_owned(),
    };
    let words: u32 = passage.iter().map(|pair| pair.words).sum();
    let message = match passage.len() {
        1 => format!("this paragraph of {words} words stands{place} already"),
        many => format!("these {many} paragraphs of {words} words stand{place} already"),
    };
    Finding::new(&PASTED, at, message)
        .help("delete one of the two, or reword it")
        .related(first, "stands here first")
}
