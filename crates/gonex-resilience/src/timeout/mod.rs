//! Not waiting for longer than something is worth.

mod call;
mod error;
mod policy;

pub use call::TimeoutCall;
pub use error::TimeoutError;
pub use policy::{Timeout, TimeoutMetrics};
