//! Calls for the same thing that share one execution.
//!
//! It is our own, on a [`Once`](crate::Once) for each call in flight: crates for it know tasks only,
//! or threads only, and strand or fail those who wait when the one that runs is cancelled.

mod flights;
mod fly;
mod group;

pub use fly::{Flown, Fly};
pub use group::Group;
