use super::check::MetaFacts;
use super::number::number;
use crate::validator::{FileFacts, StoryView, names};

/// A file that may be a chapter.
pub(super) struct Volume<'a> {
    pub(super) of: &'a FileFacts<MetaFacts>,
    pub(super) path: &'a str,
}

/// The files of a story that may be chapters, in reading order: not what leads to chapters, what
/// is about the manuscript, and what stands in a folder for notes or cuts.
pub(super) fn volumes<'a>(
    story: &StoryView<'a>,
    facts: &'a [FileFacts<MetaFacts>],
) -> Vec<Volume<'a>> {
    facts
        .iter()
        .filter_map(|of| {
            let path = story.relative.get(of.file.index())?.as_str();
            let apart = names::folder(path).split('/').any(is_apart);
            (!apart && !names::is_entry(path) && !names::is_about(path))
                .then_some(Volume { of, path })
        })
        .collect()
}

fn is_apart(folder: &str) -> bool {
    const FOLDERS: [&str; 22] = [
        "notes",
        "note",
        "outline",
        "outlines",
        "drafts",
        "draft",
        "research",
        "characters",
        "world",
        "worldbuilding",
        "bible",
        "planning",
        "cut",
        "cuts",
        "deleted",
        "archive",
        "old",
        "templates",
        "summaries",
        "snippets",
        "scraps",
        "ideas",
    ];
    FOLDERS.iter().any(|name| name.eq_ignore_ascii_case(folder))
}

/// The chapter number that a file's name gives, if it gives one.
///
/// A number behind `chapter` counts before one at the start, and that before a lone one.
pub(super) fn file_number(path: &str) -> Option<u32> {
    let stem = names::stem(path);
    let parts: Vec<&str> = split(stem);
    let named = parts.windows(2).find(|pair| {
        ["chapter", "chap", "ch", "kapitel", "chapitre", "kap"]
            .iter()
            .any(|name| pair[0].eq_ignore_ascii_case(name))
    });
    if let Some(pair) = named {
        return number(&pair[1..]).map(|(number, _)| number);
    }
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    match (parts.first().and_then(|part| part.parse().ok()), numbers.as_slice()) {
        (Some(first), _) => Some(first),
        (None, [only]) => Some(*only),
        _ => None,
    }
}

/// Whether a file's name carries a number, so that the order of files means something.
pub(super) fn has_number(path: &str) -> bool {
    names::stem(path).contains(|c: char| c.is_ascii_digit())
}

/// Splits a name at signs and between letters and digits: `ch08-storm` is `ch`, `08`, `storm`.
fn split(stem: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in stem.char_indices() {
        let kind = if c.is_ascii_digit() { 1 } else { 2 * i32::from(c.is_alphabetic()) };
        if before.is_some_and(|before| before != kind) {
            parts.push(&stem[start..at]);
            start = at;
        }
        before = Some(kind);
    }
    parts.push(&stem[start..]);
    parts.retain(|part| part.starts_with(char::is_alphanumeric));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_file_names() {
        let table = [
            ("chapter-08.md", Some(8)),
            ("part-2/ch08-the-storm.md", Some(8)),
            ("08-the-storm.md", Some(8)),
            ("part-2-chapter-3.md", Some(3)),
            ("front-01-epigraph.md", Some(1)),
            ("2-of-3.md", Some(2)),
            ("a-2-of-3.md", None),
            ("chapter-one.md", Some(1)),
            ("storm.md", None),
        ];
        for (path, expected) in table {
            assert_eq!(file_number(path), expected, "{path}");
        }
    }
}
