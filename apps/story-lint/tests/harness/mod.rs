//! Runs validators over small stories in memory, as the engine does over files.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::Arc;

use story_lint::config::Settings;
use story_lint::document::{Document, parse};
use story_lint::finding::{Finding, Report};
use story_lint::source::SourceFile;
use story_lint::story::{FileId, natural_cmp};
use story_lint::validator::{AnyValidator, FileFacts, Piece, StoryView};

/// A story in memory.
pub(crate) struct Story {
    pub(crate) sources: Vec<Option<Arc<SourceFile>>>,
    pub(crate) relative: Vec<String>,
    pub(crate) documents: Vec<Document>,
    pub(crate) partial: bool,
    pub(crate) settings: Settings,
    pub(crate) root: std::path::PathBuf,
}

impl Story {
    /// Makes a story of paths and texts, in reading order.
    pub(crate) fn new<P: AsRef<str>, T: AsRef<str>>(files: &[(P, T)]) -> Self {
        let mut files: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (path.as_ref(), text.as_ref())).collect();
        files.sort_by(|a, b| natural_cmp(a.0, b.0));
        let sources: Vec<Option<Arc<SourceFile>>> = files
            .iter()
            .map(|&(path, text)| Some(Arc::new(SourceFile::new(path, path, text))))
            .collect();
        let documents = sources.iter().flatten().map(|source| parse(&source.text)).collect();
        Self {
            sources,
            relative: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
            documents,
            partial: false,
            settings: Settings::default(),
            root: Path::new("/nonexistent/story").to_owned(),
        }
    }

    /// What a validator finds, with each file cut into pieces before the given blocks.
    pub(crate) fn run(
        &self,
        validator: &dyn AnyValidator,
        cuts: &dyn Fn(&Document) -> Vec<usize>,
    ) -> Vec<Finding> {
        let state = validator.initialise(&self.settings).expect("initialise");
        let mut report = Report::default();
        let mut facts = Vec::new();
        for (index, (source, document)) in
            self.sources.iter().flatten().zip(&self.documents).enumerate()
        {
            let file = FileId(u32::try_from(index).expect("few files"));
            let whole = Piece::whole(file, source, document, &self.settings);
            let mut bounds = vec![0];
            bounds.extend(cuts(document));
            bounds.push(document.blocks.len());
            let merged = bounds
                .windows(2)
                .map(|pair| Piece { blocks: pair[0]..pair[1], ..whole.clone() })
                .map(|piece| validator.facts(&*state, &piece, &mut report).expect("facts"))
                .reduce(|earlier, later| validator.merge(earlier, later))
                .expect("one piece at least");
            facts.push(FileFacts { file, facts: merged });
        }
        let view = StoryView {
            root: &self.root,
            files: &self.sources,
            relative: &self.relative,
            partial: self.partial,
            settings: &self.settings,
        };
        validator.check(&*state, &view, facts, &mut report).expect("check");
        validator.finalise(&*state).expect("finalise");
        let mut findings = report.into_findings();
        findings.sort_by(|a, b| (a.at, a.rule.id, &a.message).cmp(&(b.at, b.rule.id, &b.message)));
        findings
    }

    /// What a validator finds in whole files.
    pub(crate) fn check(&self, validator: &dyn AnyValidator) -> Vec<Finding> {
        self.run(validator, &|_| Vec::new())
    }

    /// A finding as `path:line:column RULE message`.
    pub(crate) fn show(&self, finding: &Finding) -> String {
        let source = self.sources[finding.at.file.index()].as_ref().expect("a readable file");
        let at = source.position(finding.at.span.start);
        let (path, rule) = (&source.relative, finding.rule.id);
        format!("{path}:{}:{} {rule} {}", at.line, at.column, finding.message)
    }

    /// All findings of a validator, shown.
    pub(crate) fn shown(&self, validator: &dyn AnyValidator) -> Vec<String> {
        self.check(validator).iter().map(|finding| self.show(finding)).collect()
    }
}

/// The findings of a validator in a story, shown.
pub(crate) fn shown<P: AsRef<str>, T: AsRef<str>>(
    validator: &dyn AnyValidator,
    files: &[(P, T)],
) -> Vec<String> {
    Story::new(files).shown(validator)
}

/// Asserts that a validator finds nothing in a story.
#[track_caller]
pub(crate) fn assert_quiet<P: AsRef<str>, T: AsRef<str>>(
    validator: &dyn AnyValidator,
    files: &[(P, T)],
) {
    assert_eq!(shown(validator, files), Vec::<String>::new());
}
