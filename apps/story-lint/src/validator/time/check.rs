use super::date::{Found, find, names_month};
use super::order::{self, Scene};
use super::rules::{IMPOSSIBLE, ORDER, WEEKDAY};
use crate::calendar::Calendar;
use crate::config::Settings;
use crate::document::BlockKind;
use crate::finding::{Finding, Location, Report};
use crate::prose::{Sentence, sentences};
use crate::rule::Rule;
use crate::source::Span;
use crate::validator::section::{Kind, Order, Section, narrow, of_heading};
use crate::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError, names};

/// Looks at dates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time;

/// The dates of a piece, in order.
#[derive(Clone, Debug, Default)]
pub struct TimeFacts {
    dates: Vec<Dated>,
    sections: Vec<Section>,
    paragraphs: u32,
    quoted: u32,
}

/// A date with its place.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    found: Found,
    pub(super) span: Span,
    block: u32,
    quoted: bool,
    /// Whether its sentence sets a scene.
    is_scene: bool,
}

impl Validator for Time {
    type State = Calendar;
    type Facts = TimeFacts;

    fn name(&self) -> &'static str {
        "time"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 3] = [&ORDER, &IMPOSSIBLE, &WEEKDAY];
        &RULES
    }

    fn scope(&self) -> Scope {
        Scope::Paragraph
    }

    fn initialise(&self, settings: &Settings) -> Result<Calendar, ValidatorError> {
        let own = settings.bible.as_ref().map(|bible| bible.calendar.clone());
        Ok(own.unwrap_or_else(Calendar::gregorian))
    }

    fn facts(
        &self,
        calendar: &Calendar,
        piece: &Piece<'_>,
        _: &mut Report,
    ) -> Result<TimeFacts, ValidatorError> {
        let mut facts = TimeFacts::default();
        let document = piece.document;
        for (index, block) in piece.blocks() {
            match block.kind {
                BlockKind::Heading(_) => {
                    facts.sections.push(of_heading(index, document.text(block)));
                }
                BlockKind::Break => {
                    let block = narrow(index);
                    facts.sections.push(Section { block, kind: Kind::Break, year: None });
                }
                BlockKind::Paragraph => {
                    facts.paragraphs += 1;
                    facts.quoted += u32::from(block.quoted);
                    if block.listed || block.hard_breaks {
                        continue;
                    }
                    let words = document.reading().block(index);
                    if !names_month(&document.prose, words, calendar) {
                        continue;
                    }
                    for sentence in sentences(&document.prose, words) {
                        for found in find(sentence, calendar) {
                            let first = &sentence.words[found.words.start];
                            if first.spoken || first.styled {
                                continue;
                            }
                            let words = sentence.range(found.words.clone());
                            facts.dates.push(Dated {
                                span: document.source_span(words),
                                is_scene: sets_scene(sentence),
                                found,
                                block: narrow(index),
                                quoted: block.quoted,
                            });
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    fn merge(&self, mut earlier: TimeFacts, later: TimeFacts) -> TimeFacts {
        earlier.dates.extend(later.dates);
        earlier.sections.extend(later.sections);
        earlier.paragraphs += later.paragraphs;
        earlier.quoted += later.quoted;
        earlier
    }

    fn check(
        &self,
        calendar: &Calendar,
        story: &StoryView<'_>,
        facts: &[FileFacts<TimeFacts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        let quoted: u32 = facts.iter().map(|of| of.facts.quoted).sum();
        let paragraphs: u32 = facts.iter().map(|of| of.facts.paragraphs).sum();
        let told_in_quotations = quoted * 2 > paragraphs;
        let mut scenes = Vec::new();
        let (mut year, mut texts) = (None, 0);
        for of in facts {
            let path = story.relative.get(of.file.index()).map_or("", String::as_str);
            if names::is_entry(path) || names::is_about(path) {
                continue;
            }
            let order = Order::new(&of.facts.sections, year);
            for dated in of.facts.dates.iter().filter(|date| told_in_quotations || !date.quoted) {
                let at = Location { file: of.file, span: dated.span };
                let is_real = exists(calendar, &dated.found, at, report);
                if !is_real {
                    continue;
                }
                weekday(calendar, &dated.found, at, report);
                if let Some(date) = dated.found.full()
                    && dated.is_scene
                    && !order.is_elsewhen(dated.block)
                {
                    let text = texts + order.texts(dated.block);
                    scenes.push(Scene { file: of.file, of: dated, date, text });
                }
            }
            year = order.last_year();
            texts += order.texts(u32::MAX);
        }
        order::report(&scenes, calendar, report);
        Ok(())
    }
}

/// Whether the day is there; reports it if not.
fn exists(calendar: &Calendar, found: &Found, at: Location, report: &mut Report) -> bool {
    let days = calendar.days(found.month, found.year);
    if found.day <= days {
        return true;
    }
    let month = &calendar.months[found.month as usize - 1].name;
    let message = match found.year {
        Some(year) if calendar.days(found.month, None) != days => {
            format!("{month} {year} has {days} days, and here is a {}th", found.day)
        }
        _ => format!("{month} has {days} days, and no {}{}", found.day, suffix(found.day)),
    };
    report.add(
        Finding::new(&IMPOSSIBLE, at, message)
            .because(by(calendar))
            .help("correct the day or the month"),
    );
    false
}

/// Why a date is believed to be wrong.
fn by(calendar: &Calendar) -> &'static str {
    if *calendar == Calendar::gregorian() {
        "these are the narrator’s own words, and the Gregorian calendar says so"
    } else {
        "these are the narrator’s own words, and the calendar in story.toml says so"
    }
}

fn suffix(day: u32) -> &'static str {
    match (day % 10, day % 100) {
        (1, not) if not != 11 => "st",
        (2, not) if not != 12 => "nd",
        (3, not) if not != 13 => "rd",
        _ => "th",
    }
}

/// Reports a weekday that the date did not have.
fn weekday(calendar: &Calendar, found: &Found, at: Location, report: &mut Report) {
    let (Some(date), Some(named)) = (found.full(), found.weekday) else { return };
    let Some(real) = calendar.weekday(date) else { return };
    if real != named {
        let (real, named) = (&calendar.weekdays[real], &calendar.weekdays[named]);
        let message = format!("{} was a {real}, not a {named}", calendar.show(date));
        report.add(
            Finding::new(&WEEKDAY, at, message)
                .because(by(calendar))
                .help("correct the weekday, the day or the year"),
        );
    }
}

/// Whether a sentence that holds a date says when the scene is, and speaks of no other time.
fn sets_scene(sentence: Sentence<'_>) -> bool {
    const ELSEWHEN: [&str; 31] = [
        "had",
        "born",
        "since",
        "ago",
        "dated",
        "until",
        "till",
        "before",
        "after",
        "from",
        "would",
        "will",
        "shall",
        "remember",
        "remembered",
        "recalled",
        "earlier",
        "previous",
        "when",
        "whose",
        "anniversary",
        "between",
        "birth",
        "if",
        "last",
        "should",
        "might",
        "could",
        "written",
        "signed",
        "printed",
    ];
    !sentence.has_any(&ELSEWHEN)
        && !(0..sentence.words.len()).any(|at| {
            sentence.get(at).is_some_and(|word| word.ends_with("’d") || word.ends_with("'d"))
        })
}
