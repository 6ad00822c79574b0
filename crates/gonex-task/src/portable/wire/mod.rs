//! The bytes in which calls and their replies travel; `docs/wire-format.md` is the page on it.
//!
//! Reading allocates nothing and never panics: a message is looked at where it lies, every length is
//! checked against what is there, and what does not fit is a [`WireError`].

mod build;
mod cancel;
mod envelope;
mod error;
mod head;
mod id;
mod reader;
mod reply;
mod trace;
mod writer;

pub use build::BuildId;
pub use cancel::CancelMessage;
pub use envelope::Envelope;
pub(super) use envelope::{MAX_KEY, MAX_NAME};
pub use error::WireError;
pub use head::{FORMAT, MessageKind};
pub use id::JobId;
pub use reply::{Answer, PanicPlace, Reply};
pub use trace::{NoTraceParent, TraceContext};
