//! Insight: who waits for what, and whether everything has come to a halt.
//!
//! Off by default, and then it costs one relaxed load where an operation waits. [`enable`]d, every
//! operation that has to wait is listed until it ends or is dropped: who waits, on what, since when,
//! and where the operation was made. [`waits`] is a snapshot of the list, a table when printed.
//!
//! Tasks that are [registered](register_task) are watched as a whole. When all of them wait, no wake
//! is on its way to any, and none of their operations has a time limit, nothing registered will ever
//! go on: that is a *stall*, what Go calls "all goroutines are asleep". [`stalled`] tells, and
//! [`on_stall`] is called once for each.
//!
//! The tasks of a runtime are registered by themselves while insight is on, from the moment they are handed
//! in, and [`snapshot`] lists them: where each comes from, who keeps a thread busy and for how long, and who
//! waits for what. They alone are no stall, since the program's main thread, which started them, may be about to
//! wake one: a stall is told only where somebody was registered by hand. So a program that wants its deadlocks told
//! registers its main thread, `register_task("main").run(..)`, and any other thread of its own.
//!
//! What is not registered is not seen. A plain thread, a socket or a timer of another library may
//! still wake a registered task; whoever knows of one holds an [`Outside`] meanwhile, and no stall
//! is told.
//!
//! At most [`MAX_WAITS`] operations are listed. What waits beyond is counted, and as long as there
//! is any, no stall is told.
//!
//! ```
//! use gonex_core::{Context, insight};
//!
//! insight::enable();
//! let (context, canceller) = Context::background().with_cancel();
//! let task = insight::register_task("reader");
//! let waiting = std::thread::spawn(move || task.run(|| context.done().block()));
//! while insight::stalled().is_none() {
//!     std::thread::yield_now();
//! }
//! let waits = insight::waits();
//! assert_eq!(waits[0].who.to_string(), "reader");
//! assert_eq!(waits[0].subject.verb, "wait for the end of");
//! canceller.cancel("enough");
//! waiting.join().unwrap();
//! assert!(insight::stalled().is_none());
//! # insight::disable();
//! ```

mod ledger;
mod report;
mod switch;
mod task;
mod view;
mod watcher;

pub(crate) use ledger::Listed;
pub use ledger::{MAX_WAITS, OnStall};
pub use report::{Report, Wait, Waits, Who};
pub use switch::{disable, enable, is_enabled, on_stall, stalled, waits};
pub(crate) use task::Blocking;
pub use task::{InTask, Outside, TaskGuard, register_task, watch_task};
pub use view::{Snapshot, TaskState, TaskView, snapshot};
