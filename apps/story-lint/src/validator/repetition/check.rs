use super::doubled::{doubled, may_be_doubled};
use super::normal::Normaliser;
use super::pasted;
use super::rules::{DOUBLED, PASTED};
use crate::config::Settings;
use crate::document::BlockKind;
use crate::finding::{Finding, Report};
use crate::rule::Rule;
use crate::source::Span;
use crate::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError};

/// Looks for doubled words and pasted paragraphs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Repetition;

/// The paragraphs of a piece that are long enough to be compared.
#[derive(Clone, Debug, Default)]
pub struct RepetitionFacts {
    pub(super) paragraphs: Vec<Paragraph>,
    /// Paragraphs of any length and form.
    pub(super) blocks: u32,
    /// Those of them in block quotations.
    pub(super) quoted: u32,
}

/// A long paragraph.
#[derive(Clone, Debug)]
pub(super) struct Paragraph {
    /// A hash of its first words.
    pub(super) opening: u64,
    pub(super) span: Span,
    /// Its place among the paragraphs of the file.
    pub(super) ordinal: u32,
    pub(super) quoted: bool,
}

/// The fewest words of a paragraph that is compared.
const LEAST_WORDS: u32 = 25;

impl Validator for Repetition {
    type State = ();
    type Facts = RepetitionFacts;

    fn name(&self) -> &'static str {
        "repetition"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 2] = [&DOUBLED, &PASTED];
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
        report: &mut Report,
    ) -> Result<RepetitionFacts, ValidatorError> {
        let mut facts = RepetitionFacts::default();
        let mut normaliser = Normaliser::default();
        let reading = piece.document.reading();
        for (index, block) in piece.blocks() {
            let words = reading.block(index);
            if block.kind != BlockKind::Paragraph || may_be_doubled(&piece.document.prose, words) {
                doubled(piece.document, block, |span, word| {
                    let message = format!("`{word}` stands twice in a row");
                    report.add(
                        Finding::new(&DOUBLED, piece.at(span), message)
                            .help("delete one of the two"),
                    );
                });
            }
            if block.kind != BlockKind::Paragraph {
                continue;
            }
            let ordinal = facts.blocks;
            facts.blocks += 1;
            facts.quoted += u32::from(block.quoted);
            if block.hard_breaks {
                continue;
            }
            if let Some(opening) = normaliser.opening(piece.document.text(block), LEAST_WORDS) {
                let (span, quoted) = (block.span, block.quoted);
                facts.paragraphs.push(Paragraph { opening, span, ordinal, quoted });
            }
        }
        Ok(facts)
    }

    fn merge(&self, mut earlier: RepetitionFacts, later: RepetitionFacts) -> RepetitionFacts {
        let before = earlier.blocks;
        earlier.paragraphs.extend(later.paragraphs.into_iter().map(|mut paragraph| {
            paragraph.ordinal += before;
            paragraph
        }));
        earlier.blocks += later.blocks;
        earlier.quoted += later.quoted;
        earlier
    }

    fn check(
        &self,
        (): &(),
        story: &StoryView<'_>,
        facts: &[FileFacts<RepetitionFacts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        pasted::report(story, facts, report);
        Ok(())
    }
}
