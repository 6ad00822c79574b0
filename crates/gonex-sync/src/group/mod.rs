//! Many who come to an end, or to a point, together: a [`WaitGroup`] lets one wait until the others
//! are done, and at a [`Barrier`] all wait for all.
//!
//! They are our own. `std::sync::Barrier` parks threads only, and a party that gives up is not
//! possible with it; wait groups for threads cannot be awaited, and those for tasks not be blocked
//! on. What is waited for here can be given up at any time.

mod barrier;
mod counted;
mod token;
mod wait_group;

pub use barrier::{Barrier, BarrierWait, Passed};
pub use counted::Counted;
pub use token::Token;
pub use wait_group::{WaitGroup, WaitGroupWait};
