//! The options of parallel work: one struct for code, files and the environment.

mod balancing;
mod breaker;
mod fields;
mod managed;
mod parallelism;
mod pools;
mod read;
mod refused;
mod runtimes;
mod station;
mod value;

pub(crate) use breaker::worker_breaker;
pub use fields::ConfigField;
pub use parallelism::ParallelismConfig;
pub use refused::ParallelismError;
pub(crate) use runtimes::lesser_runtime;
pub(crate) use station::Station;
pub use value::{Balancing, FaultTolerance, MemoryPool, Setting, ThreadCount, Value};
