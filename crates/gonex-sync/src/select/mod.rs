//! Waiting for whichever of several operations can happen first.

mod ticket;

pub(crate) use ticket::{Seat, Ticket};
