//! Timers: the handle that calls one off, and the wheel that drivers keep them in.

mod handle;
mod wheel;

pub(super) use handle::Keeper;
pub use handle::Timer;
pub(super) use wheel::{Key, Wheel};
