//! Calling again what failed for a reason that may pass.
//!
//! A [`Retry`] says whether to try again and after which delay; a [`RetryBudget`] says how many
//! retries a whole program may make, so that a service which is down is not also flooded. The laws of
//! the delay are pure, and chance and time come from the seam.

mod attempt;
mod backoff;
mod budget;
mod call;
mod component;
mod config;
mod counters;
mod error;
mod policy;
mod progress;
mod rules;
#[cfg(feature = "serde")]
mod serial;
mod settings;
mod setup;
mod state;
mod strategy;
mod work;

pub use attempt::{Attempt, FailedAttempt};
pub use budget::{BudgetConfig, RetryBudget};
pub use call::Call;
pub use config::RetryConfig;
pub use counters::RetryMetrics;
pub use error::RetryError;
pub use policy::Retry;
pub use rules::{AnyError, On, Retrying, Rules};
pub use strategy::{Jitter, Strategy};
pub use work::{FutureMarker, Informed, IntoAttempt, Plain, ResultMarker, Work};
