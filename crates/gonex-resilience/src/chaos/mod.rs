//! Faults on purpose, for tests: calls that take long, fail or panic now and then, and always the same ones.
//!
//! A [`Chaos`] stands before a call and decides by its number and a seed: same seed, same decisions. So a test
//! that fails says its seed, and fails again by it.

mod component;
mod config;
mod control;
mod counters;
mod decision;
mod guard;
mod policy;

pub use config::ChaosConfig;
pub use counters::ChaosMetrics;
pub use decision::{Decision, Fault, Injected};
pub use guard::{ChaosError, ChaosGuard};
pub use policy::Chaos;
