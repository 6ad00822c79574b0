use std::num::NonZeroUsize;
use std::sync::OnceLock;

use gonex_core::primitive::discard;
use gonex_core::rt;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::stall;
use crate::layers::ambient::Ambient;
use crate::machine::default_threads;
use crate::runtime::settled_threads;

static POOL: OnceLock<ThreadPool> = OnceLock::new();

/// The workers of gonex, for those who are on none of rayon's.
fn pool() -> &'static ThreadPool {
    POOL.get_or_init(|| {
        let builder = ThreadPoolBuilder::new()
            .num_threads(own_workers().get())
            .thread_name(|index| format!("gonex-compute-{index}"))
            .panic_handler(discard)
            .spawn_handler(|worker| {
                let name = worker.name().unwrap_or("gonex-compute").to_owned();
                let body = || stall::on_worker(|| worker.run());
                rt::spawn_thread(name, body).map(drop)
            });
        // It outlives whatever test or simulation asks for it first.
        rt::enter_shared(|| builder.build()).expect("the system has threads for computing")
    })
}

/// As many as the current runtime has threads, if there is one; else as many as the machine, and the cgroup
/// this process is in, run at once.
fn own_workers() -> NonZeroUsize {
    settled_threads().unwrap_or_else(default_threads)
}

/// Whether this thread is a worker of some rayon pool.
#[inline]
pub(super) fn is_worker() -> bool {
    rayon::current_thread_index().is_some()
}

/// Returns how many workers compute at once: those of the rayon pool that this thread belongs to, or else
/// those of gonex: how many those are is settled by the first computation, see [*Who
/// computes*](super#who-computes). Starts none.
///
/// ```
/// use gonex_runtime::compute;
///
/// assert_eq!(compute::num_workers(), std::thread::available_parallelism()?.get());
///
/// let three = rayon::ThreadPoolBuilder::new().num_threads(3).build()?;
/// assert_eq!(three.install(compute::num_workers), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn num_workers() -> usize {
    // Elsewhere rayon would start its global pool to tell.
    if is_worker() {
        return rayon::current_num_threads();
    }
    POOL.get().map_or_else(|| own_workers().get(), ThreadPool::current_num_threads)
}

/// Runs a closure on a worker, so that what it calls of rayon runs on the same pool, and waits for it.
///
/// On a worker of a rayon pool it runs here and now. A rayon iterator elsewhere would start rayon's global
/// pool, with threads of its own beside those of gonex. What such an iterator calls on other workers
/// inherits the context by [`inherit`](super::Inheriting::inherit) only.
///
/// # Panics
/// With what the closure panics with. In a future, where it may not block. If the system has no threads
/// for the workers.
///
/// ```
/// use gonex_runtime::compute;
/// use gonex_runtime::compute::prelude::*;
///
/// let longest = compute::install(|| ["a", "abc", "ab"].par_iter().max_by_key(|word| word.len()));
/// assert_eq!(longest, Some(&"abc"));
/// ```
#[track_caller]
pub fn install<T: Send>(body: impl FnOnce() -> T + Send) -> T {
    check("`compute::install`");
    on_worker(body)
}

/// Panics where a computation may not be waited for.
#[track_caller]
#[inline]
pub(super) fn check(what: &str) {
    rt::check_blocking_as(what, "use `compute::background(..)` and await its handle");
}

/// Runs a closure on a worker: this thread, if it is one. The thread that waits is not made up for by a
/// spare one, since the workers compute in its place.
#[inline]
pub(super) fn on_worker<T: Send>(body: impl FnOnce() -> T + Send) -> T {
    if is_worker() {
        return body();
    }
    let ambient = Ambient::here();
    pool().install(|| stall::watched(|| ambient.enter(body)))
}

/// Has a job run by the pool of this thread, or that of gonex. The job catches what it throws.
pub(super) fn spawn(job: impl FnOnce() + Send + 'static) {
    if is_worker() {
        rayon::spawn(job);
    } else {
        pool().spawn(job);
    }
}
