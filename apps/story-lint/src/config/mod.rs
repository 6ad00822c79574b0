//! Settings, and the files they come from.

mod load;
mod settings;

pub use load::{ConfigError, ConfigLoader, Overrides};
pub use settings::{Level, Parallel, ParallelLevel, Quotes, Settings};
