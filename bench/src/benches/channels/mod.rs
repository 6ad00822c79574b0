//! Channels against channels: every shape, capacity and way of waiting that a rival can do.

mod cases;
mod cell;
mod link;
mod party;
pub mod rivals;
mod tasks;
mod threads;

pub use cases::{RIVALS, cases};
pub use cell::{Capacity, Mode, Shape};
pub use link::{Async, Ends, Link};
