//! Quotation marks: speech that is not closed or not opened, and commas outside it.

mod balance;
mod check;
mod comma;
mod flow;
mod lines;
mod marks;
mod paragraph;
mod place;
mod rules;

pub use check::{Dialogue, DialogueFacts};
pub use rules::{COMMA_OUTSIDE, UNCLOSED, UNOPENED};
