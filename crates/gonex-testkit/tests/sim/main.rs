//! Simulated runs: what they find, what they show, and that a seed says all.
//!
//! Needs `RUSTFLAGS="--cfg gonex_sim"`; `ci/sim` has it.
#![cfg(gonex_sim)]

mod ended;
mod faults;
mod tasks;
mod things;
mod time;
mod traces;
