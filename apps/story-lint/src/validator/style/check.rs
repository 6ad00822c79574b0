use super::measure::{Counts, Measure, is_adverb, is_filter};
use super::rules::{ADVERBS, EXCLAMATIONS, FILTERS, LENGTH};
use crate::config::Settings;
use crate::document::BlockKind;
use crate::finding::{Finding, Location, Report};
use crate::prose::Gap;
use crate::rule::Rule;
use crate::source::Span;
use crate::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError, names};

/// Looks for chapters that differ from their book.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style;

/// What was counted in a piece.
#[derive(Clone, Debug, Default)]
pub struct StyleFacts {
    /// The first heading, or else the first paragraph.
    start: Option<(bool, Span)>,
    paragraphs: Vec<(Span, Counts)>,
}

/// The fewest words of a chapter that is measured.
const LEAST_WORDS: u32 = 300;
/// The fewest chapters of a book that has a mean.
const LEAST_CHAPTERS: usize = 5;
/// The fewest words of a paragraph that may be shown.
const SHOWN_WORDS: u32 = 25;

impl Validator for Style {
    type State = ();
    type Facts = StyleFacts;

    fn name(&self) -> &'static str {
        "style"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 4] = [&LENGTH, &ADVERBS, &EXCLAMATIONS, &FILTERS];
        &RULES
    }

    fn scope(&self) -> Scope {
        Scope::Paragraph
    }

    fn initialise(&self, _: &Settings) -> Result<(), ValidatorError> {
        Ok(())
    }

    fn facts(
        &self,
        (): &(),
        piece: &Piece<'_>,
        _: &mut Report,
    ) -> Result<StyleFacts, ValidatorError> {
        let mut facts = StyleFacts::default();
        let document = piece.document;
        for (index, block) in piece.blocks() {
            let is_heading = matches!(block.kind, BlockKind::Heading(_));
            if facts.start.is_none_or(|(known, _)| is_heading && !known) {
                facts.start = Some((is_heading, block.span));
            }
            if block.kind != BlockKind::Paragraph || block.quoted || block.hard_breaks {
                continue;
            }
            let mut counts = Counts::default();
            for word in document.reading().block(index) {
                let text = &document.prose[word.range()];
                counts.words += 1;
                counts.sentences += u32::from(word.gap == Gap::End);
                counts.adverbs += u32::from(is_adverb(text));
                counts.filters += u32::from(!word.spoken && is_filter(text));
            }
            let marks = memchr::memchr_iter(b'!', document.text(block).as_bytes()).count();
            counts.exclamations = u32::try_from(marks).unwrap_or(u32::MAX);
            facts.paragraphs.push((block.span, counts));
        }
        Ok(facts)
    }

    fn merge(&self, mut earlier: StyleFacts, later: StyleFacts) -> StyleFacts {
        earlier.start = match (earlier.start, later.start) {
            (Some((false, _)), Some((true, heading))) => Some((true, heading)),
            (None, later) => later,
            (earlier, _) => earlier,
        };
        earlier.paragraphs.extend(later.paragraphs);
        earlier
    }

    fn check(
        &self,
        (): &(),
        story: &StoryView<'_>,
        facts: &[FileFacts<StyleFacts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        let chapters: Vec<(&FileFacts<StyleFacts>, Counts)> = facts
            .iter()
            .filter(|of| {
                let path = story.relative.get(of.file.index()).map_or("", String::as_str);
                !names::is_entry(path) && !names::is_about(path)
            })
            .map(|of| {
                let mut all = Counts::default();
                of.facts.paragraphs.iter().for_each(|(_, counts)| all.add(counts));
                (of, all)
            })
            .filter(|(_, counts)| counts.words >= LEAST_WORDS)
            .collect();
        if chapters.len() < LEAST_CHAPTERS || story.partial {
            return Ok(());
        }
        for measure in Measure::ALL {
            against_mean(&chapters, measure, report);
        }
        Ok(())
    }
}

/// Reports the chapters that lie far above the mean of all.
fn against_mean(
    chapters: &[(&FileFacts<StyleFacts>, Counts)],
    measure: Measure,
    report: &mut Report,
) {
    let rates: Vec<f64> = chapters.iter().map(|(_, counts)| counts.rate(measure)).collect();
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    let spread = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / rates.len() as f64;
    let border = (mean + 2.0 * spread.sqrt()).max(mean * 4.0 / 3.0);
    for ((of, _), rate) in chapters.iter().zip(&rates) {
        let Some((_, start)) = of.facts.start.filter(|_| *rate > border) else { continue };
        let message = format!("this chapter has {}, and the book {:.1}", measure.show(*rate), mean);
        let mut finding =
            Finding::new(measure.rule(), Location { file: of.file, span: start }, message).because(
                "it lies more than two standard deviations and a third above the book’s mean",
            );
        let paragraphs = of.facts.paragraphs.iter().filter(|(_, of)| of.words >= SHOWN_WORDS);
        let densest = paragraphs.max_by(|a, b| {
            let by_rate = a.1.rate(measure).total_cmp(&b.1.rate(measure));
            by_rate.then_with(|| b.0.cmp(&a.0))
        });
        if let Some((span, counts)) = densest {
            let note = format!("this paragraph has {}", measure.show(counts.rate(measure)));
            finding = finding.related(Location { file: of.file, span: *span }, note);
        }
        report.add(finding);
    }
}
