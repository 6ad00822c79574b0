//! Operations: everything that waits.

mod kind;
mod limited;
mod limits;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod op;
mod subject;

pub use kind::Kind;
pub use limited::Limited;
pub use op::Op;
pub use subject::{Name, Subject};
