use std::sync::Arc;
use std::task::{Wake, Waker};

use super::ledger::with;

/// A waker that tells the ledger before it wakes: between the two the task does not count as asleep.
struct Watcher {
    task: u64,
    inner: Waker,
}

impl Wake for Watcher {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Whether insight is on or not: who turned it on just now may not be seen here yet.
        with(|ledger| ledger.wake(self.task));
        self.inner.wake_by_ref();
    }
}

/// Watched wakers of one task: the same one for the same waker, so that operations see no change
/// where there is none.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    last: Option<(Waker, Waker)>,
}

impl Watchers {
    pub(super) fn of(&mut self, task: u64, waker: &Waker) -> Waker {
        match &self.last {
            Some((inner, watched)) if inner.will_wake(waker) => watched.clone(),
            _ => {
                let watched = Waker::from(Arc::new(Watcher { task, inner: waker.clone() }));
                self.last = Some((waker.clone(), watched.clone()));
                watched
            }
        }
    }
}
