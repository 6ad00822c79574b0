//! Computing on all cores: one operation on many items, and work that divides itself.
//!
//! | to … | take |
//! | --- | --- |
//! | compute a result for each item, in order | [`parallel`], [`chunks`] |
//! | do something with each | [`for_each`], [`chunks_mut`] |
//! | make one result of all | [`map_reduce`](map_reduce()) |
//! | keep some | [`filter`] |
//! | sort | [`sort()`], [`sort_by`], [`sort_by_key`], [`sort_unstable`] and so on |
//! | divide and conquer | [`join`](join()) |
//! | all else that rayon can | [`install`], and the iterators of the [`prelude`] |
//! | be able to stop on the way | [`try_parallel`], [`try_map_reduce`] and so on, which take a context |
//! | compute while async code goes on | [`background`](background()) |
//!
//! ```
//! use gonex_runtime::compute;
//!
//! let words = ["one", "two", "three"];
//! assert_eq!(compute::parallel(&words, |word| word.len()), [3, 3, 5]);
//!
//! // The initial value counts once.
//! let sum = compute::map_reduce(1..=1_000_u32, |n| n, |a, b| a + b, 10);
//! assert_eq!(sum, 500_510);
//! ```
//!
//! # Who computes
//! Whoever calls these on a worker of a rayon pool computes on that pool, so gonex fits into a program that
//! has one: `pool.install(|| compute::parallel(..))` is also the way to choose another number of workers.
//! Elsewhere it is a pool of gonex, one for the process; rayon's global pool is neither used nor configured.
//! It starts with the first computation, and has as many workers as the runtime has threads that is current
//! there, or as the machine runs at once where there is none: a program that gives its runtime fewer
//! `threads` gives `compute` as many, if it computes in that runtime first. Later runtimes change nothing.
//!
//! The caller waits, and may lend what it borrows. A panic in a closure goes on in the caller, with the same
//! payload. The closures of a computation run in the caller's [`Context`](gonex_core::Context), seam and
//! [`Runtime`](crate::Runtime), on whatever worker, which is entered once for each piece of work that is cut, and not for each item.
//!
//! # One budget of cores
//! There are as many workers as cores, and so are there threads for closures and for futures; yet they
//! do not add up to three times the load. Who calls a computation sleeps meanwhile and no spare thread starts
//! for it, so of a closure and the computation it waits for one runs at a time; all computations of the
//! program meet on the same workers; and threads for futures have nothing to compute, if the futures
//! hand that over by [`background`](background()). What does compete is a closure that computes by itself while the
//! workers do: a program whose load is of both kinds sets `threads` of its runtime accordingly.
//!
//! # Blocking
//! In a future these functions panic, as `.block()` does, since they would keep all other tasks of the thread
//! from going on; [`background`](background()) does not.
//!
//! An operation of gonex on a worker parks it, and it takes up no other work before that is over.
//! When all workers are parked nothing goes on that is not started yet, and with one worker that is
//! soon: values that the workers wait for should come from elsewhere. With
//! [insight](gonex_core::insight) on, this is reported as a stall, for the workers of gonex's own pool.
//! For the same reason a computation should not wait for a closure of [`go`](crate::go) that has not begun:
//! who calls a computation keeps the core on which that would run.
//!
//! A computation inside a computation is fine, but not with a lock in hand: a worker that waits for pieces of
//! its own takes up others meanwhile, and one of those may want the same lock.

mod background;
mod cut;
mod each;
mod inherit;
mod join;
mod map_reduce;
mod pool;
pub mod prelude;
mod sort;
mod stall;
mod stoppable;

pub use background::{MAX_QUEUED, background};
pub use each::{chunks, chunks_mut, filter, for_each, parallel};
pub use inherit::{Inherit, Inheriting};
pub use join::join;
pub use map_reduce::map_reduce;
pub use pool::{install, num_workers};
pub use sort::{
    sort, sort_by, sort_by_cached_key, sort_by_key, sort_unstable, sort_unstable_by,
    sort_unstable_by_key,
};
pub use stoppable::{try_chunks, try_filter, try_for_each, try_map_reduce, try_parallel};
