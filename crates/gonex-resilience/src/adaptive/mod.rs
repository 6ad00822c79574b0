//! Finding out how many calls at once are good for a service, instead of knowing it.
//!
//! An [`AdaptiveLimit`] lets so many in at once as a [`Bulkhead`](crate::Bulkhead) does, with its line and
//! its refusals, and moves that number by what it sees: how long calls take, how many were dropped (refused
//! by the service, or timed out), and how many ran at once. A window of calls is one step of the
//! [`Algorithm`]:
//!
//! | algorithm | goes by | grows while | shrinks when |
//! | --- | --- | --- | --- |
//! | [`Algorithm::Aimd`] | drops, or calls slower than a length of time that is known | nothing is dropped | something is dropped |
//! | [`Algorithm::Vegas`] | the fastest time ever seen lately | few calls seem to queue at the service | many do |
//! | [`Algorithm::Gradient`] | the average over a long time | calls take about as long as that | they take much longer |
//!
//! The laws are those of [concurrency-limits](https://github.com/Netflix/concurrency-limits) of Netflix
//! (`AIMDLimit`, `VegasLimit`, `Gradient2Limit`, `WindowedLimit`), written anew. Where this differs, the file
//! of the law says so.
//!
//! # What does not grow it
//! A window in which fewer than half as many calls ran at once as may says nothing about more: the limit was
//! not what bounded them. Calls whose result does not count, that were dropped by the caller or left by a
//! panic, are no samples.

mod aimd;
mod algorithm;
mod component;
mod config;
mod control;
mod counters;
mod estimator;
mod gradient;
mod guard;
mod permit;
mod policy;
mod vegas;
mod window;

pub use algorithm::Algorithm;
pub use config::AdaptiveConfig;
pub use counters::AdaptiveMetrics;
pub use guard::{AdaptiveGuard, EnterAdaptive};
pub use permit::{AdaptivePermit, SampledPermit};
pub use policy::{AdaptiveLimit, ErrorsIgnored};
