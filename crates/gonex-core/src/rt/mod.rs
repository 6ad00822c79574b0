//! The seam between gonex and the machine: time, timers, parking, chance and threads.
//!
//! Everything in gonex that waits or starts a thread comes through here, and the [`Seam`] of the
//! moment decides what that means: real threads and the system's clock ([`Threads`]), or, in
//! tests, a clock that moves by hand ([`Manual`]). Threads that gonex starts inherit the seam of
//! the thread that starts them.
//!
//! The trait is sealed: seams for tokio, for browsers and for simulation will come with it.

pub mod coop;
mod manual;
mod parker;
mod policy;
mod seam;
mod spin;
mod threads;
mod timers;

pub use coop::yield_now;
pub use manual::Manual;
pub use parker::{Blocked, Parker, block};
pub(crate) use policy::check_blocking;
pub use policy::{Compensate, Policy, Polled, with_policy};
pub use seam::{
    Seam, adopt, current, enter, enter_shared, entered, now, random, spawn_thread, timer,
};
pub use spin::Spin;
pub use threads::{Thread, Threads};
pub use timers::Timer;
