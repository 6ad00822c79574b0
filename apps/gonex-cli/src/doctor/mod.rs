//! What this machine is, what limits hold, and what works.

mod abilities;
mod limits;
mod machine;
mod report;
mod units;

pub use abilities::{Ability, State};
pub use limits::Limits;
pub use machine::{Machine, MachineCache, MachineNode};
pub use report::Report;
