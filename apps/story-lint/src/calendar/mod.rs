//! Months, weekdays and the order of days: the Gregorian calendar, or one of a story's own.

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod calendar;
mod date;

pub use calendar::{Calendar, Month};
pub use date::Date;
