//! What a worker is: the border between a pool and the threads, tasks, processes or simulations that do
//! its work.
//!
//! A [`WorkerKind`] starts workers. The pool reaches a [`Worker`] by messages that do not wait: an
//! [`Assignment`], `stop`, `kill`. The worker answers by its [`Link`], from whichever thread: that it is
//! [ready](Link::ready), has [started](Link::started) or [ended](Link::ended) a task, is
//! [alive](Link::beat), or is [gone](Link::gone). It may be slow to start, fall silent, or die; what
//! becomes of tasks then is the pool's business, and so is that each has one end.
//!
//! `gonex_testkit::worker` checks a kind of your own, and has a simulated one.

mod assignment;
#[expect(clippy::module_inception, reason = "the traits of the folder")]
mod kind;
mod link;
mod snapshots;
mod tasks;
mod threads;
mod within;

pub use assignment::{Assignment, Finished, TaskNo};
pub use kind::{Abilities, Start, Worker, WorkerKind};
pub use link::{Link, Reports};
pub(crate) use snapshots::Snapshots;
pub(crate) use tasks::AsyncTasks;
pub use tasks::tasks;
pub(crate) use threads::WorkerThreads;
pub use threads::threads;
