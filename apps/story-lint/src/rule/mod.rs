//! What can be reported: rules, their severities and their texts.

mod definition;
mod severity;

pub use definition::Rule;
pub use severity::{ParseSeverityError, Severity};
