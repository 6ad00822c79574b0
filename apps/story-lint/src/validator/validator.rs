use std::ops::Range;
use std::path::Path;

use crate::config::Settings;
use crate::document::{Block, Document, Link};
use crate::finding::{Location, Report};
use crate::rule::Rule;
use crate::source::{SourceFile, Span};
use crate::story::FileId;

/// A check of a story, in steps that can run apart.
///
/// For each story: [`initialise`](Self::initialise) once; [`facts`](Self::facts) for every piece
/// of every file, on any thread and in any order; [`merge`](Self::merge) for neighbouring pieces
/// of a file, in order; [`check`](Self::check) once, with the facts of all files in reading order;
/// [`finalise`](Self::finalise) once. A piece is a file today. The result must not depend on
/// where files are cut into pieces, nor on what runs first.
///
/// What needs only one paragraph may be reported from `facts`; what needs more is kept as facts
/// and reported from `check`. A step that fails or panics ends the validator for that story: its
/// findings so far are kept, and its status says what happened.
pub trait Validator: Send + Sync + 'static {
    /// What is prepared once per story and shared by all pieces.
    type State: Send + Sync + 'static;
    /// What is kept of a piece. It holds no text that is not needed: the document is gone when
    /// `check` runs, the source is still there.
    type Facts: Send + 'static;

    /// The name used in status and statistics, such as `links`.
    fn name(&self) -> &'static str;

    /// The rules it reports.
    fn rules(&self) -> &'static [&'static Rule];

    /// What a piece must hold at least for `facts` to be right.
    fn scope(&self) -> Scope;

    /// Prepares for one story.
    ///
    /// # Errors
    /// Says why the story cannot be checked.
    fn initialise(&self, settings: &Settings) -> Result<Self::State, ValidatorError>;

    /// Takes facts from a piece.
    ///
    /// # Errors
    /// Says why the piece cannot be read.
    fn facts(
        &self,
        state: &Self::State,
        piece: &Piece<'_>,
        report: &mut Report,
    ) -> Result<Self::Facts, ValidatorError>;

    /// Joins the facts of two neighbouring pieces of one file.
    fn merge(&self, earlier: Self::Facts, later: Self::Facts) -> Self::Facts;

    /// Reports what shows only over the whole story.
    ///
    /// # Errors
    /// Says why the story cannot be checked.
    fn check(
        &self,
        state: &Self::State,
        story: &StoryView<'_>,
        facts: &[FileFacts<Self::Facts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError>;

    /// Ends the work on one story.
    ///
    /// # Errors
    /// Says what could not be put away.
    fn finalise(&self, state: &Self::State) -> Result<(), ValidatorError> {
        let _ = state;
        Ok(())
    }
}

/// What a piece must hold at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Whole paragraphs: a file may be cut between any two blocks.
    Paragraph,
    /// Whole files.
    File,
}

/// Why a validator could not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValidatorError(pub String);

/// A part of a file between two blocks; today the whole file.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// The file.
    pub file: FileId,
    /// Its text.
    pub source: &'a SourceFile,
    /// Its parsed form, the whole of it.
    pub document: &'a Document,
    /// Which of the document's blocks belong to the piece.
    pub blocks: Range<usize>,
    /// The story's settings.
    pub settings: &'a Settings,
}

impl<'a> Piece<'a> {
    /// The piece that holds a whole file.
    #[must_use]
    pub fn whole(
        file: FileId,
        source: &'a SourceFile,
        document: &'a Document,
        settings: &'a Settings,
    ) -> Self {
        Self { file, source, document, blocks: 0..document.blocks.len(), settings }
    }

    /// Whether the piece starts the file, front matter included.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.blocks.start == 0
    }

    /// The blocks of the piece with their index in the document.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block)> + use<'a> {
        let document = self.document;
        self.blocks.clone().map(move |index| (index, &document.blocks[index]))
    }

    /// The links of the piece.
    #[must_use]
    pub fn links(&self) -> &'a [Link] {
        let links = &self.document.links;
        let start = links.partition_point(|link| link.block < self.blocks.start);
        let end = links.partition_point(|link| link.block < self.blocks.end);
        &links[start..end]
    }

    /// A place in this file, by its span in the source.
    #[must_use]
    pub fn at(&self, span: Span) -> Location {
        Location { file: self.file, span }
    }
}

/// The story as `check` sees it.
#[derive(Clone, Copy, Debug)]
pub struct StoryView<'a> {
    /// Its folder on disk.
    pub root: &'a Path,
    /// The files that could be read, in reading order; `None` for one that could not.
    pub files: &'a [Option<std::sync::Arc<SourceFile>>],
    /// The path of every file below the story's folder, with forward slashes, readable or not.
    pub relative: &'a [String],
    /// Whether files of the story are missing here: only some were given, or some could not be
    /// read. Rules that conclude from what is absent stay silent then.
    pub partial: bool,
    /// The story's settings.
    pub settings: &'a Settings,
}

impl StoryView<'_> {
    /// The text of a place.
    #[must_use]
    pub fn slice(&self, at: Location) -> &str {
        let file = self.files.get(at.file.index()).and_then(Option::as_ref);
        file.map_or("", |file| file.slice(at.span))
    }
}

/// The merged facts of one file.
#[derive(Clone, Debug)]
pub struct FileFacts<F> {
    /// The file.
    pub file: FileId,
    /// What is known of it.
    pub facts: F,
}
