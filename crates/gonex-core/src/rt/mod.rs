//! The seam between gonex and the machine: time, timers, parking, chance and threads.
//!
//! Everything in gonex that waits or starts a thread comes through here, and the [`Seam`] of the
//! moment decides what that means: real threads and the system's clock, or, in tests, a clock that
//! moves by hand ([`Manual`]).

mod manual;
mod parker;
mod seam;
mod threads;
mod timers;

pub use manual::Manual;
pub use parker::{Blocked, Parker, block};
pub use seam::{Seam, current, enter, now, random, spawn_thread, timer};
pub use threads::Threads;
pub use timers::{Timer, TimerQueue};
