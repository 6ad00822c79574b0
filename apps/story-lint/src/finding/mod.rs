//! What validators report, in what order it is shown, and what is suppressed.

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod finding;
mod suppress;

pub use finding::{Finding, Location, Related, Report};
pub use suppress::{MALFORMED, Suppression, UNUSED, apply, suppressions};
