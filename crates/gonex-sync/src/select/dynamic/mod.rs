//! Selects over arms that are known only at run time.

mod entry;
mod key;
mod round;
mod select;
mod wait;

pub use key::{ArmKey, SendKey};
pub use select::Select;
pub use wait::Wait;
