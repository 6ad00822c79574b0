//! Standing in line, and being called: what everything that waits here is built on.

mod calls;
mod crowd;
mod line;

pub(crate) use calls::{Calls, renew};
pub(crate) use crowd::Crowd;
pub(crate) use line::{Entries, Key, Line};
