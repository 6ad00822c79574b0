//! Things that happen in time: a [`Timer`] once, a [`Ticker`] again and again.
//!
//! They are our own: tokio's need its runtime, and have not Go's meaning of stop and reset. Neither
//! runs anything in the background: who waits sets a timer of the [seam](gonex_core::rt) and looks at
//! the clock, so an idle ticker costs nothing, and a test moves time by hand.

mod alarm;
mod schedule;
mod ticker;
mod timer;

pub(crate) use alarm::Alarm;
pub use ticker::{NextTick, Tick, Ticker, ZeroPeriod};
pub use timer::{Fired, Timer};
