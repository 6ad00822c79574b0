//! What waiting costs while it lasts: tasks and closures parked on receives, and timers that have not fired.
//!
//! Each measurement is a process of its own, so that no subject finds memory that another has
//! warmed: the bench starts itself with the hidden `--child`.

mod cases;
mod child;
mod closures;
mod runners;
mod tasks;
mod timers;

pub use cases::{RIVALS, cases};
pub use child::run as run_child;
