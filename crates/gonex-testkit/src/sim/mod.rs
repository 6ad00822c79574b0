//! Runs that a seed repeats: what gonex does to wait, to start tasks and to tell the time is decided by a
//! simulator, and so the order in which threads and tasks go on is a matter of the seed alone.
//!
//! A race is then found by trying seeds, and once found it is there each time its seed is tried. Time is
//! simulated, so what waits for an hour takes none.
//!
//! ```
//! use gonex_runtime::go_all;
//! use gonex_sync::Mutex;
//! use gonex_testkit::sim::Sim;
//! use std::sync::Arc;
//!
//! let failure = Sim::new().seeds(0..1000).find(|| {
//!     let total = Arc::new(Mutex::new(0));
//!     let add = |n| {
//!         let total = total.clone();
//!         move || {
//!             let before = *total.lock().block();
//!             *total.lock().block() = before + n; // it may have changed meanwhile
//!         }
//!     };
//!     go_all((add(1), add(2))).block().unwrap();
//!     assert_eq!(*total.lock().block(), 3);
//! });
//! println!("{}", failure.unwrap_err());
//! ```
//!
//! # What is simulated
//! `go` and all that stands on it (groups, scopes, races, pools, `thread`, `aio`), the channels, locks and
//! other things of `gonex-sync`, selects, contexts, timers, sleeping, `rt::now` and `rt::random`. Each
//! task, closure or future, is a thread of its own, of which one at a time has its *turn*. A turn ends
//! where an operation begins, where it is done, and where it has to wait: switching there is enough to
//! show what tasks that share nothing else can do to each other.
//!
//! # What is not
//! Atomics, locks and channels of the standard library or of others are no steps: tasks that share such
//! things are not switched between two uses of them, except by [`point`](point()). What blocks a thread in the
//! system (a lock of the standard library that another task holds, `std::thread::sleep`, a socket) keeps
//! the turn, and after a while of the wall's clock the run fails for it. tokio's sockets, files and
//! timers panic, since no tokio runtime is around; its channels work. `compute` runs on rayon's
//! threads within one turn, and what it runs must not wait; what its pieces draw by `rt::random` is in no
//! order. Iteration over a `HashMap` differs from run to run, as the standard library has it.
//! `max_queued`, `max_blocked` and priorities have no meaning here.
//!
//! # What fails a run
//! A panic on any thread (see [`Sim::panics_are_outcomes`]), all threads waiting for each other, and the
//! bounds of [`Sim`]. A run is over when all its tasks are: one that waits for ever when the body has
//! ended is reported like a deadlock. When a run fails, its threads are unwound, so none stays behind;
//! only in a run that was stuck, or whose destructors wait for what never comes, some may, and
//! [`Failure::threads_left`] counts them.
//!
//! # How to have it
//! Compile with `RUSTFLAGS="--cfg gonex_sim"`. Without it this module does not exist.

mod choice;
mod env;
mod fault;
mod hook;
mod point;
mod report;
mod seam;
mod show;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod sim;
mod state;
mod timers;
mod trace;
mod world;

pub use fault::{Fault, Waiting};
pub use point::point;
pub use report::{Failure, Report};
pub use sim::{Sim, check};
