//! What a task costs: to start, to start from within, to own, to join, to yield, and to fork and join;
//! and what the cores give when much work is cut up.
//!
//! Fire-and-forget and with a handle are cases of their own, each from a thread outside and from a
//! task. Every subject has as many threads as the machine has cores.

mod cases;
mod closures;
mod cut;
mod futures;
mod latch;
mod sizes;
mod work;

pub use cases::{RIVALS, cases, cores};
