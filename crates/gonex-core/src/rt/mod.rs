//! The seam between gonex and the machine: time, timers, parking, chance and threads.
//!
//! Everything in gonex that waits or starts a thread comes through here, and the [`Seam`] of the
//! moment decides what that means: real threads and the system's clock ([`Threads`]); the clock and
//! a task of the tokio runtime around (`Tokio`, with the feature `tokio`); the event loop of a browser
//! (`Browser`, on its target); or, in tests, a clock that moves by hand ([`Manual`]). A seam that was
//! [entered](enter) goes first. Threads that gonex starts inherit the seam of the thread that starts
//! them.

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod browser;
pub mod coop;
mod inside;
mod manual;
mod parker;
mod policy;
mod seam;
mod simulation;
mod sleep;
mod spin;
mod thread;
mod threads;
mod timers;
#[cfg(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown"))))]
mod tokio;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub use browser::Browser;
pub use coop::yield_now;
pub(crate) use inside::Inside;
pub use manual::Manual;
pub(crate) use parker::block_spinning;
pub use parker::{Blocked, Parker, block};
pub(crate) use policy::polled;
pub use policy::{
    Compensate, Policy, Polled, blocking, check_blocking, check_blocking_as, may_block, with_policy,
};
pub use seam::{
    Seam, adopt, current, enter, enter_shared, entered, is_bare, now, random, spawn_thread,
    spawn_thread_with, timer,
};
#[cfg(gonex_sim)]
pub use simulation::{Simulation, is_uninterrupted};
pub use simulation::{is_simulated, pause, runs, step, uninterrupted, unseen, waits};
#[cfg(gonex_sim)]
pub(crate) use simulation::{step_at, waits_at};
pub use sleep::{Sleep, sleep, sleep_until};
pub use spin::Spin;
pub use thread::{Thread, ThreadOptions};
pub use threads::Threads;
pub use timers::{Timer, TimerKeeper, TimerKey};
#[cfg(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown"))))]
pub use tokio::Tokio;
