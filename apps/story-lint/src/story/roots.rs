//! Which folders below a given one are stories of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::names::{ancestors, file_name, is_below, is_entry, parent};
use super::walk::Markers;

/// The folders that are stories, of those that hold `files`; all paths count from the given folder.
///
/// `links` gives the paths that an entry file links to. It is asked only where it matters: for
/// entry files above a folder that is a story by its own entry file alone.
pub(super) fn story_folders<'a>(
    files: &[&'a str],
    markers: &BTreeMap<String, Markers>,
    links: &mut dyn FnMut(&'a str) -> Vec<String>,
) -> BTreeSet<String> {
    let mut folders = Folders { known: files.iter().copied().collect(), ..Folders::default() };
    for (folder, found) in markers {
        folders.candidates.insert(folder, Kind::Declared { story: found.story });
    }
    for file in files {
        if is_entry(file_name(file)) {
            folders.candidates.entry(parent(file)).or_insert(Kind::Entry);
            folders.entries.entry(parent(file)).or_default().push(file);
        }
    }
    // The folders of files come in an order that puts each before those below it.
    let holders: BTreeSet<&str> = files.iter().map(|file| parent(file)).collect();
    for folder in holders {
        if !ancestors(folder).any(|above| folders.candidates.contains_key(above)) {
            folders.candidates.insert(folder, Kind::Topmost);
        }
    }
    folders.settle(links)
}

/// Why a folder may be a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It holds a configuration file or, if `story`, a `story.toml`.
    Declared { story: bool },
    /// It is the topmost with Markdown.
    Topmost,
    /// It holds an entry file and nothing else that speaks for it.
    Entry,
}

#[derive(Debug, Default)]
struct Folders<'m, 'a> {
    known: BTreeSet<&'a str>,
    candidates: BTreeMap<&'m str, Kind>,
    entries: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'m, 'a: 'm> Folders<'m, 'a> {
    fn settle(&self, links: &mut dyn FnMut(&'a str) -> Vec<String>) -> BTreeSet<String> {
        let is_firm = |folder: &str| {
            let has_above =
                || ancestors(folder).skip(1).any(|above| self.candidates.contains_key(above));
            self.candidates.get(folder).is_some_and(|kind| *kind != Kind::Entry) || !has_above()
        };
        let mut todo: Vec<&str> =
            self.candidates.keys().copied().filter(|folder| is_firm(folder)).collect();
        let firm: BTreeSet<&str> = todo.iter().copied().collect();
        let mut stories = BTreeSet::new();
        while let Some(story) = todo.pop() {
            stories.insert(story.to_owned());
            // Those that this story may take in: no story that is sure of itself lies between.
            let inner: BTreeSet<&str> = self
                .below(story)
                .into_iter()
                .filter(|&folder| {
                    ancestors(folder)
                        .take_while(|&above| above != story)
                        .all(|above| !firm.contains(above))
                })
                .collect();
            let absorbed = self.absorbed(story, &inner, links);
            let own: BTreeSet<&str> = inner.difference(&absorbed).copied().collect();
            todo.extend(own.iter().copied().filter(|&folder| {
                let mut above = ancestors(folder).skip(1).take_while(|&above| above != story);
                !above.any(|above| own.contains(above))
            }));
        }
        stories
    }

    /// The candidates below a folder, found without a look at those elsewhere.
    fn below(&self, folder: &str) -> Vec<&'m str> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = (Bound::Included(start.as_str()), Bound::Unbounded);
        self.candidates
            .range::<str, _>(from)
            .map(|(&below, _)| below)
            .take_while(|below| below.starts_with(&start))
            .filter(|below| !below.is_empty())
            .collect()
    }

    /// Which of the folders `inner` are parts of `story`.
    fn absorbed(
        &self,
        story: &str,
        inner: &BTreeSet<&'m str>,
        links: &mut dyn FnMut(&'a str) -> Vec<String>,
    ) -> BTreeSet<&'m str> {
        if inner.is_empty() || self.candidates.get(story) == Some(&Kind::Declared { story: true }) {
            return inner.clone();
        }
        let mut absorbed = BTreeSet::new();
        let mut entries: Vec<&str> = self.entries.get(story).cloned().unwrap_or_default();
        while let Some(entry) = entries.pop() {
            for target in links(entry) {
                if !self.known.contains(target.as_str()) || is_entry(file_name(&target)) {
                    continue;
                }
                for &part in inner.iter().filter(|part| is_below(&target, part)) {
                    if absorbed.insert(part) {
                        entries.extend(self.entries.get(part).into_iter().flatten());
                    }
                }
            }
        }
        absorbed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stories of `files`; names that are no Markdown are markers. `links` are pairs.
    fn stories(files: &[&str], links: &[(&str, &str)]) -> Vec<String> {
        let mut markers: BTreeMap<String, Markers> = BTreeMap::new();
        let mut chapters = Vec::new();
        for &file in files {
            match file_name(file) {
                "story.toml" => markers.entry(parent(file).to_owned()).or_default().story = true,
                "story-lint.toml" => {
                    markers.entry(parent(file).to_owned()).or_default().config = true;
                }
                _ => chapters.push(file),
            }
        }
        let mut of = |entry: &str| {
            links
                .iter()
                .filter(|(from, _)| *from == entry)
                .map(|(_, to)| (*to).to_owned())
                .collect()
        };
        story_folders(&chapters, &markers, &mut of).into_iter().collect()
    }

    #[test]
    fn one_folder_is_one_story() {
        assert_eq!(stories(&["a.md", "sub/b.md", "sub/deep/c.md"], &[]), [""]);
    }

    #[test]
    fn names_that_only_start_alike_are_not_below() {
        let files = ["a/README.md", "a/p/README.md", "a-b/README.md", "ab/README.md"];
        assert_eq!(stories(&files, &[]), ["a", "a-b", "a/p", "ab"]);
        let declared = ["a/story.toml", "a/p/README.md", "a-b/README.md", "ab/README.md"];
        assert_eq!(stories(&declared, &[]), ["a", "a-b", "ab"]);
    }

    #[test]
    fn folders_without_anything_above_are_stories_each() {
        assert_eq!(stories(&["x/a.md", "x/sub/b.md", "y/c.md"], &[]), ["x", "y"]);
    }

    #[test]
    fn a_shelf_with_a_note_is_a_story_beside_its_novels() {
        let files = ["SOURCES.md", "one/README.md", "one/ch1.md", "two/README.md", "two/ch1.md"];
        assert_eq!(stories(&files, &[]), ["", "one", "two"]);
    }

    #[test]
    fn a_shelf_that_links_to_entry_files_leaves_novels_alone() {
        let files = ["README.md", "novel/README.md", "novel/ch1.md"];
        assert_eq!(stories(&files, &[("README.md", "novel/README.md")]), ["", "novel"]);
    }

    #[test]
    fn a_book_that_links_to_chapters_takes_parts_in() {
        let files = ["README.md", "part-1/README.md", "part-1/ch1.md", "part-2/README.md"];
        assert_eq!(stories(&files, &[("README.md", "part-1/ch1.md")]), ["", "part-2"]);
    }

    #[test]
    fn links_of_a_part_count_once_it_is_taken_in() {
        let files = [
            "README.md",
            "p1/README.md",
            "p1/ch1.md",
            "p2/README.md",
            "p2/ch2.md",
            "p2/x/INDEX.md",
        ];
        let links = [("README.md", "p1/ch1.md"), ("p1/README.md", "p2/ch2.md")];
        assert_eq!(stories(&files, &links), ["", "p2/x"]);
    }

    #[test]
    fn a_declared_story_takes_in_all_but_declared_ones() {
        let files = [
            "story.toml",
            "p1/README.md",
            "p1/x/README.md",
            "other/story-lint.toml",
            "other/README.md",
            "other/sub/README.md",
        ];
        assert_eq!(stories(&files, &[]), ["", "other", "other/sub"]);
    }

    #[test]
    fn links_to_files_that_are_not_there_prove_nothing() {
        let files = ["README.md", "novel/README.md", "novel/ch1.md"];
        assert_eq!(stories(&files, &[("README.md", "novel/ch9.md")]), ["", "novel"]);
    }
}
