//! Which worker of a pool a task goes to.
//!
//! A [`Balancer`] decides it for each task, from what is known of the task and of the workers. It is
//! pure: it has no clock, no threads and no locks, and is told the time.
//!
//! | balancer | which worker |
//! | --- | --- |
//! | [`RoundRobin`] | one after the other |
//! | [`LeastBusy`] | the one with the fewest tasks that have not ended |
//!
//! Your own stands beside them: implement the trait, and show with `gonex_testkit::balance` that it
//! keeps what a pool relies on.

mod balancer;
mod checked;
mod choice;
mod least_busy;
mod round_robin;
mod task;
mod worker;

pub use balancer::{Balancer, Ended};
pub use checked::Checked;
pub use choice::Choice;
pub use least_busy::LeastBusy;
pub use round_robin::RoundRobin;
pub use task::{TaskKind, TaskView};
pub use worker::{WorkerId, WorkerView};
