use super::colour::{Colours, Part};
use super::contradict::Said;
use super::dead::Happened;
use super::facts::{CastFacts, Trait};
use super::names::Names;
use super::rules::{AGE, DEAD, EYES, HAIR};
use crate::bible::{Bible, Character};
use crate::calendar::Date;
use crate::finding::{Finding, Location, Report};
use crate::story::FileId;
use crate::validator::StoryView;

/// What the bible is compared with.
pub(super) struct Text<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) said: &'a [Said<'a>],
    pub(super) speeches: &'a [Happened<'a>],
    pub(super) files: &'a [(FileId, &'a CastFacts)],
}

/// Whether the bible says something of the same kind about the person.
pub(super) fn settles(bible: &Bible, names: &Names<'_>, said: &Said<'_>) -> bool {
    bible.characters.iter().enumerate().any(|(index, character)| {
        let is_said = match said.of.what {
            Trait::Eyes(_) => character.eyes.is_some(),
            Trait::Hair(_) => character.hair.is_some(),
            Trait::Age(_) => character.born.is_some(),
            Trait::Limb(_) => false,
        };
        is_said && is_one(bible, names, index, &said.of.who)
    })
}

/// Whether the bible says when someone dies.
pub(super) fn has_end(bible: &Bible, names: &Names<'_>, who: &str) -> bool {
    bible.characters.iter().enumerate().any(|(index, character)| {
        let is_said = character.died.is_some() || character.died_in.is_some();
        is_said && is_one(bible, names, index, who)
    })
}

fn is_one(bible: &Bible, names: &Names<'_>, index: usize, who: &str) -> bool {
    match bible.character(who) {
        Some(known) => known == index,
        None => names.is_same(&bible.characters[index].name, who),
    }
}

/// Reports what contradicts the bible.
pub(super) fn report(bible: &Bible, text: &Text<'_>, story: &StoryView<'_>, report: &mut Report) {
    for (index, character) in bible.characters.iter().enumerate() {
        let is_one = |who: &str| is_one(bible, text.names, index, who);
        for said in text.said.iter().filter(|said| is_one(&said.of.who)) {
            report_trait(bible, character, text, said, report);
        }
        let end = End::of(bible, character, story);
        let first = text.speeches.iter().filter(|speech| is_one(&speech.of.who)).find(|speech| {
            !speech.elsewhen && end.as_ref().is_some_and(|end| end.is_before(speech, text))
        });
        if let (Some(speech), Some(end)) = (first, end) {
            let at = Location { file: speech.file, span: speech.of.span };
            let message = format!("{} speaks here, and died before", speech.of.who);
            report.add(
                Finding::new(&DEAD, at, message)
                    .because(format!("{}:{} declares {}", bible.path, character.line, end.text))
                    .help("give the line to someone else, or correct story.toml"),
            );
        }
    }
}

fn report_trait(
    bible: &Bible,
    character: &Character,
    text: &Text<'_>,
    said: &Said<'_>,
    report: &mut Report,
) {
    let who = &said.of.who;
    let found = match said.of.what {
        Trait::Eyes(colours) => colour(colours, character.eyes.as_deref(), Part::Eyes),
        Trait::Hair(colours) => colour(colours, character.hair.as_deref(), Part::Hair),
        Trait::Age(age) if !said.elsewhen && !said.of.spoken => character.born.and_then(|born| {
            let today = today(text, said.file, said.of.block)?;
            let (least, most) = born.years_until(today);
            let is_wrong = !(least..=most).contains(&i64::from(age));
            let real = if least == most { most.to_string() } else { format!("{least} or {most}") };
            is_wrong.then(|| {
                let (day, born) = (bible.calendar.show(today), bible.calendar.show(born));
                (format!("is {age} here, and {real} on {day}"), format!("born = {born}"))
            })
        }),
        Trait::Age(_) | Trait::Limb(_) => None,
    };
    let Some((message, entry)) = found else { return };
    let rule = match said.of.what {
        Trait::Eyes(_) => &EYES,
        Trait::Hair(_) => &HAIR,
        Trait::Age(_) | Trait::Limb(_) => &AGE,
    };
    let at = Location { file: said.file, span: said.of.span };
    report.add(
        Finding::new(rule, at, format!("{who} {message}"))
            .because(format!("{}:{} declares `{entry}`", bible.path, character.line))
            .help("correct the text or story.toml"),
    );
}

fn colour(found: Colours, declared: Option<&str>, part: Part) -> Option<(String, String)> {
    let text = declared?;
    let (key, known) = match part {
        Part::Eyes => ("eyes", Colours::in_text(text, part)),
        Part::Hair => ("hair", Colours::in_text(text, part)),
    };
    found.contradicts(known, part).then(|| {
        (
            format!("has {} {key} here, and should have {text}", found.name(part)),
            format!("{key} = \"{text}\""),
        )
    })
}

/// The last full date that the narrator gave in the file, up to a block.
fn today(text: &Text<'_>, file: FileId, block: u32) -> Option<Date> {
    let (_, facts) = text.files.iter().find(|(id, _)| *id == file)?;
    let before = facts.dates.iter().take_while(|(at, _)| *at <= block);
    before.last().map(|(_, date)| *date)
}

/// When someone is dead for certain.
struct End {
    died: Option<Date>,
    /// The file of the death.
    file: Option<FileId>,
    text: String,
}

impl End {
    fn of(bible: &Bible, character: &Character, story: &StoryView<'_>) -> Option<Self> {
        let file = character.died_in.as_ref().and_then(|path| {
            let index = story.relative.iter().position(|relative| relative == path)?;
            u32::try_from(index).ok().map(FileId)
        });
        let text = match (&character.died_in, character.died) {
            (Some(path), _) if file.is_some() => format!("`died-in = \"{path}\"`"),
            (_, Some(died)) => format!("`died = {}`", bible.calendar.show(died)),
            _ => return None,
        };
        Some(Self { died: character.died, file, text })
    }

    fn is_before(&self, speech: &Happened<'_>, text: &Text<'_>) -> bool {
        let is_later_file = self.file.is_some_and(|file| speech.file > file);
        let is_later_day = self.died.is_some_and(|died| {
            today(text, speech.file, speech.of.block)
                .is_some_and(|today| died.years_until(today).0 >= 1 || is_after(today, died))
        });
        is_later_file || is_later_day
    }
}

/// Whether a day lies after another, as far as both are known.
fn is_after(day: Date, other: Date) -> bool {
    if day.year != other.year || other.month == 0 {
        return day.year > other.year;
    }
    (day.month, day.day) > (other.month, if other.day == 0 { u32::MAX } else { other.day })
}
