use std::cell::{Cell, OnceCell};
use std::ptr;
use std::sync::Arc;

use gonex_task::Job;
use scoped_tls::scoped_thread_local;

use super::tasks::Tally;
use crate::runtime::OwnQueue;

scoped_thread_local!(
    /// The innermost scope whose body, or one of whose closures at its end, runs on this thread.
    static HOME: Home
);

/// A scope on the thread that has opened it, until it waits for others.
#[derive(Debug)]
pub(super) struct Home {
    tally: Arc<Tally>,
    /// How many of its tasks have been counted in here, less those that have been counted out here.
    here: Cell<usize>,
    /// Made for the first closure.
    queue: OnceCell<Option<OwnQueue>>,
}

impl Home {
    pub(super) fn new(tally: Arc<Tally>) -> Self {
        Self { tally, here: Cell::new(0), queue: OnceCell::new() }
    }

    /// Runs a part of the scope on the thread that has opened it.
    pub(super) fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        HOME.set(self, body)
    }

    /// Runs the closures that nobody has taken: the body has ended, and this thread would wait for them.
    pub(super) fn run_rest(&self) {
        if let Some(Some(queue)) = self.queue.get() {
            self.enter(|| queue.run());
        }
    }

    #[inline]
    fn is_of(&self, tally: &Tally) -> bool {
        ptr::eq(&raw const *self.tally, tally)
    }

    /// Adds to what is counted here, if it is of this scope.
    #[inline]
    fn count(&self, tally: &Tally, more: usize) -> bool {
        let is_it = self.is_of(tally);
        if is_it {
            self.here.set(self.here.get().wrapping_add(more));
        }
        is_it
    }

    /// The thread starts and ends no more tasks of the scope. Whether all have ended.
    pub(super) fn close(&self) -> bool {
        self.tally.ending.count.close(self.here.get())
    }

    /// The queue, if the scope has one, and this is still where its closures go.
    #[inline]
    fn queue(&self) -> Option<&OwnQueue> {
        let queue = self.queue.get_or_init(OwnQueue::here).as_ref();
        queue.filter(|queue| queue.is_current())
    }
}

/// Counts a task of a scope in, before it is handed in. Whether that is counted here: this thread has opened
/// the scope and is in it, and in no other within.
#[inline]
pub(super) fn start(tally: &Tally) -> bool {
    HOME.is_set() && HOME.with(|home| home.count(tally, 1))
}

/// Counts a task of a scope out, wherever it was counted in. Whether that is counted here.
#[inline]
pub(super) fn end(tally: &Tally) -> bool {
    HOME.is_set() && HOME.with(|home| home.count(tally, usize::MAX))
}

/// Queues a closure of a scope on this thread, if that has opened the scope; else gives it back.
#[inline]
pub(super) fn submit(tally: &Tally, job: Job) -> Result<(), Job> {
    if !HOME.is_set() {
        return Err(job);
    }
    HOME.with(|home| match home.is_of(tally).then(|| home.queue()).flatten() {
        Some(queue) => {
            queue.submit(job);
            Ok(())
        }
        None => Err(job),
    })
}
