//! A call through a policy: what may begin it, what it holds meanwhile, and how it ends.
//!
//! Policies differ in who is let in and in what they make of the end. The way of a call is the same for
//! all: [`Admission`], then the work with a permit in hand, which is [settled](Settle) with the result.
//! A call that is dropped or stopped drops its permit instead.

mod error;
mod guarded;
mod start;

pub use error::CallError;
pub use guarded::{Admission, Guarded, Settle};
pub use start::{Attempted, Once, Start};
