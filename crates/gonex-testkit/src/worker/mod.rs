//! What every [`WorkerKind`](gonex_runtime::pool::kind::WorkerKind) owes to its pool, as tests, and
//! workers that are simulated.
//!
//! A pool relies on its workers for little, and on that entirely. A kind of your own is done when it
//! passes these: [`conformance`](conformance()) runs them all and says which failed.
//!
//! | case | what holds |
//! | --- | --- |
//! | ready | a worker that was started says once that it is ready, and does not say that it is gone |
//! | results | each task that is assigned ends once, with what the handler returns |
//! | panics | a panic of the handler is the task's result, and the worker takes the next task |
//! | cancelled before | a task that was cancelled before it began never runs, and says so |
//! | not within the call | no end is told before the call that assigned the task has returned |
//! | slots | as many tasks run at once as the kind says |
//! | stop | a worker that is told to stop ends what it runs, and then says once, without a cause, that it is gone |
//! | stop twice | more calls than one are as one |
//! | kill | a worker that is killed says once that it is gone: at once if its kind promises that, else when its task ends |
//! | after the end | what is assigned to a worker that has gone does no harm, and is not run |
//!
//! [`SimulatedWorkers`] have no threads and take no time: with them, what a pool decides about scaling,
//! health and restarts is tested in microseconds.

mod cases;
mod conformance;
mod recorder;
mod simulated;

pub use conformance::{Conformance, conformance};
pub use recorder::Probe;
pub use simulated::{Beginning, Deed, SimulatedWorkers};
