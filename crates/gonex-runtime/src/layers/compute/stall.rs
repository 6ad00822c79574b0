//! Tells [insight] when all workers of gonex's pool are parked.
//!
//! A worker that has work is a registered task while insight is on. As long as one worker is not parked,
//! it can take up what is queued and perhaps wake the others, and an [`Outside`] says so; when the last
//! one parks, that goes, and insight sees that nothing registered will ever go on. A registered task that
//! calls a computation counts as running meanwhile, and so keeps a stall from being told. The workers of other
//! pools are not watched: how many of them there are, and which are parked, only their owner knows.

use std::cell::Cell;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use gonex_core::insight::{self, Outside};
use gonex_core::primitive::lock_std;
use gonex_core::rt::{self, Compensate, Policy};

use super::pool::num_workers;

thread_local! {
    static WORKER: Cell<Worker> = const { Cell::new(Worker::Other) };
}

/// What this thread is to the watch.
#[derive(Clone, Copy, PartialEq)]
enum Worker {
    /// No worker of gonex's pool.
    Other,
    /// One that is not watched, or has nothing to do.
    Unwatched,
    /// One that is registered as a task.
    Watched,
}

/// How many of the workers are watched and parked.
///
/// # Deadlock safety
/// The lock is a leaf: what is given up is let go of outside it, since that may tell a stall, and run code
/// of users.
#[derive(Debug, Default)]
struct Watch {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    workers: usize,
    watched: usize,
    parked: usize,
    outside: Option<Outside>,
}

impl Watch {
    fn of_the_pool() -> &'static Arc<Self> {
        static WATCH: OnceLock<Arc<Watch>> = OnceLock::new();
        WATCH.get_or_init(Arc::default)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        // Made before it is known whether it is needed: a stall must not be seen in between.
        let mut spare = Some(Outside::new());
        let mut state = lock_std(&self.state);
        change(&mut state);
        let others_run = state.watched > 0 && state.parked < state.workers;
        let unneeded = match (others_run, state.outside.is_some()) {
            (true, false) => std::mem::replace(&mut state.outside, spare.take()),
            (false, true) => state.outside.take(),
            _ => None,
        };
        drop(state);
        drop((unneeded, spare));
    }
}

impl Compensate for Watch {
    fn blocking(&self) {
        self.change(|state| state.parked += 1);
    }

    fn resumed(&self) {
        self.change(|state| state.parked -= 1);
    }
}

/// Runs the main loop of a worker of gonex's pool.
pub(super) fn on_worker(body: impl FnOnce()) {
    WORKER.set(Worker::Unwatched);
    body();
}

/// Runs a piece of work, on whatever thread this is.
#[inline]
pub(super) fn watched<T>(body: impl FnOnce() -> T) -> T {
    if insight::is_enabled() && WORKER.get() == Worker::Unwatched { watch(body) } else { body() }
}

#[cold]
fn watch<T>(body: impl FnOnce() -> T) -> T {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            WORKER.set(Worker::Unwatched);
            Watch::of_the_pool().change(|state| state.watched -= 1);
        }
    }
    let watch = Watch::of_the_pool();
    let workers = num_workers();
    watch.change(|state| {
        state.workers = workers;
        state.watched += 1;
    });
    WORKER.set(Worker::Watched);
    let end = End;
    let task = insight::register_task(thread::current().name().unwrap_or("a compute worker"));
    let policy = Policy::Compensate(watch.clone());
    let output = task.run(|| rt::with_policy(policy, body));
    // Off the register before the workers are counted without it.
    drop(task);
    drop(end);
    output
}
