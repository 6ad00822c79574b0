use super::contradict::{self, said};
use super::dead::{self, Happened};
use super::declared::{self, Text};
use super::facts::{CastFacts, Event};
use super::names::Names;
use super::read::read;
use super::rules::{AGE, DEAD, EYES, HAIR, NAME, PLACE, SIDE};
use super::variant;
use crate::config::Settings;
use crate::finding::Report;
use crate::rule::Rule;
use crate::story::FileId;
use crate::validator::section::Order;
use crate::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError, names};

/// Looks for people and places that change from one chapter to another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cast;

impl Validator for Cast {
    type State = ();
    type Facts = CastFacts;

    fn name(&self) -> &'static str {
        "cast"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 7] = [&NAME, &PLACE, &EYES, &HAIR, &AGE, &SIDE, &DEAD];
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
    ) -> Result<CastFacts, ValidatorError> {
        Ok(read(piece))
    }

    fn merge(&self, mut earlier: CastFacts, later: CastFacts) -> CastFacts {
        earlier.join(later);
        earlier
    }

    fn check(
        &self,
        (): &(),
        story: &StoryView<'_>,
        facts: &[FileFacts<CastFacts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        let files: Vec<(FileId, &CastFacts)> = facts
            .iter()
            .filter(|of| {
                let path = story.relative.get(of.file.index()).map_or("", String::as_str);
                !names::is_entry(path) && !names::is_about(path)
            })
            .map(|of| (of.file, &of.facts))
            .collect();
        let paragraphs: u32 = files.iter().map(|(_, of)| of.paragraphs).sum();
        let quoted: u32 = files.iter().map(|(_, of)| of.quoted).sum();
        let told_in_quotations = quoted * 2 > paragraphs;
        let names = Names::learn(&files, story.settings.bible.as_deref());
        variant::report(&names, story, told_in_quotations, report);

        let mut year = None;
        let (mut all, mut deaths, mut speeches) = (Vec::new(), Vec::new(), Vec::new());
        for &(file, of) in &files {
            let order = Order::new(&of.sections, year);
            all.extend(said(file, &of.traits, &order, told_in_quotations));
            let happened = |of: &'_ [Event]| -> Vec<_> {
                let plain = of.iter().enumerate().filter(|(_, e)| told_in_quotations || !e.quoted);
                plain
                    .map(|(index, e)| (index, order.is_elsewhen(e.block), order.scene(e.block)))
                    .collect()
            };
            for (list, events) in [(&mut deaths, &of.deaths), (&mut speeches, &of.speeches)] {
                list.extend(happened(events).into_iter().map(|(index, elsewhen, scene)| {
                    Happened { file, of: &events[index], elsewhen, scene }
                }));
            }
            year = order.last_year();
        }
        if let Some(bible) = story.settings.bible.as_deref() {
            let text = Text { names: &names, said: &all, speeches: &speeches, files: &files };
            declared::report(bible, &text, story, report);
            // What is declared counts, and the text is told once.
            all.retain(|said| !declared::settles(bible, &names, said));
            deaths.retain(|death| !declared::has_end(bible, &names, &death.of.who));
        }
        contradict::report(&names, &all, report);
        if !story.partial {
            dead::report(&names, &deaths, &speeches, report);
        }
        Ok(())
    }
}
