//! What a run of a pool cost, and how well it used its workers.

mod run;

pub use run::{RunMetrics, WorkerMetrics};
