//! What validators report, in what order it is shown, and what is suppressed.

mod comment;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod finding;
mod fingerprint;
mod suppress;

pub use finding::{Finding, Location, Related, Report};
pub(crate) use fingerprint::{Fnv, stamp};
pub use suppress::{Applied, MALFORMED, Suppression, UNUSED, apply, suppressions};
