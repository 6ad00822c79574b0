//! How a scheduler is brought to an end by a deadline: see [`Runtime::shutdown`](crate::Runtime::shutdown).

use std::sync::atomic::Ordering;

use gonex_core::primitive::{lock_std, wake};

use super::scheduler::Closures;

impl Closures {
    /// How many closures have ended if none is queued and none runs; `None` if there are some.
    pub(crate) fn at_rest(&self) -> Option<u64> {
        let stats = self.stats();
        let rests = stats.queued == 0 && self.running() == 0;
        rests.then_some(stats.completed + stats.failed)
    }

    fn running(&self) -> usize {
        // SeqCst: who has found a job gone from its queue finds the guest who took it.
        let guests = self.scheduler.guests.load(Ordering::SeqCst);
        self.scheduler.idle.census().occupied() + guests
    }

    /// How many closures run or wait in operations when none is queued: a moment's view.
    pub(crate) fn lingering(&self) -> usize {
        self.running().saturating_sub(self.scheduler.idle.searching())
    }

    /// Takes no more jobs, drops those that are queued, and waits for no thread, now or later. How many
    /// jobs were dropped.
    pub(crate) fn leave(&self) -> usize {
        let scheduler = &self.scheduler;
        scheduler.closing.store(true, Ordering::Release);
        scheduler.is_left.store(true, Ordering::Relaxed);
        let dropped = scheduler.queues.drain_all().map(drop).count();
        let (wakers, nobody) = scheduler.idle.close();
        wakers.into_iter().for_each(wake);
        if nobody {
            scheduler.finish();
        }
        // Those that end let go of themselves; the others are nobody's.
        let threads = std::mem::take(&mut *lock_std(&scheduler.threads));
        drop(threads);
        dropped
    }
}
