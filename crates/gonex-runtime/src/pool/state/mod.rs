//! The heart of a pool: what it knows and decides, without threads, locks or clocks.
//!
//! Whatever happens is a method that is told the time, and what is to be done about it comes back as a
//! list of [`Action`]s. So all that a pool decides can be tested in microseconds, and whoever drives it,
//! with threads or by hand, only carries out.
//!
//! ```text
//! submit, ended, ready, gone, beat, tick …  ──►  State  ──►  Assign, End, Start, Stop, Kill, Tell …
//! ```
//!
//! # Invariants
//! - A task is in one place: in the queue of all, in a worker's own, or with the worker that runs it. It
//!   leaves the last by one `End` or by [`ended`](State::ended), whichever comes first; what comes from
//!   its worker after that is *late* and counts as nothing else. So each task ends once.
//! - `views` are the workers' views for the balancer, in the order of the workers, which is that of ids.
//! - `alarm` is no later than the first moment at which [`tick`](State::tick) has something to do.

mod action;
mod counts;
mod dispatch;
mod load;
mod order;
mod queue;
mod report;
mod restarts;
mod rotation;
mod scale;
mod settings;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod state;
mod sweep;
mod tend;
#[cfg(test)]
mod tests;
mod unwell;
mod withdraw;
mod worker;
mod workers;

pub(crate) use action::{Action, Actions, How, Ran};
pub(crate) use counts::{Count, SlotCounts};
pub(crate) use dispatch::{Meta, Refused};
pub(crate) use settings::Settings;
pub(crate) use state::{Payload, State};
