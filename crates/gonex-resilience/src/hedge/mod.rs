//! Asking again while the first answer is still awaited, and taking the one that comes first.

mod call;
mod component;
mod config;
mod counters;
mod policy;

pub use call::HedgeCall;
pub use config::{HedgeConfig, HedgeDelay};
pub use counters::HedgeMetrics;
pub use policy::Hedge;
