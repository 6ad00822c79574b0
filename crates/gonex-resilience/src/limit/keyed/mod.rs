//! A limiter for each key, under a bound on keys.

mod bound;
mod component;
mod control;
mod policy;
mod shard;

pub use bound::AtBound;
pub use policy::KeyedLimiter;
