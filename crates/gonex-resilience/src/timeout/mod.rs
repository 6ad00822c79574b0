//! Not waiting for longer than something is worth.

mod call;
mod component;
mod counters;
mod error;
mod policy;

pub use call::TimeoutCall;
pub use counters::TimeoutMetrics;
pub use error::TimeoutError;
pub use policy::Timeout;
