//! Go-style concurrency for Rust.
#![forbid(unsafe_code)]

pub use gonex_runtime::metrics::{RunMetrics, WorkerMetrics};
