//! Chapter numbers and front matter.

mod agreement;
mod check;
mod contents;
mod heading;
mod items;
mod node;
mod number;
mod rules;
mod sequence;
mod shelf;
mod why;
mod yaml;

pub use check::{Meta, MetaFacts};
pub use rules::{BAD_FRONT_MATTER, DISAGREE, NUMBERING};
