//! Words and paragraphs that stand twice.

mod check;
mod doubled;
mod normal;
mod pasted;
mod rules;

pub use check::{Repetition, RepetitionFacts};
pub use rules::{DOUBLED, PASTED};
