//! Which worker of a pool a task goes to.
//!
//! A [`Balancer`] decides it for each task, from what is known of the task and of the workers. It is
//! pure: it has no clock, no threads and no locks, and is told the time.
//!
//! | balancer | which worker |
//! | --- | --- |
//! | [`RoundRobin`] | one after the other |
//! | [`LeastBusy`] | the one with the fewest tasks that have not ended |
//! | [`Weighted`] | each in proportion to its weight |
//! | [`TwoChoices`] | of two drawn by lot, the less busy |
//! | [`FirstFree`] | whoever is free first: all tasks wait in one queue |
//! | [`Adaptive`] | the one that is through first, by what tasks have taken on it lately |
//! | [`WorkStealing`] | as another balancer says; whoever has nothing to do takes from the others |
//! | [`KeyAffinity`] | the same for all tasks of a key |
//! | [`Predictive`] | the one that is expected to end it first, by the cost of its kind and size |
//!
//! [`Profiled`] goes around any of them, and measures how long tasks run.
//!
//! Your own stands beside them: implement the trait, and show with `gonex_testkit::balance` that it
//! keeps what a pool relies on.

mod adaptive;
mod balancer;
mod checked;
mod choice;
mod cost_model;
mod first_free;
mod key_affinity;
mod least_busy;
mod least_squares;
mod ledger;
mod predictive;
mod profiled;
mod round_robin;
mod task;
mod two_choices;
mod weighted;
mod work_stealing;
mod worker;

pub use adaptive::Adaptive;
pub use balancer::{Balancer, Ended};
pub use checked::Checked;
pub use choice::Choice;
pub use first_free::FirstFree;
pub use key_affinity::KeyAffinity;
pub use least_busy::LeastBusy;
pub use predictive::Predictive;
pub use profiled::Profiled;
pub use round_robin::RoundRobin;
pub use task::{TaskKind, TaskView};
pub use two_choices::TwoChoices;
pub use weighted::Weighted;
pub use work_stealing::{Victim, WorkStealing};
pub use worker::{WorkerId, WorkerView};
