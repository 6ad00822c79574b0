//! The ground floor of [gonex](https://docs.rs/gonex): what it means to wait, to be stopped, and
//! to have a time.
//!
//! - [`Op`] is everything that waits: a future with [`block`](Op::block),
//!   [`timeout`](Op::timeout), [`deadline`](Op::deadline) and [`within`](Op::within).
//! - [`Context`] carries a deadline and a cancellation down to all that works for one purpose.
//! - [`Component`](component::Component) is a long-lived part, listed in a
//!   [`Registry`](component::Registry); [`telemetry`] tells metrics and traces of what runs and waits.
//! - [`Clock`] and the seam in [`rt`] are the only ways to time, parking and threads, so that a
//!   test or a simulator can stand in for them.
//!
//! Users depend on the façade, `gonex`; libraries that build operations of their own depend on
//! this crate and implement [`Kind`].

#![forbid(unsafe_code)]

mod clock;
pub mod component;
pub mod context;
pub mod insight;
pub mod op;
#[doc(hidden)]
pub mod primitive;
pub mod rt;
mod stop;
mod switches;
pub mod telemetry;
mod time;

pub use clock::{Clock, ManualClock, SystemClock};
pub use context::{AfterFunc, Canceller, Context};
pub use op::{Kind, Limited, Op};
pub use stop::{Border, Cause, Stop};
pub use time::Instant;
