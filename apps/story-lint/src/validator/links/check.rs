use rustc_hash::FxHashMap;

use super::anchors::Anchors;
use super::destination::{Destination, resolve};
use super::disk::{Disk, OnDisk};
use super::index::Index;
use super::orphans::Reach;
use super::rules::{BAD_ANCHOR, BROKEN, ORPHAN};
use super::suggest::{Suggester, relative_path};
use crate::config::Settings;
use crate::document::{BlockKind, Target, slug};
use crate::finding::{Finding, Location, Report};
use crate::rule::Rule;
use crate::source::Span;
use crate::story::FileId;
use crate::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError, names};

/// Checks links between files, and that each file is linked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Links;

/// The links of a piece and what can be linked to in it.
#[derive(Clone, Debug, Default)]
pub struct LinkFacts {
    links: Vec<(Span, Target)>,
    /// The slugs of the headings in order, not numbered yet.
    pub(super) headings: Vec<String>,
    /// Anchors set in HTML.
    pub(super) anchors: Vec<String>,
    /// Whether an entry file holds wiki links or templates, which may lead anywhere.
    unread: bool,
}

impl Validator for Links {
    type State = ();
    type Facts = LinkFacts;

    fn name(&self) -> &'static str {
        "links"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 3] = [&BROKEN, &ORPHAN, &BAD_ANCHOR];
        &RULES
    }

    fn scope(&self) -> Scope {
        Scope::Paragraph
    }

    fn initialise(&self, _: &Settings) -> Result<(), ValidatorError> {
        Ok(())
    }

    fn facts(
        &self,
        (): &(),
        piece: &Piece<'_>,
        _: &mut Report,
    ) -> Result<LinkFacts, ValidatorError> {
        let links = piece.links().iter().map(|link| (link.span, link.target.clone())).collect();
        let headings = piece
            .blocks()
            .filter(|(_, block)| matches!(block.kind, BlockKind::Heading(_)))
            .map(|(_, block)| slug(piece.document.text(block)))
            .collect();
        let anchors =
            if piece.is_first() { piece.document.html_anchors.clone() } else { Vec::new() };
        let unread = names::is_entry(&piece.source.relative)
            && ["[[", "{{", "{%"].iter().any(|sign| piece.document.prose.contains(sign));
        Ok(LinkFacts { links, headings, anchors, unread })
    }

    fn merge(&self, mut earlier: LinkFacts, later: LinkFacts) -> LinkFacts {
        earlier.links.extend(later.links);
        earlier.headings.extend(later.headings);
        earlier.anchors.extend(later.anchors);
        earlier.unread |= later.unread;
        earlier
    }

    fn check(
        &self,
        (): &(),
        story: &StoryView<'_>,
        facts: &[FileFacts<LinkFacts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        let mut check = Check {
            story,
            index: Index::new(story.relative),
            facts: facts.iter().map(|of| (of.file, &of.facts)).collect(),
            anchors: FxHashMap::default(),
            disk: Disk::default(),
            reach: Reach::default(),
            suggester: Suggester::default(),
            meant: FxHashMap::default(),
        };
        for of in facts {
            for (span, target) in &of.facts.links {
                let at = Location { file: of.file, span: *span };
                if let Some(finding) = check.link(at, target) {
                    report.add(finding);
                }
            }
        }
        if !story.partial && !facts.iter().any(|of| of.facts.unread) {
            check.reach.report(story, report);
        }
        Ok(())
    }
}

/// The state of a check of one story.
struct Check<'a> {
    story: &'a StoryView<'a>,
    index: Index<'a>,
    facts: FxHashMap<FileId, &'a LinkFacts>,
    anchors: FxHashMap<FileId, Anchors>,
    disk: Disk,
    reach: Reach,
    suggester: Suggester,
    /// The paths that were probably meant, by what the links lead to.
    meant: FxHashMap<String, Option<String>>,
}

impl Check<'_> {
    fn link(&mut self, at: Location, target: &Target) -> Option<Finding> {
        let destination = match target {
            Target::Undefined(label) => {
                let message = format!("the reference `[{label}]` is not defined");
                let help = format!("add a line `[{label}]: path` to the file");
                return Some(Finding::new(&BROKEN, at, message).help(help));
            }
            Target::Destination(destination) => destination,
        };
        if destination.trim().is_empty() {
            let finding = Finding::new(&BROKEN, at, "the link has no target");
            return Some(finding.help("write the path of a file between the parentheses"));
        }
        match Destination::parse(destination) {
            Destination::Elsewhere => None,
            Destination::Path { path, anchor } => self.path(at, &path, anchor.as_deref()),
        }
    }

    fn path(&mut self, at: Location, path: &str, anchor: Option<&str>) -> Option<Finding> {
        if path.is_empty() {
            return self.anchor(at, at.file, anchor?);
        }
        let own = self.story.relative.get(at.file.index()).map_or("", |path| names::folder(path));
        let (resolved, is_folder) = resolve(own, path);
        if let Some(file) = self.index.file(&resolved).filter(|_| !is_folder) {
            self.reach.link(at.file, file);
            return anchor.and_then(|anchor| self.anchor(at, file, anchor));
        }
        if self.index.is_folder(&resolved) {
            self.reach.link_folder(at.file, &resolved, self.story.relative);
            return None;
        }
        if let Some(other) = self.index.other_case(&resolved) {
            if let Some(file) = self.index.file(other) {
                // One finding for the link; the file is not called an orphan on top.
                self.reach.link(at.file, file);
            }
            return Some(other_case(at, path, &relative_path(own, other)));
        }
        if let Some(file) = self.built_from(&resolved) {
            self.reach.link(at.file, file);
            return None;
        }
        match self.disk.look(&self.story.root.join(&resolved)) {
            OnDisk::Found => None,
            OnDisk::OtherCase(name) => {
                let other = match names::folder(&resolved) {
                    "" => name,
                    folder => format!("{folder}/{name}"),
                };
                Some(other_case(at, path, &relative_path(own, &other)))
            }
            OnDisk::Missing => Some(self.broken(at, path, &resolved, own)),
        }
    }

    /// The file that a site generator makes a page from: `storm.html` from `storm.md`, and
    /// `index.html` from a README.
    fn built_from(&self, resolved: &str) -> Option<FileId> {
        let stem = resolved.strip_suffix(".html")?;
        let readme = stem.strip_suffix("index").map(|folder| format!("{folder}README.md"));
        self.index
            .file(&format!("{stem}.md"))
            .or_else(|| self.index.file(&format!("{stem}.markdown")))
            .or_else(|| self.index.file(&readme?))
    }

    fn broken(&mut self, at: Location, path: &str, resolved: &str, own: &str) -> Finding {
        let finding = Finding::new(&BROKEN, at, format!("`{path}` does not exist"));
        let with_extension = |extension: &str| {
            let file = self.index.file(&format!("{resolved}{extension}"))?;
            Some((file, format!("{path}{extension}")))
        };
        if let Some((file, meant)) = [".md", ".markdown"].into_iter().find_map(with_extension) {
            self.reach.link(at.file, file);
            return finding.help(format!("write `{meant}`, with the file's extension"));
        }
        match self.meant(resolved).map(|meant| relative_path(own, meant)) {
            Some(meant) => finding.help(format!("did you mean `{meant}`?")),
            None => finding.help("correct the path, or make the link plain text"),
        }
    }

    /// The path that was probably meant, from the story's folder.
    fn meant(&mut self, resolved: &str) -> Option<&str> {
        if !self.meant.contains_key(resolved) {
            // The same name in another folder is a file that moved; else a name with a slip.
            let (name, folder) = (names::file_name(resolved), names::folder(resolved));
            let meant = self
                .index
                .named(name)
                .or_else(|| self.suggester.nearest(resolved, self.index.paths()))
                .map(str::to_owned)
                .or_else(|| {
                    let names = self.disk.names(&self.story.root.join(folder))?;
                    let meant = self.suggester.nearest(name, names.iter().map(String::as_str))?;
                    let at_top = folder.is_empty();
                    Some(if at_top { meant.to_owned() } else { format!("{folder}/{meant}") })
                });
            self.meant.insert(resolved.to_owned(), meant);
        }
        self.meant.get(resolved)?.as_deref()
    }

    fn anchor(&mut self, at: Location, file: FileId, anchor: &str) -> Option<Finding> {
        let facts = *self.facts.get(&file)?;
        let anchors = self.anchors.entry(file).or_insert_with(|| Anchors::new(facts));
        if anchors.has(anchor) {
            return None;
        }
        let place = match self.story.relative.get(file.index()) {
            Some(path) if file != at.file => format!("`{path}` has"),
            _ => "this file has".to_owned(),
        };
        let finding =
            Finding::new(&BAD_ANCHOR, at, format!("{place} no heading or anchor `#{anchor}`"));
        Some(match anchors.nearest(anchor, &mut self.suggester) {
            Some(meant) => finding.help(format!("did you mean `#{meant}`?")),
            None => finding.help("use a heading's anchor, or set one with `<a id=\"…\"></a>`"),
        })
    }
}

fn other_case(at: Location, path: &str, meant: &str) -> Finding {
    let message = format!("`{path}` differs from the file's name in upper and lower case");
    Finding::new(&BROKEN, at, message)
        .help(format!("write `{meant}`; many systems tell the cases apart"))
}
