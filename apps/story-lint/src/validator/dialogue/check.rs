use super::balance::Fault;
use super::flow::{Flow, Verdict};
use super::marks::Family;
use super::paragraph::{Counts, Found, Reader};
use super::rules::{COMMA_OUTSIDE, UNCLOSED, UNOPENED};
use crate::config::{Quotes, Settings};
use crate::document::BlockKind;
use crate::finding::{Finding, Location, Report};
use crate::rule::Rule;
use crate::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError, names};

/// Checks that quotation marks are paired.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dialogue;

/// The quotation marks of a piece, read both ways: as if double or as if single marks opened
/// speech. Which it is shows only over the whole story.
#[derive(Clone, Debug, Default)]
pub struct DialogueFacts(Found);

/// Commas before closing marks that make a habit.
const HABIT: u32 = 10;

impl Validator for Dialogue {
    type State = ();
    type Facts = DialogueFacts;

    fn name(&self) -> &'static str {
        "dialogue"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 3] = [&UNCLOSED, &UNOPENED, &COMMA_OUTSIDE];
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
    ) -> Result<DialogueFacts, ValidatorError> {
        let mut found = Found::default();
        let mut reader = Reader::default();
        for (_, block) in piece.blocks() {
            if block.kind == BlockKind::Paragraph && !block.listed {
                reader.read(piece.document, block, &mut found);
            }
        }
        Ok(DialogueFacts(found))
    }

    fn merge(&self, mut earlier: DialogueFacts, later: DialogueFacts) -> DialogueFacts {
        let found = &mut earlier.0;
        let before = u32::try_from(found.paragraphs.len()).unwrap_or(u32::MAX);
        found.paragraphs.extend(later.0.paragraphs);
        found.lone.extend(later.0.lone.into_iter().map(|mut lone| {
            lone.paragraph += before;
            lone
        }));
        for (sum, more) in found.counts.iter_mut().zip(later.0.counts) {
            add(sum, more);
        }
        found.commas_outside.extend(later.0.commas_outside);
        earlier
    }

    fn check(
        &self,
        (): &(),
        story: &StoryView<'_>,
        facts: &[FileFacts<DialogueFacts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        let mut counts = [Counts::default(); 2];
        for of in facts {
            for (sum, more) in counts.iter_mut().zip(of.facts.0.counts) {
                add(sum, more);
            }
        }
        let family = family(story.settings.quotes, &counts);
        let mut flow = Flow::new(family, story.partial, |verdict| {
            report.add(finding(story, &verdict));
        });
        for of in facts {
            // What is no chapter stands between none.
            let path = story.relative.get(of.file.index()).map_or("", String::as_str);
            if !names::is_about(path) {
                flow.file(of.file, &of.facts.0.paragraphs, &of.facts.0.lone);
            }
        }
        flow.end();
        commas(facts, family, counts[family as usize].commas_inside, report);
        Ok(())
    }
}

fn add(sum: &mut Counts, more: Counts) {
    sum.opens += more.opens;
    sum.starts += more.starts;
    sum.commas_inside += more.commas_inside;
}

/// The family that opens speech: the one that opens paragraphs, and most often.
fn family(quotes: Quotes, counts: &[Counts; 2]) -> Family {
    let weight = |family: Family| {
        let Counts { opens, starts, .. } = counts[family as usize];
        u64::from(opens) + 3 * u64::from(starts)
    };
    match quotes {
        Quotes::Single => Family::Single,
        Quotes::Auto if weight(Family::Single) > weight(Family::Double) => Family::Single,
        Quotes::Auto | Quotes::Double => Family::Double,
    }
}

fn finding(story: &StoryView<'_>, verdict: &Verdict) -> Finding {
    let at = Location { file: verdict.file, span: verdict.span };
    let words = story.slice(at).split_whitespace().collect::<Vec<_>>().join(" ");
    match verdict.fault {
        Fault::Unopened => {
            Finding::new(&UNOPENED, at, format!("the quotation that ends `{words}` is not opened"))
                .help("add the opening quotation mark, or delete the closing one")
        }
        Fault::Unclosed | Fault::OpenAtEnd | Fault::MaybeOpenAtEnd => {
            Finding::new(&UNCLOSED, at, format!("the quotation `{words} …` is not closed"))
                .help("add the closing quotation mark")
        }
    }
}

/// Reports commas behind closing marks where the story's habit is the other.
fn commas(facts: &[FileFacts<DialogueFacts>], family: Family, inside: u32, report: &mut Report) {
    let outside = || {
        facts.iter().flat_map(|of| {
            let own = of.facts.0.commas_outside.iter().filter(|(of, _)| *of == family);
            own.map(|&(_, span)| Location { file: of.file, span })
        })
    };
    let count = outside().count() as u64;
    if inside < HABIT || u64::from(inside) * 100 < (u64::from(inside) + count) * 95 {
        return;
    }
    for at in outside() {
        let message = "the comma stands behind the closing quotation mark";
        let help = format!("move it before the mark, as the story does {inside} times");
        report.add(Finding::new(&COMMA_OUTSIDE, at, message).help(help));
    }
}
