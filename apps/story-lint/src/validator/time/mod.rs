//! Dates: whether they exist, have the right weekday, and follow each other.

mod check;
mod date;
mod order;
mod rules;

pub use check::{Time, TimeFacts};
pub(crate) use date::find;
pub use rules::{IMPOSSIBLE, ORDER, WEEKDAY};
