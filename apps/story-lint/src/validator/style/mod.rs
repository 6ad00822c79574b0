//! Chapters that differ from their own book: longer sentences, more adverbs, more exclamation marks.
//! Off unless the configuration asks for it.

mod check;
mod measure;
mod rules;

pub use check::{Style, StyleFacts};
pub use rules::{ADVERBS, EXCLAMATIONS, FILTERS, LENGTH};
