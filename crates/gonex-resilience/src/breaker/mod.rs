//! Not calling what is known to fail.
//!
//! A [`CircuitBreaker`] looks at how calls end. As long as few fail it is *closed*, and all are let in.
//! When too many fail, or are too slow, it *opens*: calls are refused at once, and what is down is left
//! alone. After a while it is *half open*: a few probes are let in, and by them it closes or opens again.
//!
//! # Calls that end late
//! Each permit knows in which generation it was given, and each transition begins another one. A call that
//! ends in a later generation is counted as stale: it moves no state, fills no window, and frees no place
//! of a probe that it never had.

mod classify;
mod component;
mod config;
mod control;
mod counters;
mod events;
mod guard;
mod keyed;
mod machine;
mod permit;
mod policy;
mod probes;
mod window;
mod word;

pub use classify::{By, Classify, ErrorsFail, Outcome};
pub use config::{BreakerConfig, Dropped, HalfOpen, WindowKind};
pub use counters::BreakerMetrics;
pub use events::{BreakerEvent, BreakerEvents, EventKind, NextEvent};
pub use guard::{BreakerError, BreakerGuard};
pub use keyed::KeyedBreaker;
pub use machine::{BreakerState, Open};
pub use permit::{BreakerPermit, CallPermit};
pub use policy::CircuitBreaker;
