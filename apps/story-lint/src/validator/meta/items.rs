use rustc_hash::{FxHashMap, FxHashSet};

use super::heading::{Chapter, Heading};
use super::shelf::{self, Volume};
use crate::finding::Location;
use crate::validator::names;

/// A numbered heading in its place in the story.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) at: Location,
    pub(super) first: u32,
    pub(super) last: u32,
    /// The number in the file's name, if this is the file's first numbered heading.
    pub(super) file_number: Option<u32>,
    /// Headings without a number since the last item.
    pub(super) skipped: u32,
    /// Whether numbering may start anew here.
    pub(super) restart: bool,
}

/// The numbered headings of a story in reading order.
pub(super) struct Items {
    pub(super) items: Vec<Item>,
    /// Whether the order of the files says anything about the order of chapters.
    pub(super) ordered: bool,
}

impl Items {
    /// Takes the headings of files; `listed` tells that a table of contents gave the order.
    pub(super) fn new(volumes: &[Volume<'_>], listed: bool) -> Self {
        let Some(row) = Row::learn(volumes) else {
            return Self { items: Vec::new(), ordered: false };
        };
        let repeated = repeated(volumes);
        let mut items: Vec<Item> = Vec::new();
        let mut numbered_files = Vec::new();
        let (mut skipped, mut restart) = (0, false);
        let mut last_part = None;
        let mut last_level = u8::MAX;
        let mut last_folder = None;
        for volume in volumes {
            let folder = names::folder(volume.path);
            restart |= last_folder.replace(folder).is_some_and(|last| last != folder);
            restart |= row.per_file;
            let mut first_in_file = true;
            for fact in &volume.of.facts.headings {
                let Some((first, last)) = row.number(fact.level, fact.heading) else {
                    let Heading { part, chapter, .. } = fact.heading;
                    if part.is_some() || row.bare && fact.level < row.level {
                        restart = true;
                    } else if !repeated.contains(&fact.text) && fact.level <= last_level
                        || chapter == Chapter::Unknown
                    {
                        skipped += 1;
                    }
                    continue;
                };
                let part = fact.heading.part;
                restart |= part.is_some() && part != last_part;
                last_part = part.or(last_part);
                last_level = fact.level;
                let again = items.last().is_some_and(|i| (i.first, i.last) == (first, last));
                if again && fact.heading.portion {
                    continue;
                }
                if !first_in_file
                    && again
                    && items.last().is_some_and(|item| item.at.file == volume.of.file)
                    && fact.level > row.level
                {
                    // A chapter's own sections may name it again.
                    continue;
                }
                if first_in_file {
                    numbered_files.push(volume.path);
                }
                let file_number =
                    std::mem::take(&mut first_in_file).then(|| shelf::file_number(volume.path));
                items.push(Item {
                    at: Location { file: volume.of.file, span: fact.span },
                    first,
                    last,
                    file_number: file_number.flatten(),
                    skipped: std::mem::take(&mut skipped),
                    restart: std::mem::take(&mut restart),
                });
            }
        }
        titles_are_no_interludes(&mut items);
        let carry = numbered_files.iter().filter(|path| shelf::has_number(path)).count();
        // A table of contents that sorts by title says nothing.
        let steps = items.windows(2).filter(|pair| pair[1].first == pair[0].last + 1).count();
        let ordered = numbered_files.len() <= 1
            || carry * 5 >= numbered_files.len() * 4
            || listed && steps * 2 >= items.len() - 1;
        Self { items, ordered }
    }
}

/// Where most chapters have a heading without a number behind the numbered one, it is their title.
fn titles_are_no_interludes(items: &mut [Item]) {
    let between = items.iter().skip(1).filter(|item| item.skipped > 0).count();
    if items.len() > 2 && between * 2 > items.len() - 1 {
        for item in items {
            item.skipped = 0;
        }
    }
}

/// Which headings count as the row of chapters.
struct Row {
    /// Numbers without `chapter`.
    bare: bool,
    level: u8,
    /// Whether each file has a row of its own: numbered scenes.
    per_file: bool,
}

impl Row {
    /// Headings by name count if there are two; else bare numbers of one level, if they make a row.
    fn learn(volumes: &[Volume<'_>]) -> Option<Self> {
        let headings = || volumes.iter().flat_map(|volume| &volume.of.facts.headings);
        let named = headings().filter(|fact| matches!(fact.heading.chapter, Chapter::Named { .. }));
        let levels: Vec<u8> = named.map(|fact| fact.level).collect();
        if levels.len() >= 2 {
            let level = levels.into_iter().min()?;
            return Some(Self { bare: false, level, per_file: false });
        }
        (1..=6).find_map(|level| {
            let own = |volume: &&Volume<'_>| -> Vec<u32> {
                let facts = volume.of.facts.headings.iter().filter(|fact| fact.level == level);
                facts
                    .filter_map(|fact| match fact.heading.chapter {
                        Chapter::Bare(number) => Some(number),
                        _ => None,
                    })
                    .collect()
            };
            let rows: Vec<Vec<u32>> =
                volumes.iter().map(|v| own(&v)).filter(|r| !r.is_empty()).collect();
            let numbers: Vec<u32> = rows.iter().flatten().copied().collect();
            let steps =
                numbers.windows(2).filter(|pair| pair[0].checked_add(1) == Some(pair[1])).count();
            // The first may be the wrong one.
            let starts = numbers.iter().any(|&number| number <= 2);
            // Half of the steps being by one tells a row from initials and years.
            let is_row = numbers.len() >= 3 && starts && steps * 2 >= numbers.len() - 1;
            let per_file = numbers.len() >= rows.len() * 2;
            is_row.then_some(Self { bare: true, level, per_file })
        })
    }

    fn number(&self, level: u8, heading: Heading) -> Option<(u32, u32)> {
        match heading.chapter {
            Chapter::Named { first, last } if !self.bare => Some((first, last)),
            Chapter::Bare(number) if self.bare && level == self.level => Some((number, number)),
            _ => None,
        }
    }
}

/// Headings without a number that stand in three files or more: the title of the book.
fn repeated(volumes: &[Volume<'_>]) -> FxHashSet<u64> {
    let mut files: FxHashMap<u64, u32> = FxHashMap::default();
    for volume in volumes {
        let texts: FxHashSet<u64> = volume.of.facts.headings.iter().map(|fact| fact.text).collect();
        for text in texts {
            *files.entry(text).or_default() += 1;
        }
    }
    files.into_iter().filter(|&(_, count)| count >= 3).map(|(text, _)| text).collect()
}
