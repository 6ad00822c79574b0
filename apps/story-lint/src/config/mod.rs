//! Settings, and the files they come from.

mod exclude;
mod fault;
mod file;
mod load;
mod parse;
mod selector;
mod settings;
mod size;
mod table;
mod template;

pub use exclude::{Exclude, parse_pattern};
pub use fault::{ConfigError, Fault};
pub(crate) use load::FILE_NAMES;
pub use load::{ConfigLoader, ConfigSource, Overrides, StoryConfig};
pub(crate) use parse::parse_fail_on;
pub use parse::{parse_level, parse_parallel_level, parse_rule_level, parse_workers};
pub use selector::{RuleSelector, UnknownRule};
pub use settings::{Level, Parallel, ParallelLevel, Quotes, Settings};
pub use size::{InvalidSize, parse_size};
pub(crate) use table::{TableReader, Value, integer_value};
pub use template::template;
