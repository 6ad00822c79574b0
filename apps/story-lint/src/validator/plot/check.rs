use super::rules::{BANNED, EARLY, UNPAID};
use super::words::{Phrases, Role};
use crate::bible::{Bible, Plant};
use crate::config::Settings;
use crate::document::BlockKind;
use crate::finding::{Finding, Location, Report};
use crate::rule::Rule;
use crate::source::Span;
use crate::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError, names};

/// Looks for what story.toml declares of words and plants.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plot;

/// The declared phrases of a piece, in order.
#[derive(Clone, Debug, Default)]
pub struct PlotFacts {
    hits: Vec<(Span, Role)>,
}

impl Validator for Plot {
    type State = Option<Phrases>;
    type Facts = PlotFacts;

    fn name(&self) -> &'static str {
        "plot"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 3] = [&BANNED, &UNPAID, &EARLY];
        &RULES
    }

    fn scope(&self) -> Scope {
        Scope::Paragraph
    }

    fn initialise(&self, settings: &Settings) -> Result<Option<Phrases>, ValidatorError> {
        settings.bible.as_deref().map_or(Ok(None), Phrases::of)
    }

    fn facts(
        &self,
        phrases: &Option<Phrases>,
        piece: &Piece<'_>,
        _: &mut Report,
    ) -> Result<PlotFacts, ValidatorError> {
        let mut facts = PlotFacts::default();
        let Some(phrases) = phrases else { return Ok(facts) };
        for (_, block) in piece.blocks() {
            if matches!(block.kind, BlockKind::Paragraph | BlockKind::Cell) {
                phrases.find(piece.document.text(block), |range, role| {
                    let start = block.text.start;
                    let words = start + range.start..start + range.end;
                    facts.hits.push((piece.document.source_span(words), role));
                });
            }
        }
        Ok(facts)
    }

    fn merge(&self, mut earlier: PlotFacts, later: PlotFacts) -> PlotFacts {
        earlier.hits.extend(later.hits);
        earlier
    }

    fn check(
        &self,
        phrases: &Option<Phrases>,
        story: &StoryView<'_>,
        facts: &[FileFacts<PlotFacts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        let (Some(bible), Some(_)) = (story.settings.bible.as_deref(), phrases) else {
            return Ok(());
        };
        let mut hits: Vec<(Location, Role)> = Vec::new();
        for of in facts {
            let path = story.relative.get(of.file.index()).map_or("", String::as_str);
            if !names::is_entry(path) && !names::is_about(path) {
                let own = of.facts.hits.iter();
                hits.extend(own.map(|&(span, role)| (Location { file: of.file, span }, role)));
            }
        }
        for &(at, role) in &hits {
            if let Role::Banned(index) = role {
                report.add(banned(bible, index, story.slice(at), at));
            }
        }
        for (index, plant) in bible.plants.iter().enumerate() {
            let first =
                |wanted: Role| hits.iter().find(|(_, role)| *role == wanted).map(|hit| hit.0);
            let (planted, paid) = (first(Role::Planted(index)), first(Role::Paid(index)));
            report_plant(bible, plant, planted, paid, story.partial, report);
        }
        Ok(())
    }
}

fn banned(bible: &Bible, index: usize, word: &str, at: Location) -> Finding {
    let of = &bible.banned[index];
    let because = of.because.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    Finding::new(&BANNED, at, format!("`{word}` does not belong into this story"))
        .because(format!("{}:{} bans it{because}", bible.path, of.line))
        .help("find another word")
}

fn report_plant(
    bible: &Bible,
    plant: &Plant,
    planted: Option<Location>,
    paid: Option<Location>,
    partial: bool,
    report: &mut Report,
) {
    let Plant { name, line, .. } = plant;
    let declared = format!("{}:{line} declares both", bible.path);
    match (planted, paid) {
        (Some(planted), Some(paid)) if paid < planted => report.add(
            Finding::new(&EARLY, paid, format!("{name} is paid off before it is planted"))
                .related(planted, "it is first planted here")
                .because(declared)
                .help("plant it earlier, or correct the words in story.toml"),
        ),
        (Some(planted), None) if !partial => report.add(
            Finding::new(&UNPAID, planted, format!("{name} is planted here and never paid off"))
                .because(format!("{declared}, and `{}` stands nowhere", plant.paid))
                .help("write the pay-off, or correct the words in story.toml"),
        ),
        (None, Some(paid)) if !partial => report.add(
            Finding::new(&UNPAID, paid, format!("{name} is paid off here and was never planted"))
                .because(format!("{declared}, and `{}` stands nowhere", plant.planted))
                .help("plant it earlier, or correct the words in story.toml"),
        ),
        _ => {}
    }
}
