//! Where gonex tasks run.
#![forbid(unsafe_code)]

pub mod metrics;
