//! Timers: the handle that calls one off, the wheel that they are kept in, and what drives it.

mod drive;
mod handle;
mod wheel;

pub(super) use drive::Driven;
pub use handle::{Timer, TimerKeeper, TimerKey};
pub(super) use wheel::Wheel;
