//! Having something else where a call fails: a value, what a function makes of the error, the latest good
//! result, or another place.

mod call;
mod policy;
mod recover;

pub use call::FallbackCall;
pub use policy::{Fallback, FallbackMetrics};
pub use recover::{Latest, OrElse, Recover, Value};
