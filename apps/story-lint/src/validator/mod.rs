//! The checks: what a validator is, and those that are built in.

mod erased;
#[expect(clippy::module_inception, reason = "the trait has the folder's name")]
mod validator;

pub mod cast;
pub mod dialogue;
pub mod links;
pub mod meta;
pub mod plot;
pub mod repetition;
pub mod style;
pub mod time;

mod names;
mod section;

pub use erased::{AnyValidator, Erased, boxed};
pub use validator::{FileFacts, Piece, Scope, StoryView, Validator, ValidatorError};

use crate::rule::Rule;

/// Every validator that is built in, in the order in which they are listed.
#[must_use]
pub fn builtin() -> Vec<Box<dyn AnyValidator>> {
    vec![
        boxed(links::Links),
        boxed(meta::Meta),
        boxed(dialogue::Dialogue),
        boxed(repetition::Repetition),
        boxed(cast::Cast),
        boxed(time::Time),
        boxed(plot::Plot),
        boxed(style::Style),
    ]
}

/// Every rule there is, by id: those of the built-in validators, and those about suppressions.
#[must_use]
pub fn rules() -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> =
        builtin().iter().flat_map(|validator| validator.rules().iter().copied()).collect();
    rules.extend([&crate::finding::UNUSED, &crate::finding::MALFORMED]);
    rules.sort_by_key(|rule| rule.id);
    rules
}
