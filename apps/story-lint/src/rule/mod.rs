//! What can be reported: rules, their severities and their texts.

mod definition;
mod severity;
mod suggest;

pub use definition::Rule;
pub use severity::{ParseSeverityError, Severity};
pub(crate) use suggest::closest;
