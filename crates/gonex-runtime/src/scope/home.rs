use std::cell::OnceCell;
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
    /// Made for the first closure.
    queue: OnceCell<Option<OwnQueue>>,
}

impl Home {
    pub(super) fn new(tally: Arc<Tally>) -> Self {
        Self { tally, queue: OnceCell::new() }
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

    /// Queues a closure of the scope; gives it back if it is to be handed in elsewhere.
    #[inline]
    fn submit(&self, job: Job) -> Result<(), Job> {
        match self.queue.get_or_init(OwnQueue::here) {
            Some(queue) => queue.submit(job),
            None => Err(job),
        }
    }
}

/// Whether this thread has opened the scope and is in it, and in no other within.
#[inline]
pub(super) fn is_home(tally: &Tally) -> bool {
    HOME.is_set() && HOME.with(|home| ptr::eq(&raw const *home.tally, tally))
}

/// Queues a closure of a scope on this thread, if it has opened the scope; else gives it back.
#[inline]
pub(super) fn submit(tally: &Tally, job: Job) -> Result<(), Job> {
    if is_home(tally) { HOME.with(|home| home.submit(job)) } else { Err(job) }
}
