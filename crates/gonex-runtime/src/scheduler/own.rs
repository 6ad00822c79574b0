use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use gonex_task::{Job, TaskError};

use super::lane::Lane;
use super::scheduler::{Closures, Refusal, Scheduler};
use super::worker;

/// The queue of a scope, on the thread that has opened it: that thread pushes without meeting others, and
/// takes back what nobody else has taken.
///
/// It is put where others look for work when the first job is pushed.
pub(crate) struct OwnLane {
    // Shared with nobody, but its address tells it from others, and it can be left behind.
    lane: Rc<Lane>,
    /// Which part of those aside it was entered in.
    part: Cell<Option<usize>>,
}

impl fmt::Debug for OwnLane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnLane").field("part", &self.part).finish_non_exhaustive()
    }
}

/// How many empty lanes a thread keeps for the scopes that it will open: as many as are mostly open within
/// one another.
const KEPT: usize = 4;

thread_local! {
    static EMPTY: RefCell<Vec<Rc<Lane>>> = const { RefCell::new(Vec::new()) };
}

impl OwnLane {
    pub(crate) fn new() -> Self {
        // A thread that ends may have no such variable any more.
        let kept = EMPTY.try_with(|empty| empty.borrow_mut().pop()).ok().flatten();
        Self { lane: kept.unwrap_or_else(|| Rc::new(Lane::new())), part: Cell::new(None) }
    }

    fn key(&self) -> usize {
        (&raw const *self.lane).addr()
    }
}

impl Closures {
    /// Whether a job of a scope is taken at the thread that has opened it; who is told so
    /// [pushes](Self::push_own) it.
    ///
    /// # Errors
    /// Why it is not.
    #[inline]
    pub(crate) fn admit_own(&self, own: &OwnLane) -> Result<(), Refusal> {
        // Acquire: who sees it closed sees it ended if it is.
        if self.scheduler.closing.load(Ordering::Acquire) {
            return Err(Refusal::Ended);
        }
        let has_room = own.lane.has_room(self.scheduler.queues.max_queued);
        has_room.then_some(()).ok_or(Refusal::Full)
    }

    /// Queues a job of a scope at the thread that has opened it.
    #[inline]
    pub(crate) fn push_own(&self, own: &OwnLane, job: Job) {
        let scheduler = &self.scheduler;
        own.lane.push(job);
        if own.part.get().is_none() {
            scheduler.enter(own);
        }
        scheduler.have_taken_up();
        // The last thread may have gone between the look and the push. A fence is in the call above.
        if scheduler.over.load(Ordering::SeqCst) {
            own.lane.drain().for_each(|job| Refusal::Ended.end(job));
        }
    }

    /// Runs jobs of a scope that has come to its end, on the thread that has opened it, until there are none
    /// or the thread's core is needed for others. What is left others take.
    pub(crate) fn run_own(&self, own: &OwnLane) {
        worker::run_own(&self.scheduler, &own.lane);
    }

    /// All jobs of the scope have ended: nobody needs to look here any more, and there will be no more.
    pub(crate) fn close_own(&self, own: &OwnLane) {
        if let Some(part) = own.part.take() {
            self.scheduler.queues.aside.leave(part, own.key());
        }
        // There are none, but nothing may go on to another scope.
        own.lane.drain().for_each(|job| job.end(TaskError::lost(false)));
        if own.lane.is_small(self.scheduler.queues.max_queued) {
            let keep = |empty: &RefCell<Vec<Rc<Lane>>>| {
                let mut empty = empty.borrow_mut();
                if empty.len() < KEPT {
                    // The next runtime may let fewer wait.
                    own.lane.forget_room();
                    empty.push(own.lane.clone());
                }
            };
            // A thread that ends keeps nothing.
            EMPTY.try_with(keep).unwrap_or_default();
        }
    }
}

impl Scheduler {
    /// Puts the lane where others look for work.
    #[cold]
    fn enter(self: &Arc<Self>, own: &OwnLane) {
        let cores = self.config.cores.get();
        let part = worker::with_core(self, |core| core.map_or(cores, |core| core.index));
        self.queues.aside.enter(part, own.key(), &own.lane);
        own.part.set(Some(part));
    }
}
