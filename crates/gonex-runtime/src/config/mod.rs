//! The options of parallel work: one struct for code, files and the environment.

mod balancing;
mod fields;
mod parallelism;
mod pools;
mod read;
mod refused;
mod runtimes;
mod value;

pub use fields::ConfigField;
pub use parallelism::ParallelismConfig;
pub use refused::ParallelismError;
pub use value::{Balancing, FaultTolerance, MemoryPool, Setting, ThreadCount, Value};
