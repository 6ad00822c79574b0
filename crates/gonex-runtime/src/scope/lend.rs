//! The only `unsafe` of this crate: tasks that borrow are handed to schedulers that take none.
#![allow(unsafe_code)]

use std::mem;
use std::pin::Pin;

use gonex_task::Priority;
use gonex_task::place::Place;
use gonex_task::work::{EndableFuture, Job, ScopedJob};

use super::{Scope, home};
use crate::runtime::Threads;

/// A task of a scope is handed in with an end that tells the scope of its own. What makes that sound is
/// in [`scope`](super::scope()): it does not end, in whatever way, before each of its tasks has told so;
/// and a task tells only after the closure or the future, and all that it held, is gone: see
/// [`ScopedJob::with_completer`], [`ScopedJob::lent`] and [`TaskFuture`](gonex_task::work::TaskFuture).
/// What is left of it then, a few words in a scheduler's queue, borrows nothing; what tells holds what it
/// tells by, and borrows nothing either. A task that is leaked never tells, and the scope waits for ever.
impl<'scope> Scope<'scope, '_> {
    /// Hands in a closure whose end tells this scope.
    #[inline]
    pub(super) fn hand_in(&self, job: ScopedJob<'scope>) {
        // Where nobody takes it, not even by a panic, it ends, and tells.
        if let Err(job) = home::submit(&self.tally, self.lend(job)) {
            Threads.submit_closure(job, Priority::NORMAL);
        }
    }

    #[inline]
    fn lend(&self, job: ScopedJob<'scope>) -> Job {
        // SAFETY: lifetimes do not show in a type's layout. The scope does not end before the job has
        // been run, ended or dropped, each of which drops the closure first and tells then.
        unsafe { mem::transmute::<ScopedJob<'scope>, Job>(job) }
    }

    /// Hands in a future whose end tells this scope.
    pub(super) fn hand_in_future(&self, future: Pin<Box<dyn EndableFuture + Send + 'scope>>) {
        // SAFETY: lifetimes do not show in a type's layout. The scope does not end before the task has
        // ended or been dropped, each of which drops the future inside first and tells then.
        let future = unsafe {
            mem::transmute::<
                Pin<Box<dyn EndableFuture + Send + 'scope>>,
                Pin<Box<dyn EndableFuture + Send>>,
            >(future)
        };
        Threads.submit_future_of_scope(future);
    }
}
