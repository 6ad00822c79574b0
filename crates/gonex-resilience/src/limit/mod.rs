//! Doing no more than so much in so long.
//!
//! A [`Limiter`] is one front for two ways to count, its [`Meter`]s: the token bucket ([`Gcra`]), and the
//! sliding window ([`Sliding`]), as an exact log or as a few counters. A [`KeyedLimiter`] has one limiter
//! for each key, and a [`LeakyBucket`] is a queue that things leave at an even pace.
//!
//! # Waiting
//! Who waits stands in line: a large acquire is not starved by small ones behind it, and nothing is
//! taken before its turn has come, so one that goes away leaves everything to the next. Nobody overtakes
//! the line, [`try_acquire`](Limiter::try_acquire) neither.

mod acquire;
mod ask;
mod bucket_config;
mod component;
mod counters;
mod denied;
mod gcra;
mod guard;
mod keyed;
mod leaky;
mod limiter;
mod line;
mod meter;
mod rates;
mod reservation;
mod sliding;
mod state;
mod store;
mod window_config;

pub use acquire::AcquireTokens;
pub use bucket_config::{LeakyBucketConfig, Refill, TokenBucketConfig};
pub use counters::LimiterMetrics;
pub use denied::Denied;
pub use gcra::{Gcra, Receipt};
pub use guard::LimiterGuard;
pub use keyed::{AtBound, KeyedLimiter};
pub use leaky::{Enqueue, EnqueueError, LeakyBucket, LeakyMetrics};
pub use limiter::{Limiter, SlidingWindow, TokenBucket};
pub use meter::{Meter, Reserve, Verdict};
pub use reservation::Reservation;
pub use sliding::Sliding;
pub use store::{Local, Store};
pub use window_config::SlidingWindowConfig;
