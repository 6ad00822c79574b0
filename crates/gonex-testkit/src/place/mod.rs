//! What every [`Place`](gonex_task::Place) owes to tasks, as tests.
//!
//! A program that changes the place where a task runs should notice nothing but the speed. So a place of
//! your own is done when it passes these: [`conformance`](conformance()) runs them all and says which failed.
//!
//! | case | what holds |
//! | --- | --- |
//! | results | closures and futures yield their values, many in the order in which they were handed in |
//! | typed errors | a task's own error keeps its type |
//! | panics | a panic is an error with message, the task's name, and the place in the source |
//! | hostile destructors | a panic in the destructor of a result, a payload or what a task holds harms no other task |
//! | cancelled before it starts | it never starts, and its handle says why |
//! | cancelled while it runs | it stops where it waits, and its handle says why |
//! | deadline | the context's deadline is known inside, and ends the task |
//! | context | values of the context are visible inside, also after an await |
//! | detach | a task whose handle is dropped runs all the same |
//! | many | 1,000 tasks from several threads run once each |
//! | parallelism | as many run at once as the place says |
//! | nested | a task may start others at the same place and wait for them, whatever the bound |
//! | waiting | tasks that wait for channels let others go on |
//! | the place goes | no handle waits in vain: a task has run, or was lost before it began |
//! | threads end | the threads that the place started through gonex end with it |
//! | calls | calls of functions yield what these return, sync and async, whatever serde writes and reads |
//! | errors of calls | the error that a function returns comes back as it is |
//! | panics of calls | as *panics*; without a name of its own the task is called as its function |
//! | calls cancelled before they start | as above |
//! | calls cancelled while they run | as above |
//! | deadlines of calls | as above; and a function's own time limit |
//! | calls in order | many yield their results in the order in which they were handed in, and run once each |
//! | large calls | arguments and results of a mebibyte |
//! | traces of calls | the trace that a call belongs to goes with it |
//! | detached calls | as *detach* |
//! | the place goes with calls | as *the place goes* |
//! | refusal | a task that is not taken comes back whole, and its handle says why if nobody else takes it |
//!
//! The cases of calls speak to what runs only by arguments, results and files, so they hold for places in
//! other processes, too; [`Conformance::only_calls`] is for such that run nothing else. A place that shares its
//! caller's memory also passes them with [`Conformance::through_bytes`], where each call is written as bytes,
//! read, and run at the place, and its result comes back so.
//!
//! What a local task cannot be made to do is not tested here: to run one twice does not compile, and its
//! panic is caught by the [`Task`](gonex_task::Task) and not by the place.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use gonex_runtime::Runtime;
//! use gonex_task::Inline;
//! use gonex_testkit::place::{Conformance, conformance};
//!
//! // A place of your own stands here.
//! conformance(|| Inline);
//!
//! // To look at what failed instead of panicking; cases that need more are said to be skipped.
//! let runtime = || Runtime::builder().threads(NonZeroUsize::MIN).build().unwrap();
//! let report = Conformance::new(runtime).check();
//! assert!(report.is_passed(), "{report}");
//! ```

mod cases;
mod conformance;
mod counting;
mod making;
mod through_bytes;

pub use crate::report::{Failure, Report};
pub use conformance::{Conformance, conformance};
pub use through_bytes::ThroughBytes;
