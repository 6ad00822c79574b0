//! Standing in line, and being called: what everything that waits here is built on.

mod calls;
mod line;

pub(crate) use calls::{Calls, renew};
pub(crate) use line::{Entries, Key, Line};
