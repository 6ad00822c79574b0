//! Telemetry: what tasks and operations do, as metrics and as traces.
//!
//! Compiled in by the features `metrics` and `tracing`, and turned on, each for itself, with
//! [`set_metrics`] and [`set_tracing`]. Off, it costs no more than [insight](crate::insight) does: an
//! operation that has to wait looks at the byte that both share, and a task that is handed in looks at
//! it once. `bench/telemetry` counts what that adds where it is compiled in and off: no instruction to
//! an operation that waits, 10 to a task. Without the features nothing of it is compiled, and turning it
//! on is an error.
//!
//! Metrics go to the recorder of the [`metrics`](https://docs.rs/metrics) crate, traces to the
//! subscriber of [`tracing`](https://docs.rs/tracing), whichever the program has installed.
//!
//! | metric | kind | labels |
//! | --- | --- | --- |
//! | `gonex_tasks_total` | counter of tasks handed in | `kind` |
//! | `gonex_tasks_started_total` | counter | `kind` |
//! | `gonex_tasks_ended_total` | counter | `kind`, `outcome` |
//! | `gonex_tasks_running` | gauge | `kind` |
//! | `gonex_task_queue_seconds` | histogram of the time from hand-in to start | `kind` |
//! | `gonex_task_run_seconds` | histogram of the time from start to end | `kind` |
//! | `gonex_operations_waiting` | gauge | `operation`, `on` |
//! | `gonex_operation_waits_total` | counter of operations that had to wait, at their end | `operation`, `on`, `outcome` |
//! | `gonex_operation_wait_seconds` | histogram | `operation`, `on` |
//!
//! A wait ends as `done`, `stopped` (by a limit or a context) or `dropped`, a task as [`TaskOutcome`]
//! says. Labels have few values: names of tasks and channels are no labels, since a program can make any
//! number of them. They stand in the spans: `task` (level `INFO`, target `gonex::task`) lasts from
//! hand-in to end and is entered while the task runs, and `wait` (level `TRACE`, target
//! `gonex::operation`) lasts as long as one operation waits.
//!
//! A recorder or subscriber is called under no lock of gonex. If it panics, that call counts for
//! nothing; what it waits for itself is not recorded.

mod instruments;
mod kept;
mod quietly;
mod switch;
mod task;
mod wait;

pub use switch::{NotCompiled, is_enabled, set_metrics, set_tracing};
pub use task::{TaskOutcome, TaskTrace};
pub(crate) use wait::Wait;
