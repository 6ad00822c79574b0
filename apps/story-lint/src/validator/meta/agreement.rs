use rustc_hash::{FxHashMap, FxHashSet};

use super::items::Items;
use super::rules::DISAGREE;
use super::shelf::{self, Volume};
use crate::finding::{Finding, Location, Report};
use crate::source::Span;
use crate::story::FileId;

/// The numbers of one file.
struct Numbers {
    file: FileId,
    name: Option<u32>,
    front: Option<(u32, Span)>,
    heading: Option<(u32, Location)>,
}

/// Reports files whose heading, name and front matter disagree, where the story agrees.
pub(super) fn report(
    volumes: &[Volume<'_>],
    items: &Items,
    named: &[Location],
    report: &mut Report,
) {
    let mut headings = FxHashMap::default();
    for item in &items.items {
        headings.entry(item.at.file).or_insert((item.first, item.at));
    }
    let all: Vec<Numbers> = volumes
        .iter()
        .map(|volume| Numbers {
            file: volume.of.file,
            name: shelf::file_number(volume.path),
            front: volume.of.facts.chapter,
            heading: headings.get(&volume.of.file).copied(),
        })
        .collect();
    let names_agree = agree(all.iter().map(|n| n.name.zip(n.heading.map(|(number, _)| number))));
    let front = |n: &Numbers| n.front.map(|(number, _)| number);
    let fronts_agree = agree(all.iter().map(|n| front(n).zip(n.heading.map(|(number, _)| number))));
    let named: FxHashSet<Location> = named.iter().copied().collect();
    for Numbers { file, name, front, heading } in all {
        let Some((number, at)) = heading else { continue };
        let by_name = name.is_some_and(|name| name != number);
        if let Some((chapter, span)) = front
            && chapter != number
            && (name == Some(number) || fronts_agree)
            && !named.contains(&at)
        {
            let message = format!("the front matter says chapter {chapter}, the heading {number}");
            report.add(
                Finding::new(&DISAGREE, Location { file, span }, message)
                    .help("correct whichever is wrong")
                    .related(at, "the heading"),
            );
        } else if by_name && names_agree && !named.contains(&at) {
            let name = name.unwrap_or(number);
            let message = format!("the heading says chapter {number}, the file's name {name}");
            report.add(
                Finding::new(&DISAGREE, at, message)
                    .help("correct the heading, or rename the file"),
            );
        }
    }
}

/// Whether nearly all pairs are equal: three at least, and four of five.
fn agree(pairs: impl Iterator<Item = Option<(u32, u32)>>) -> bool {
    let (mut equal, mut all) = (0, 0);
    for (a, b) in pairs.flatten() {
        all += 1;
        equal += u32::from(a == b);
    }
    equal >= 3 && equal * 5 >= all * 4
}
