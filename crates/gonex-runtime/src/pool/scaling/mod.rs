//! How many workers a pool should have.
//!
//! A [`ScalingPolicy`] is asked again and again, told what has happened since, and answers with a number.
//! It is pure: what it knows of time stands in what it is told. The pool keeps to its bounds whatever
//! the answer is, and tells each change with its reason.
//!
//! | policy | what it goes by |
//! | --- | --- |
//! | [`Reactive`] | how busy the workers are, how long tasks wait, how many do; with hysteresis and rests |
//! | [`Predictive`] | besides, how many tasks will come: it is there before they are |

mod machine;
mod metrics;
mod policy;
mod predictive;
mod reactive;

pub(crate) use machine::Machine;
pub use metrics::ScalingMetrics;
pub use policy::{Decision, ScalingPolicy};
pub use predictive::Predictive;
pub use reactive::Reactive;
