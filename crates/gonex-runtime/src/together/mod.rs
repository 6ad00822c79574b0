//! Tasks that belong together: races, first errors, partial success, attempts.
//!
//! `go_all` waits for all and fails with the first that is lost. Here are the other ways to wait:
//!
//! - [`go_race`] wants the first value, and cancels the others.
//! - [`try_go_all`] takes tasks that may fail by themselves, and keeps their error's type.
//! - [`go_all_outcomes`] yields what succeeded beside what failed.
//! - [`go_with_retry`] starts a task again when it fails, and [`go_all_with_retry`] each of many.
//! - [`go_parallel`] goes by the options of a [`ParallelismConfig`](crate::ParallelismConfig).

mod alike;
mod all_with_retry;
mod attempts;
mod ended;
mod guarded;
mod outcomes;
mod parallel;
mod parallel_error;
mod race;
mod try_all;
mod try_error;
mod try_tuple;
mod ways;
mod with_retry;

pub use alike::IntoAlike;
pub use all_with_retry::{AllRetried, go_all_with_retry};
pub use attempts::{Attempts, CalledMarker, IntoAttempts, MadeMarker};
pub use guarded::{GuardedAttempt, GuardedRules, GuardedWork};
pub use outcomes::{FailedTask, GatherOutcomes, Outcomes, go_all_outcomes};
pub use parallel::{Parallel, RunParallel, go_parallel, try_go_parallel};
pub use parallel_error::ParallelError;
pub use race::{Race, go_race};
pub use try_all::{IntoTryTasks, TryAll, try_go_all};
pub use try_error::TryError;
pub use try_tuple::{TryEntries, TryEntry, TryTuple};
pub use with_retry::{Retried, RunningAttempt, TaskRules, TaskWork, go_with_retry};
