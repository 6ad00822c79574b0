use rustc_hash::FxHashMap;

use super::check::MetaFacts;
use super::heading::Chapter;
use super::shelf::{self, Volume};
use crate::validator::links::{Destination, resolve};
use crate::validator::{FileFacts, StoryView, names};

/// Brings chapters into the order of the table of contents where their names have no numbers, as
/// in `the-storm.md`; says whether it did.
///
/// The table must list all that have a chapter number: a scene that was cut may be left out.
pub(super) fn sort(
    story: &StoryView<'_>,
    facts: &[FileFacts<MetaFacts>],
    volumes: &mut [Volume<'_>],
) -> bool {
    let named = |volume: &&Volume<'_>| shelf::has_number(volume.path);
    if volumes.iter().filter(named).count() * 5 >= volumes.len() * 4 {
        return false;
    }
    let tables = facts.iter().filter(|of| !of.facts.contents.is_empty());
    let places = tables.map(|of| places(story, of)).max_by_key(|places| {
        volumes.iter().filter(|volume| places.contains_key(volume.path)).count()
    });
    let Some(places) = places else { return false };
    let numbered = |volume: &Volume<'_>| {
        volume.of.facts.headings.iter().any(|fact| fact.heading.chapter != Chapter::None)
    };
    if volumes.iter().any(|volume| numbered(volume) && !places.contains_key(volume.path)) {
        return false;
    }
    volumes.sort_by_key(|volume| places.get(volume.path).copied().unwrap_or(usize::MAX));
    true
}

/// The place of each path in a table of contents.
fn places(story: &StoryView<'_>, table: &FileFacts<MetaFacts>) -> FxHashMap<String, usize> {
    let own = story.relative.get(table.file.index()).map_or("", String::as_str);
    let mut places = FxHashMap::default();
    for (place, link) in table.facts.contents.iter().enumerate() {
        if let Destination::Path { path, .. } = Destination::parse(link) {
            places.entry(resolve(names::folder(own), &path).0).or_insert(place);
        }
    }
    places
}
