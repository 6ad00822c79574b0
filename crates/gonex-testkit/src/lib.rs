//! What tests of programs on gonex need, and what those who write a part of gonex themselves need to
//! show that it is one.
//!
//! A dependency for tests (`cargo add --dev gonex-testkit`).
//!
//! `sim` runs programs from seeds, so that a race found once is there each time. It exists only where
//! everything is compiled with `RUSTFLAGS="--cfg gonex_sim"`.

#![forbid(unsafe_code)]

pub mod balance;
mod dice;
pub mod place;
mod report;
#[cfg(gonex_sim)]
pub mod sim;
mod watched;
pub mod worker;

/// The page for users, whose code is run.
#[cfg(all(doctest, gonex_sim))]
#[doc = include_str!("../../../docs/simulation.md")]
struct Simulation;
