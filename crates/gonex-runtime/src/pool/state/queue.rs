use std::collections::VecDeque;
use std::time::Duration;

use gonex_core::Instant;
use slab::Slab;

use super::dispatch::Meta;
use super::order::Order;
use crate::balance::WorkerId;

/// A task that waits.
#[derive(Debug)]
pub(super) struct Entry<P> {
    pub(super) no: u64,
    pub(super) since: Instant,
    pub(super) meta: Meta,
    /// What the balancer has put on it.
    pub(super) cost: u64,
    pub(super) line: Line,
    pub(super) payload: P,
}

/// In whose order a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// In none yet.
    None,
    /// In that of all.
    Shared,
    /// In a worker's own.
    Own(WorkerId),
}

/// Where a task is found that waits, as long as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    no: u64,
    index: usize,
}

/// The tasks that wait: in the queue of all, and in those of single workers, which keep keys.
///
/// Waiting makes a task more urgent: one of level `p` that comes at `t` is due at `t + p · ageing`, and
/// what is due first goes first. What leaves early leaves its key behind in the orders, where it is
/// passed over; when those are more than what waits, they are swept.
#[derive(Debug)]
pub(super) struct Queue<P> {
    entries: Slab<Entry<P>>,
    /// The queue of all.
    shared: Order<(i128, u64, usize)>,
    shared_len: usize,
    /// Those that have a deadline.
    ends: Order<(Instant, u64, usize)>,
    /// In the order of coming, where the oldest may have to give way.
    arrivals: Option<VecDeque<Key>>,
    start: Instant,
    ageing: i128,
}

impl<P> Queue<P> {
    pub(super) fn new(now: Instant, ageing: Duration, drops_oldest: bool) -> Self {
        Self {
            entries: Slab::new(),
            shared: Order::new(),
            shared_len: 0,
            ends: Order::new(),
            arrivals: drops_oldest.then(VecDeque::new),
            start: now,
            ageing: nanos(ageing),
        }
    }

    /// The number of tasks that wait, in whichever queue.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The number of tasks in the queue of all.
    pub(super) fn shared_len(&self) -> usize {
        self.shared_len
    }

    pub(super) fn insert(&mut self, entry: Entry<P>) -> Key {
        let (no, deadline) = (entry.no, entry.meta.deadline);
        let key = Key { no, index: self.entries.insert(entry) };
        if let Some(at) = deadline {
            self.ends.push((at, no, key.index));
            sweep(&mut self.ends, &self.entries, |&(_, no, index)| Key { no, index });
        }
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.push_back(key);
            while arrivals.front().is_some_and(|&key| !is_there(&self.entries, key)) {
                arrivals.pop_front();
            }
            if arrivals.len() > 2 * self.entries.len() + SLACK {
                arrivals.retain(|&key| is_there(&self.entries, key));
            }
        }
        key
    }

    /// Puts a task that is here into the queue of all.
    pub(super) fn share(&mut self, key: Key) {
        let Some(entry) = self.get(key) else { return };
        let waited = nanos(entry.since.saturating_duration_since(self.start));
        let due = waited + i128::from(entry.meta.view.priority.level()) * self.ageing;
        self.shared.push((due, key.no, key.index));
        self.shared_len += 1;
        if let Some(entry) = self.entries.get_mut(key.index) {
            entry.line = Line::Shared;
        }
        sweep(&mut self.shared, &self.entries, |&(_, no, index)| Key { no, index });
    }

    pub(super) fn get(&self, key: Key) -> Option<&Entry<P>> {
        self.entries.get(key.index).filter(|entry| entry.no == key.no)
    }

    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut Entry<P>> {
        self.entries.get_mut(key.index).filter(|entry| entry.no == key.no)
    }

    /// Takes a task out, wherever it waits; its key stays where it is until it is passed over.
    pub(super) fn take(&mut self, key: Key) -> Option<Entry<P>> {
        if !is_there(&self.entries, key) {
            return None;
        }
        let entry = self.entries.remove(key.index);
        self.shared_len -= usize::from(entry.line == Line::Shared);
        if self.entries.is_empty() {
            self.forget();
        }
        Some(entry)
    }

    /// Takes the task of the queue of all that is due first.
    pub(super) fn pop(&mut self) -> Option<Entry<P>> {
        while let Some((_, no, index)) = self.shared.pop() {
            let entry = self.take(Key { no, index });
            if entry.is_some() {
                return entry;
            }
        }
        None
    }

    /// Takes the task that has waited longest, if that is known.
    pub(super) fn pop_oldest(&mut self) -> Option<Entry<P>> {
        while let Some(key) = self.arrivals.as_mut()?.pop_front() {
            let entry = self.take(key);
            if entry.is_some() {
                return entry;
            }
        }
        None
    }

    /// Takes a task whose deadline has come.
    pub(super) fn pop_late(&mut self, now: Instant) -> Option<Entry<P>> {
        while let Some(&(at, no, index)) = self.ends.peek() {
            let key = Key { no, index };
            if is_there(&self.entries, key) {
                return if at <= now { self.take(key) } else { None };
            }
            self.ends.pop();
        }
        None
    }

    /// The first deadline, or one before it.
    pub(super) fn first_deadline(&self) -> Option<Instant> {
        self.ends.peek().map(|&(at, ..)| at)
    }

    /// Takes those that have been stopped, with why.
    pub(super) fn take_stopped<S>(
        &mut self,
        stopped: impl Fn(&P) -> Option<S>,
    ) -> Vec<(Entry<P>, S)> {
        let found: Vec<(Key, S)> = self
            .entries
            .iter()
            .filter_map(|(index, entry)| {
                Some((Key { no: entry.no, index }, stopped(&entry.payload)?))
            })
            .collect();
        found.into_iter().filter_map(|(key, stop)| Some((self.take(key)?, stop))).collect()
    }

    /// Takes all.
    pub(super) fn drain(&mut self) -> Vec<Entry<P>> {
        let entries = std::mem::take(&mut self.entries);
        self.forget();
        let mut all: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
        all.sort_by_key(|entry| entry.no);
        all
    }

    /// Since when the task waits that is next in the queue of all; perhaps of one that has just left.
    pub(super) fn oldest_shared(&self) -> Option<Instant> {
        let &(_, no, index) = self.shared.peek()?;
        self.get(Key { no, index }).map(|entry| entry.since)
    }

    fn forget(&mut self) {
        self.shared.clear();
        self.ends.clear();
        self.shared_len = 0;
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.clear();
        }
    }
}

/// How many keys without a task do no harm.
const SLACK: usize = 64;

fn is_there<P>(entries: &Slab<Entry<P>>, key: Key) -> bool {
    entries.get(key.index).is_some_and(|entry| entry.no == key.no)
}

fn sweep<P, T: Ord>(order: &mut Order<T>, entries: &Slab<Entry<P>>, key: fn(&T) -> Key) {
    if order.len() > 2 * entries.len() + SLACK {
        order.retain(|kept| is_there(entries, key(kept)));
    }
}

fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX >> 8)
}

#[cfg(test)]
mod tests {
    use gonex_task::Priority;

    use super::*;
    use crate::balance::TaskView;

    fn entry(no: u64, since: Instant, level: i8) -> Entry<u64> {
        let view = TaskView::default().priority(Priority::new(level));
        Entry {
            no,
            since,
            meta: Meta { view, ..Meta::default() },
            cost: 0,
            line: Line::None,
            payload: no,
        }
    }

    fn queue(now: Instant) -> Queue<u64> {
        Queue::new(now, Duration::from_millis(10), true)
    }

    #[test]
    fn urgency_grows_with_waiting() {
        let now = gonex_core::rt::now();
        let ms = Duration::from_millis(1);
        let mut queue = queue(now);
        for (no, at, level) in [(0, 0, 1), (1, 5, 0), (2, 9, 0), (3, 12, 0), (4, 12, -1)] {
            let key = queue.insert(entry(no, now + at * ms, level));
            queue.share(key);
        }
        let order: Vec<u64> = std::iter::from_fn(|| queue.pop()).map(|entry| entry.no).collect();
        // 4 is due at 2, 1 at 5, 2 at 9, 0 at 10, 3 at 12.
        assert_eq!(order, [4, 1, 2, 0, 3]);
        assert!(queue.is_empty());
    }

    #[test]
    fn who_left_early_is_passed_over() {
        let now = gonex_core::rt::now();
        let mut queue = queue(now);
        for no in 0..1000 {
            let mut entry = entry(no, now, 0);
            entry.meta.deadline = Some(now + Duration::from_secs(no));
            let key = queue.insert(entry);
            queue.share(key);
            if no >= 3 {
                assert_eq!(queue.pop_oldest().map(|entry| entry.no), Some(no - 3));
            }
        }
        assert_eq!((queue.len(), queue.shared_len()), (3, 3));
        assert!(queue.shared.len() <= 2 * 3 + SLACK + 1, "keys are swept");
        assert_eq!(queue.pop_late(now + Duration::from_secs(997)).map(|entry| entry.no), Some(997));
        assert!(queue.pop_late(now + Duration::from_secs(997)).is_none());
        assert_eq!(queue.pop().map(|entry| entry.no), Some(998));
        assert_eq!(queue.drain().len(), 1);
        assert!(queue.pop().is_none() && queue.first_deadline().is_none());
    }
}
