use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::heading::{Chapter, Heading};
use super::items::Items;
use super::rules::{BAD_FRONT_MATTER, DISAGREE, NUMBERING};
use super::{agreement, contents, sequence, shelf, yaml};
use crate::config::Settings;
use crate::document::{BlockKind, Target};
use crate::finding::Report;
use crate::rule::Rule;
use crate::source::Span;
use crate::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError, names};

/// Checks chapter numbers and front matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meta;

/// The headings of a piece, and the chapter number of its front matter.
#[derive(Clone, Debug, Default)]
pub struct MetaFacts {
    pub(super) headings: Vec<HeadingFact>,
    /// The value of `chapter:` and its line.
    pub(super) chapter: Option<(u32, Span)>,
    /// Where the links of a README or another table of contents lead, as written.
    pub(super) contents: Vec<String>,
}

/// A heading.
#[derive(Clone, Debug)]
pub(super) struct HeadingFact {
    pub(super) span: Span,
    pub(super) level: u8,
    pub(super) heading: Heading,
    /// A hash of its text, which shows where a title is repeated.
    pub(super) text: u64,
}

impl Validator for Meta {
    type State = ();
    type Facts = MetaFacts;

    fn name(&self) -> &'static str {
        "meta"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 3] = [&NUMBERING, &BAD_FRONT_MATTER, &DISAGREE];
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
        report: &mut Report,
    ) -> Result<MetaFacts, ValidatorError> {
        let mut facts = MetaFacts::default();
        if let Some(front) = piece.document.front_matter.as_ref().filter(|_| piece.is_first()) {
            facts.chapter = yaml::read(piece, front, report);
        }
        if names::is_entry(&piece.source.relative) {
            facts.contents = piece
                .links()
                .iter()
                .filter_map(|link| match &link.target {
                    Target::Destination(destination) => Some(destination.clone()),
                    Target::Undefined(_) => None,
                })
                .collect();
        }
        for (_, block) in piece.blocks() {
            let BlockKind::Heading(level) = block.kind else { continue };
            // A heading in a quotation or a list is part of what is told.
            if block.quoted || block.listed {
                continue;
            }
            let text = piece.document.text(block);
            let mut hasher = FxHasher::default();
            text.trim().hash(&mut hasher);
            let heading = Heading::parse(text);
            let text = if heading.chapter == Chapter::None { hasher.finish() } else { 0 };
            facts.headings.push(HeadingFact { span: block.span, level, heading, text });
        }
        Ok(facts)
    }

    fn merge(&self, mut earlier: MetaFacts, later: MetaFacts) -> MetaFacts {
        earlier.headings.extend(later.headings);
        earlier.chapter = earlier.chapter.or(later.chapter);
        earlier.contents.extend(later.contents);
        earlier
    }

    fn check(
        &self,
        (): &(),
        story: &StoryView<'_>,
        facts: &[FileFacts<MetaFacts>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        let mut volumes = shelf::volumes(story, facts);
        let listed = contents::sort(story, facts, &mut volumes);
        let items = Items::new(&volumes, listed);
        let named = sequence::report(story, &items, report);
        agreement::report(&volumes, &items, &named, report);
        Ok(())
    }
}
