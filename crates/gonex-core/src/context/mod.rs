//! Contexts: deadlines and cancellation, handed down.

mod after;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod context;
mod current;
mod deferred;
mod done;
mod node;
mod observed;
mod reached;
mod register;
mod values;

pub use after::AfterFunc;
pub use context::{Canceller, Context};
pub use current::InContext;
pub use deferred::Deferred;
pub use done::Done;
pub(crate) use observed::{Observed, Seen};
pub use reached::Reached;
pub use register::Reach;
#[doc(hidden)]
pub use register::Register;
