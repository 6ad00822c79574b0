//! Calls of functions that can run anywhere: what [`#[task]`](crate::task) makes of a function.
//!
//! A [`Call`] is which function, and with which arguments. At a place that shares the caller's memory it is
//! run like a closure, or a future; elsewhere it travels as [bytes](wire), and its result comes back so. What
//! a place of the second kind does is written once, here:
//!
//! ```text
//! name::call(args) ─► Call ── go, place.go ──► Task ──► Place
//!                                                │ Task::into_call
//!                                                ▼
//!       PortableTask: send ─► bytes ──── transport ───► Serving::read ─► Registry ─► the function
//!             ▲   began, lost: may it run again?                                  │
//!             └──── reply ◄── bytes ◄── transport ◄── Respond::reply ◄────────────┘
//! ```

mod answering;
mod call;
mod call_future;
mod calling;
mod codec;
mod definition;
mod exchange;
mod guarantee;
mod one;
mod prepared;
mod registry;
mod serve;
mod task;
mod value;
pub mod wire;

pub use call::{Call, CallMarker};
pub(crate) use call_future::CallFuture;
pub(crate) use calling::{Calling, Progress};
pub use codec::{Codec, CodecError};
pub use definition::Definition;
pub use exchange::{AfterReply, BadReply, NoReply, SendError};
pub use guarantee::{AfterLoss, Guarantee};
pub use prepared::Prepared;
#[doc(hidden)]
pub use prepared::{Carried, prepare_closure, prepare_future};
pub use registry::{DuplicateTask, Lookup, Registry};
#[doc(hidden)]
pub use registry::{Registered, register};
pub use serve::{Respond, Serving};
pub use task::PortableTask;
pub use value::Portable;
#[doc(hidden)]
pub use value::{StartFn, travels};
