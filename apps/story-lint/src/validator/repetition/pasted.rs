use rustc_hash::FxHashMap;

use super::check::{Paragraph, RepetitionFacts};
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
    let mut seen = FxHashMap::default();
    let mut passage: Vec<Pair<'_>> = Vec::new();
    for of in facts {
        // A README may well show a passage of the book.
        let path = story.relative.get(of.file.index()).map_or("", String::as_str);
        if names::is_entry(path) || names::is_about(path) {
            continue;
        }
        for copy in &of.facts.paragraphs {
            if copy.quoted && !told_in_quotations {
                continue;
            }
            let &mut (first_file, first) = seen.entry(copy.fingerprint).or_insert((of.file, copy));
            if std::ptr::eq(first, copy) {
                continue;
            }
            let pair = Pair { file: of.file, copy, first_file, first };
            if passage.last().is_some_and(|last| !pair.continues(last)) {
                report.add(finding(story, &passage));
                passage.clear();
            }
            passage.push(pair);
        }
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
    let words: u32 = passage.iter().map(|pair| pair.copy.fingerprint.words).sum();
    let message = match passage.len() {
        1 => format!("this paragraph of {words} words stands{place} already"),
        many => format!("these {many} paragraphs of {words} words stand{place} already"),
    };
    Finding::new(&PASTED, at, message)
        .help("delete one of the two, or reword it")
        .related(first, "stands here first")
}
