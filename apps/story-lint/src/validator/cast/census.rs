use std::collections::BTreeMap;
use std::sync::Arc;

use super::colour::Part;
use super::facts::{CastFacts, Trait};
use super::names::{Names, Phrase};
use super::read::read;
use crate::config::Settings;
use crate::document::parse;
use crate::finding::Location;
use crate::source::{SourceFile, Span};
use crate::story::FileId;
use crate::validator::{Piece, names};

/// Who and what is in a story, the most frequent first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Census {
    pub(crate) people: Vec<Entry>,
    pub(crate) places: Vec<Entry>,
}

/// Someone, or a place.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The phrase that says most, of those that are frequent.
    pub(crate) name: String,
    /// The other phrases.
    pub(crate) aliases: Vec<String>,
    pub(crate) count: u32,
    /// How often they are named in each file.
    pub(crate) per_file: Vec<u32>,
    pub(crate) first: Location,
    pub(crate) eyes: Option<String>,
    pub(crate) hair: Option<String>,
    /// The first age that is given.
    pub(crate) age: Option<u32>,
}

/// How often someone must be named to be listed.
const FEWEST: u32 = 3;
/// How many phrases are looked at, the most frequent first.
const MOST_PHRASES: usize = 600;

/// Several phrases for one person or place.
struct Group<'a> {
    phrases: Vec<(&'a str, u32)>,
    count: u32,
    speaks: u32,
    placed: u32,
    titled: bool,
    per_file: Vec<u32>,
    first: Option<Location>,
}

/// Counts who and what is in the files of a story.
pub(crate) fn census(files: &[Option<Arc<SourceFile>>], settings: &Settings) -> Census {
    let facts: Vec<(FileId, CastFacts)> = files
        .iter()
        .enumerate()
        .filter_map(|(index, file)| Some((FileId(u32::try_from(index).ok()?), file.as_ref()?)))
        .filter(|(_, file)| !names::is_entry(&file.relative) && !names::is_about(&file.relative))
        .map(|(id, file)| {
            let document = parse(&file.text);
            (id, read(&Piece::whole(id, file, &document, settings)))
        })
        .collect();
    let by_file: Vec<(FileId, &CastFacts)> = facts.iter().map(|(id, of)| (*id, of)).collect();
    let names = Names::learn(&by_file, settings.bible.as_deref());
    let mut groups = gather(&names, &by_file, files.len());
    groups.retain(|group| group.count >= FEWEST);
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.phrases.cmp(&b.phrases)));

    let mut census = Census::default();
    for group in &groups {
        let is_person = group.speaks > 0 || group.titled;
        let is_place = !is_person && group.placed * 3 >= group.count;
        let entry = entry(group, &names, &by_file);
        if is_person {
            census.people.push(entry);
        } else if is_place {
            census.places.push(entry);
        }
    }
    census
}

/// Joins the phrases that name one person.
fn gather<'a>(
    names: &Names<'a>,
    facts: &[(FileId, &'a CastFacts)],
    files: usize,
) -> Vec<Group<'a>> {
    let mut phrases: BTreeMap<&'a str, Group<'a>> = BTreeMap::new();
    for &(file, of) in facts {
        for (text, used) in &of.phrases {
            let group = phrases.entry(text).or_insert_with(|| Group {
                phrases: vec![(text, 0)],
                count: 0,
                speaks: 0,
                placed: 0,
                titled: Phrase::of(text).title.is_some(),
                per_file: vec![0; files],
                first: None,
            });
            group.count += used.count;
            group.phrases[0].1 += used.count;
            group.speaks += used.speaks;
            group.placed += used.placed;
            group.per_file[file.index()] += used.count;
            if group.first.is_none() {
                let span = used.spots.iter().map(|spot| spot.span).min();
                group.first = Some(Location { file, span: span.unwrap_or(Span::new(0, 0)) });
            }
        }
    }
    let mut phrases: Vec<Group<'a>> = phrases
        .into_values()
        .filter(|group| {
            let phrase = Phrase::of(group.phrases[0].0);
            let is_likely = |part: &&str| names.is_name(part) || !names.is_lower(part);
            phrase.parts.iter().any(|part| names.is_name(part))
                && phrase.parts.iter().all(is_likely)
        })
        .collect();
    phrases.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.phrases.cmp(&b.phrases)));
    phrases.truncate(MOST_PHRASES);

    let mut groups: Vec<Group<'a>> = Vec::new();
    for phrase in phrases {
        let text = phrase.phrases[0].0;
        let home = groups
            .iter_mut()
            .find(|group| group.phrases.iter().all(|(known, _)| names.is_same(known, text)));
        match home {
            Some(group) => group.take(phrase),
            None => groups.push(phrase),
        }
    }
    groups
}

impl<'a> Group<'a> {
    fn take(&mut self, other: Group<'a>) {
        self.phrases.extend(other.phrases);
        self.count += other.count;
        self.speaks += other.speaks;
        self.placed += other.placed;
        self.titled |= other.titled;
        for (own, more) in self.per_file.iter_mut().zip(other.per_file) {
            *own += more;
        }
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

fn entry<'a>(group: &Group<'a>, names: &Names<'a>, facts: &[(FileId, &'a CastFacts)]) -> Entry {
    // The longest of the frequent ones: `Edmund Sloane` says more than `Sloane`.
    let often = group.phrases.iter().filter(|(_, count)| *count * 20 >= group.count);
    let best = often.max_by_key(|(text, count)| (Phrase::of(text).parts.len(), *count, *text));
    let name = best.or(group.phrases.first()).map_or("", |(text, _)| text);
    let aliases = group.phrases.iter().map(|(text, _)| *text).filter(|text| *text != name);
    let mut entry = Entry {
        name: name.to_owned(),
        aliases: aliases.map(str::to_owned).collect(),
        count: group.count,
        per_file: group.per_file.clone(),
        first: group.first.unwrap_or(Location { file: FileId(0), span: Span::new(0, 0) }),
        eyes: None,
        hair: None,
        age: None,
    };
    for observed in facts.iter().flat_map(|(_, of)| &of.traits) {
        if !group.phrases.iter().any(|(text, _)| names.is_same(text, &observed.who)) {
            continue;
        }
        match observed.what {
            Trait::Eyes(colours) => {
                entry.eyes.get_or_insert_with(|| colours.name(Part::Eyes));
            }
            Trait::Hair(colours) => {
                entry.hair.get_or_insert_with(|| colours.name(Part::Hair));
            }
            Trait::Age(age) => {
                entry.age.get_or_insert(age);
            }
            Trait::Limb(_) => {}
        }
    }
    entry
}
