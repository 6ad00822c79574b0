//! What a run of a pool cost, and how well it used its workers.

mod measure;
mod run;
mod sampler;

pub(crate) use measure::Counted;
pub use measure::Measure;
pub use run::{RunMetrics, WorkerMetrics};
pub(crate) use sampler::CoreTimes;
