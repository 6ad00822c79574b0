//! Refusing what matters least while there is too much.
//!
//! A [`LoadShedder`] is told of each call its [`Priority`], and refuses by two signs, of which either can be
//! off:
//!
//! - **Use**: so many calls run at once at most, and each priority below the highest has only a share of that.
//!   When it fills, the lowest priority is refused first, and the places that are left are for the others.
//! - **Delay**: how long calls have waited before they came here. It is the control of `CoDel` (Nichols and
//!   Jacobson, *Controlling Queue Delay*, 2012): a queue that is empty now and then is a good one, so not the
//!   longest delay of an interval counts but the shortest. If that is above the target, one priority more is
//!   refused from the next interval on, beginning with the lowest; if it is not, one less.
//!
//! A [`Priority::Critical`] call is refused only when all places are taken, or after all others have been
//! refused for a whole interval and the delay is still above the target. A refusal says which sign it was.

mod codel;
mod component;
mod config;
mod control;
mod counters;
mod guard;
mod policy;
mod priority;
mod refusal;

pub use config::ShedConfig;
pub use counters::{ByPriority, ShedMetrics};
pub use guard::{Ranked, RankedCall, ShedGuard};
pub use policy::{LoadShedder, ShedPermit};
pub use priority::Priority;
pub use refusal::{Shed, ShedError};
