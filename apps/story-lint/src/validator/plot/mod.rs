//! What the writer declares of words and plants: words that the story must not use, and things that
//! are shown early and matter later.

mod check;
mod rules;
mod words;

pub use check::{Plot, PlotFacts};
pub use rules::{BANNED, EARLY, UNPAID};
