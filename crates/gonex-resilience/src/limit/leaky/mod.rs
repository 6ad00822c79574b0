//! A leaky bucket as a queue.

mod component;
mod control;
mod counters;
mod enqueue;
mod policy;

pub use counters::LeakyMetrics;
pub use enqueue::{Enqueue, EnqueueError};
pub use policy::LeakyBucket;
