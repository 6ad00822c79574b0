//! Asking again while the first answer is still awaited, and taking the one that comes first.

mod call;
mod config;
mod policy;

pub use call::HedgeCall;
pub use config::{HedgeConfig, HedgeDelay};
pub use policy::{Hedge, HedgeMetrics};
