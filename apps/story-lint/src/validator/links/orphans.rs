use rustc_hash::FxHashSet;

use super::rules::ORPHAN;
use crate::finding::{Finding, Location, Report};
use crate::source::Span;
use crate::story::FileId;
use crate::validator::{StoryView, names};

/// Which files are linked from which.
#[derive(Debug, Default)]
pub(super) struct Reach {
    edges: FxHashSet<(FileId, FileId)>,
    /// The folders that a file was found to link to, since a file may do so on every line.
    folders: FxHashSet<(FileId, String)>,
}

impl Reach {
    pub(super) fn link(&mut self, from: FileId, to: FileId) {
        self.edges.insert((from, to));
    }

    /// A link to a folder reaches the files that stand in it.
    pub(super) fn link_folder(&mut self, from: FileId, folder: &str, relative: &[String]) {
        if !self.folders.insert((from, folder.to_owned())) {
            return;
        }
        for (to, path) in (0..).zip(relative) {
            if names::folder(path) == folder {
                self.link(from, FileId(to));
            }
        }
    }

    /// Reports the files that no entry file leads to.
    pub(super) fn report(self, story: &StoryView<'_>, report: &mut Report) {
        let files = story.relative.len();
        let is_root = |path: &String| names::is_entry(path) && names::folder(path).is_empty();
        let mut next: Vec<Vec<FileId>> = vec![Vec::new(); files];
        for (from, to) in self.edges {
            next[from.index()].push(to);
        }
        let mut reached: Vec<bool> = story.relative.iter().map(is_root).collect();
        let roots = reached.iter().filter(|&&root| root).count();
        let mut open: Vec<usize> = (0..files).filter(|&file| reached[file]).collect();
        while let Some(file) = open.pop() {
            for to in &next[file] {
                if !std::mem::replace(&mut reached[to.index()], true) {
                    open.push(to.index());
                }
            }
        }
        let linked = reached.iter().filter(|&&reached| reached).count() - roots;
        let orphans: Vec<usize> = (0..files)
            .filter(|&file| !reached[file])
            .filter(|&file| !names::is_about(&story.relative[file]))
            .filter(|&file| !names::is_entry(&story.relative[file]))
            .collect();
        // An entry file that leaves nearly everything out is a preface, not a table of contents.
        let no_contents = linked == 0 || (orphans.len() > 4 && orphans.len() > 2 * linked);
        if roots == 0 || no_contents {
            return;
        }
        let entry = story.relative.iter().find(|path| is_root(path)).map_or("", String::as_str);
        for file in orphans {
            let Some(Some(source)) = story.files.get(file) else { continue };
            let id = FileId(u32::try_from(file).unwrap_or(u32::MAX));
            let end = source.lines.text_range(&source.text, 1).end;
            let at = Location { file: id, span: Span::new(0, end) };
            let path = &story.relative[file];
            report.add(
                Finding::new(&ORPHAN, at, format!("no link leads from `{entry}` to `{path}`"))
                    .help("link to it from the table of contents, or move it out of the story"),
            );
        }
    }
}
