//! How a pool is set up.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `builder` | how many workers, which jobs they get, how much may wait |
//! | `limits` | how long things may take, and how workers are found unwell |
//! | `restarts` | when others take their places |
//! | `kinds` | what the workers are: `build` and its like |
//! | `caller_runs` | pools whose callers run what there is no room for |
//! | `check`, `start` | what all of these end with |

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod builder;
mod caller_runs;
mod check;
mod kinds;
mod limits;
mod restarts;
mod start;

pub use builder::PoolBuilder;
pub use caller_runs::CallerRuns;
