//! What to do when calls fail, for threads and async code alike: a part of
//! [gonex](https://docs.rs/gonex) that can be used alone.
//!
//! - [`Retry`] calls again what failed for a reason that may pass: after a delay that grows, so many
//!   times, and no more often than a [`RetryBudget`] allows.
//! - A [`CircuitBreaker`] does not call what is known to fail, and finds out when that is over.
//! - A [`Bulkhead`] lets no more than so many in at once, and the others wait in line or are refused.
//! - An [`AdaptiveLimit`] does the same, and finds out by itself how many are good.
//! - A [`Limiter`] allows no more than so much in so long: [`TokenBucket`] or [`SlidingWindow`], for each
//!   key with [`KeyedLimiter`]; a [`LeakyBucket`] lets things out at an even pace.
//! - A [`Timeout`] does not wait for longer than something is worth, and a [`Fallback`] has something else
//!   where a call fails.
//! - A [`Hedge`] asks again where an answer takes long, and takes the one that comes first.
//! - A [`LoadShedder`] refuses what matters least while there is too much.
//! - A [`Chaos`] has calls wait, fail or panic on purpose, for tests.
//! - A [`Policy`] is several of them around one call, the outermost named first.
//!
//! Each policy has the same shape: a configuration of plain data, which names every wrong field at
//! once; the policy itself, whose clones share their state; and metrics with a reset. A call through
//! it is an [`Op`](gonex_core::Op): awaited or blocked on, under any limits. Time and chance come from
//! [`gonex_core::rt`] alone, so a test moves the clock by hand.

#![forbid(unsafe_code)]

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct ReadMe;

pub mod adaptive;
pub mod breaker;
pub mod bulkhead;
pub mod call;
pub mod chaos;
mod counted;
mod cut;
pub mod fallback;
pub mod hedge;
mod invalid;
mod keys;
pub mod limit;
mod moment;
mod part;
pub mod retry;
pub mod shed;
#[doc(hidden)]
pub mod span;
pub mod stack;
pub mod timeout;
#[cfg(feature = "tower")]
pub mod tower;

pub use adaptive::AdaptiveLimit;
pub use breaker::{CircuitBreaker, KeyedBreaker};
pub use bulkhead::Bulkhead;
pub use call::CallError;
pub use chaos::Chaos;
pub use fallback::Fallback;
pub use hedge::Hedge;
pub use invalid::{InvalidConfig, Problem, Problems};
pub use limit::{KeyedLimiter, LeakyBucket, Limiter, SlidingWindow, TokenBucket};
pub use retry::{BudgetConfig, Retry, RetryBudget, RetryConfig, RetryError, RetryMetrics};
pub use shed::LoadShedder;
pub use stack::Policy;
pub use timeout::Timeout;
