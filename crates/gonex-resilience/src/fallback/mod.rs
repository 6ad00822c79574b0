//! Having something else where a call fails: a value, what a function makes of the error, the latest good
//! result, or another place.

mod call;
mod component;
mod counters;
mod keyed;
mod named;
mod policy;
mod recover;

pub use call::FallbackCall;
pub use counters::FallbackMetrics;
pub use keyed::LatestByKey;
pub use named::{Chosen, Fallbacks};
pub use policy::Fallback;
pub use recover::{Latest, OrElse, Recover, Value};
