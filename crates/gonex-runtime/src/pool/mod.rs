//! One handler, many jobs.

mod builder;
mod error;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod pool;
mod submit;

pub use builder::PoolBuilder;
pub use error::SubmitError;
pub use pool::Pool;
pub use submit::{Submit, SubmitBatch};
