use super::items::{Item, Items};
use super::rules::NUMBERING;
use crate::finding::{Finding, Location, Report};
use crate::validator::{StoryView, names};

/// Reports gaps, repetitions and disorder; gives the headings that are named.
pub(super) fn report(story: &StoryView<'_>, items: &Items, report: &mut Report) -> Vec<Location> {
    let mut found = Vec::new();
    if items.ordered {
        for row in rows(&items.items) {
            in_order(row, story.partial, &mut found);
        }
    } else {
        let folder = |item: &Item| {
            story.relative.get(item.at.file.index()).map_or("", |path| names::folder(path))
        };
        for row in items.items.chunk_by(|a, b| folder(a) == folder(b)) {
            as_a_set(row, story.partial, &mut found);
        }
    }
    let named = found.iter().map(|finding| finding.at).collect();
    for finding in found {
        report.add(finding);
    }
    named
}

/// Cuts the items where numbering starts anew.
fn rows(items: &[Item]) -> Vec<&[Item]> {
    let mut rows = Vec::new();
    let mut start = 0;
    for at in 1..items.len() {
        let (before, item) = (items[at - 1].last, &items[at]);
        let allowed = item.restart || item.skipped > 0;
        // Without a mark, a row that goes on is taken for a new part as well.
        let next = items.get(at + 1).map(|next| next.first);
        let goes_on = before >= 2 && next == Some(item.last + 1);
        let anew = item.first <= 1 && item.first != before + 1 && (allowed || goes_on);
        // A part whose first heading is the wrong one shows by its second.
        let anew_but_wrong = allowed && (2..=before).contains(&item.first) && next == Some(2);
        if anew || anew_but_wrong {
            rows.push(&items[start..at]);
            start = at;
        }
    }
    if start < items.len() {
        rows.push(&items[start..]);
    }
    rows
}

/// How many wrong headings in a row are taken for one run.
const LONGEST_RUN: usize = 8;

fn in_order(row: &[Item], partial: bool, found: &mut Vec<Finding>) {
    let mut at = 0;
    // The number before the first: a row starts with 0 or 1, and with anything in a part.
    let mut before = match row.first() {
        Some(item) if item.first <= 1 || partial || row.len() < 2 => i64::from(item.first) - 1,
        Some(_) => 0,
        None => return,
    };
    // A story that starts late is a later volume; a lost opening shows as a small gap.
    if let Some(item) = row.first()
        && item.first > 3
        && row.get(1).is_some_and(|next| next.first == item.last + 1)
    {
        before = i64::from(item.first) - 1;
    }
    while let Some(item) = row.get(at) {
        let (first, expected) = (i64::from(item.first), before + 1);
        // What comes twice is no chapter whose predecessor merely had no number.
        let twice = row.get(at + 1).is_some_and(|next| next.first == item.first);
        let skipped = if twice { 0 } else { i64::from(item.skipped) };
        if (expected..=expected + skipped).contains(&first) {
            before = i64::from(item.last);
            at += 1;
            continue;
        }
        let resumes = (at + 1..row.len().min(at + 1 + LONGEST_RUN))
            .find(|&next| i64::from(row[next].first) == expected + (next - at) as i64);
        if let Some(next) = resumes {
            // Between two parts that fit, as many headings stand as belong there.
            found.push(wrong(row, at, next, expected));
            before = i64::from(row[next].last);
            at = next + 1;
            continue;
        }
        if first > expected {
            if !partial || item.file_number.map(i64::from) == Some(expected) {
                found.push(gap(row, at, expected));
            }
        } else {
            found.push(back(row, at));
        }
        before = i64::from(item.last);
        at += 1;
    }
}

/// A run of headings that say other numbers than their places ask for.
fn wrong(row: &[Item], start: usize, end: usize, expected: i64) -> Finding {
    let item = &row[start];
    let twin = twin(row, start);
    if end - start > 1 {
        let said: Vec<String> = row[start..end].iter().map(|item| item.first.to_string()).collect();
        let last = expected + (end - start) as i64 - 1;
        let message = format!(
            "the headings say chapters {} where {expected} to {last} belong",
            said.join(", ")
        );
        let finding = Finding::new(&NUMBERING, item.at, message);
        let finding = finding.help("put the chapters in order, or correct the headings");
        return finding.related(row[end - 1].at, "the last of them");
    }
    let mut message = format!("the heading says chapter {} where {expected} belongs", item.first);
    message += match twin {
        Some(_) => ": one number is missing and the other stands twice",
        None => "",
    };
    let finding = Finding::new(&NUMBERING, item.at, message);
    relate(finding.help(format!("write {expected}")), row, start, twin)
}

fn gap(row: &[Item], at: usize, expected: i64) -> Finding {
    let item = &row[at];
    let until = i64::from(item.first) - 1;
    let missing = if expected == until {
        format!("chapter {expected} is missing")
    } else {
        format!("chapters {expected} to {until} are missing")
    };
    let message = match at {
        0 => format!("{missing} before chapter {}", item.first),
        _ => format!("{missing} between chapters {} and {}", row[at - 1].last, item.first),
    };
    let finding = Finding::new(&NUMBERING, item.at, message);
    let help = if item.file_number.map(i64::from) == Some(expected) {
        format!("write {expected}, as in the file's name")
    } else {
        "add what is missing, or renumber what follows".to_owned()
    };
    relate(finding.help(help), row, at, None)
}

fn back(row: &[Item], at: usize) -> Finding {
    let item = &row[at];
    let twin = twin(row, at);
    let message = match twin {
        Some(_) => format!("chapter {} stands twice", item.first),
        None => format!("chapter {} stands behind chapter {}", item.first, row[at.max(1) - 1].last),
    };
    let finding = Finding::new(&NUMBERING, item.at, message);
    relate(finding.help("correct one of the headings"), row, at, twin)
}

/// Another heading of the same number.
fn twin(row: &[Item], at: usize) -> Option<usize> {
    (0..row.len()).find(|&other| other != at && row[other].first == row[at].first)
}

fn relate(finding: Finding, row: &[Item], at: usize, twin: Option<usize>) -> Finding {
    match (twin, at.checked_sub(1)) {
        (Some(twin), _) => {
            let note = format!("chapter {} stands here as well", row[twin].first);
            finding.related(row[twin].at, note)
        }
        (None, Some(before)) => {
            let note = format!("chapter {} stands here", row[before].last);
            finding.related(row[before].at, note)
        }
        (None, None) => finding,
    }
}

/// Whether of two headings with one number the file's name speaks against the first alone.
fn is_out_of_place(row: &[Item], pair: &[usize]) -> bool {
    let named = |at: usize| row[at].file_number;
    named(pair[1]) == Some(row[pair[1]].first)
        && named(pair[0]).is_some_and(|n| n != row[pair[0]].first)
}

/// Checks chapters whose files are in no known order: each number once, and none left out.
fn as_a_set(row: &[Item], partial: bool, found: &mut Vec<Finding>) {
    let mut sorted: Vec<usize> = (0..row.len()).collect();
    sorted.sort_by_key(|&at| row[at].first);
    let doubles: Vec<usize> = sorted
        .windows(2)
        .filter(|pair| row[pair[0]].first == row[pair[1]].first)
        .map(|pair| if is_out_of_place(row, pair) { pair[0] } else { pair[1] })
        .collect();
    // Several doubles mean several rows, which cannot be told apart here.
    if let [double] = doubles[..] {
        found.push(back(row, double));
        return;
    }
    let missing: i64 = sorted
        .windows(2)
        .map(|pair| i64::from(row[pair[1]].first) - i64::from(row[pair[0]].last) - 1)
        .sum();
    let interludes: u32 = row.iter().map(|item| item.skipped).sum();
    if partial
        || !doubles.is_empty()
        || row.len() < 3
        || missing <= i64::from(interludes)
        || missing > 2
    {
        return;
    }
    let in_order: Vec<Item> = sorted.iter().map(|&at| row[at].clone()).collect();
    let gap_at = (1..in_order.len()).find(|&at| in_order[at].first > in_order[at - 1].last + 1);
    if let Some(at) = gap_at {
        found.push(gap(&in_order, at, i64::from(in_order[at - 1].last) + 1));
    }
}
