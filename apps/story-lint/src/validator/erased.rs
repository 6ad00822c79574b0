use std::any::Any;

use super::validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError};
use crate::config::Settings;
use crate::finding::Report;
use crate::rule::Rule;

/// State or facts whose type only their validator knows.
pub type Erased = Box<dyn Any + Send>;
type ErasedState = Box<dyn Any + Send + Sync>;

/// A [`Validator`] with its types hidden, so that an engine can hold several.
///
/// Made with [`boxed`]; each method is the one of the same name there.
///
/// # Panics
/// The methods panic when given state or facts of another validator.
#[expect(missing_docs, reason = "each method is documented on Validator")]
#[expect(clippy::missing_errors_doc, reason = "each method is documented on Validator")]
pub trait AnyValidator: Send + Sync {
    fn name(&self) -> &'static str;
    fn rules(&self) -> &'static [&'static Rule];
    fn scope(&self) -> Scope;
    fn initialise(&self, settings: &Settings) -> Result<ErasedState, ValidatorError>;
    fn facts(
        &self,
        state: &(dyn Any + Send + Sync),
        piece: &Piece<'_>,
        report: &mut Report,
    ) -> Result<Erased, ValidatorError>;
    fn merge(&self, earlier: Erased, later: Erased) -> Erased;
    fn check(
        &self,
        state: &(dyn Any + Send + Sync),
        story: &StoryView<'_>,
        facts: Vec<FileFacts<Erased>>,
        report: &mut Report,
    ) -> Result<(), ValidatorError>;
    fn finalise(&self, state: &(dyn Any + Send + Sync)) -> Result<(), ValidatorError>;
}

/// Hides the types of a validator.
#[must_use]
pub fn boxed<V: Validator>(validator: V) -> Box<dyn AnyValidator> {
    Box::new(Hidden(validator))
}

struct Hidden<V>(V);

const FOREIGN: &str = "a validator is given back only what it made itself";

impl<V: Validator> AnyValidator for Hidden<V> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn rules(&self) -> &'static [&'static Rule] {
        self.0.rules()
    }

    fn scope(&self) -> Scope {
        self.0.scope()
    }

    fn initialise(&self, settings: &Settings) -> Result<ErasedState, ValidatorError> {
        Ok(Box::new(self.0.initialise(settings)?))
    }

    fn facts(
        &self,
        state: &(dyn Any + Send + Sync),
        piece: &Piece<'_>,
        report: &mut Report,
    ) -> Result<Erased, ValidatorError> {
        let state = state.downcast_ref().expect(FOREIGN);
        Ok(Box::new(self.0.facts(state, piece, report)?))
    }

    fn merge(&self, earlier: Erased, later: Erased) -> Erased {
        let own = |facts: Erased| *facts.downcast::<V::Facts>().expect(FOREIGN);
        Box::new(self.0.merge(own(earlier), own(later)))
    }

    fn check(
        &self,
        state: &(dyn Any + Send + Sync),
        story: &StoryView<'_>,
        facts: Vec<FileFacts<Erased>>,
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        let state = state.downcast_ref().expect(FOREIGN);
        let facts: Vec<FileFacts<V::Facts>> = facts
            .into_iter()
            .map(|of| FileFacts {
                file: of.file,
                facts: *of.facts.downcast::<V::Facts>().expect(FOREIGN),
            })
            .collect();
        self.0.check(state, story, &facts, report)
    }

    fn finalise(&self, state: &(dyn Any + Send + Sync)) -> Result<(), ValidatorError> {
        self.0.finalise(state.downcast_ref().expect(FOREIGN))
    }
}
