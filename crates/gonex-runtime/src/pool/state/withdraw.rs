//! How tasks leave the queue without a worker: they are dropped, discarded, or lose the worker they were for.

use gonex_core::Instant;
use gonex_task::TaskError;

use super::action::{Action, Actions};
use super::queue::{Entry, Key, Line};
use super::state::{Payload, State};

impl<P: Payload> State<P> {
    /// Takes a task out of its queue, wherever that is, without running it.
    pub(super) fn withdraw(&mut self, entry: &Entry<P>) {
        let (own, only) = match entry.line {
            Line::Own(id) => (Some(id), None),
            Line::None | Line::Shared => (None, entry.meta.only),
        };
        let Some(at) = own.or(only).and_then(|id| self.position(id)) else { return };
        let queue = &self.queue;
        let worker = &mut self.workers[at];
        if own.is_some() {
            worker.own.retain(|&key| queue.get(key).is_some());
            worker.own_cost = worker.own_cost.saturating_sub(entry.cost);
        } else {
            worker.letters.retain(|&key| queue.get(key).is_some());
        }
    }

    /// The same for many that have been taken out of the queue.
    pub(super) fn withdraw_all<'e>(&mut self, entries: impl Iterator<Item = &'e Entry<P>>)
    where
        P: 'e,
    {
        for entry in entries {
            if let Line::Own(id) = entry.line
                && let Some(at) = self.position(id)
            {
                let worker = &mut self.workers[at];
                worker.own_cost = worker.own_cost.saturating_sub(entry.cost);
            }
        }
        let queue = &self.queue;
        for worker in &mut self.workers {
            worker.own.retain(|&key| queue.get(key).is_some());
            worker.letters.retain(|&key| queue.get(key).is_some());
        }
    }

    /// Has the task that waits longest give way. Not in a closed pool, which takes nothing in its place.
    pub(crate) fn drop_oldest(&mut self, out: &mut Actions<P>) -> bool {
        if self.is_closed {
            return false;
        }
        let Some(entry) = self.queue.pop_oldest() else { return false };
        self.withdraw(&entry);
        self.totals.dropped += 1;
        let error = TaskError::refused(
            "it waited longest when the pool's queue was full; take a larger queue, or another policy",
        );
        out.push(Action::Drop { payload: entry.payload, error });
        true
    }

    /// Forgets the tasks that have not started; how many there were.
    pub(crate) fn discard(&mut self, now: Instant, out: &mut Actions<P>) -> usize {
        let forgotten = self.queue.drain();
        let count = forgotten.len();
        for worker in &mut self.workers {
            worker.own.clear();
            worker.own_cost = 0;
            worker.letters.clear();
        }
        self.totals.lost += count as u64;
        for entry in forgotten {
            let error = TaskError::lost(false);
            out.push(Action::Drop { payload: entry.payload, error });
        }
        self.settle(now, out);
        count
    }

    /// Moves what waits for a worker that goes: its queue to that of all, and its letters nowhere.
    pub(super) fn give_back(&mut self, at: usize, out: &mut Actions<P>) {
        let worker = &mut self.workers[at];
        worker.own_cost = 0;
        let (own, letters): (Vec<Key>, Vec<Key>) =
            (worker.own.drain(..).collect(), worker.letters.drain(..).collect());
        for key in own {
            if let Some(entry) = self.queue.get_mut(key) {
                entry.cost = 0;
                self.queue.share(key);
            }
        }
        for entry in letters.into_iter().filter_map(|key| self.queue.take(key)) {
            self.totals.lost += 1;
            out.push(Action::Drop { payload: entry.payload, error: TaskError::lost(false) });
        }
    }
}
