use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gonex_core::primitive::lock_std;
use gonex_task::Job;

use super::lane::{Lane, Taker};

/// The lanes that belong to no core: those of scopes, as long as they are open.
///
/// In parts, since scopes that do little are opened and closed on all cores at once. Others take jobs
/// under a part's lock, so that nobody comes back to a lane that has been taken out.
#[derive(Debug)]
pub(super) struct Aside {
    parts: Box<[Part]>,
}

#[derive(Debug, Default)]
#[repr(align(128))] // Neighbours write at the same time; two lines, since they are fetched in pairs.
struct Part {
    /// For a look without the lock.
    len: AtomicUsize,
    lanes: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    key: usize,
    taker: Taker,
}

impl Aside {
    pub(super) fn new(parts: usize) -> Self {
        Self { parts: (0..parts).map(|_| Part::default()).collect() }
    }

    /// Enters a lane under a key that nobody else has. Which part that is is up to the caller.
    pub(super) fn enter(&self, part: usize, key: usize, lane: &Lane) {
        let part = &self.parts[part];
        let mut lanes = lock_std(&part.lanes);
        lanes.push(Entry { key, taker: lane.taker() });
        // Relaxed: the fences of `Idle` order it where it matters.
        part.len.store(lanes.len(), Ordering::Relaxed);
    }

    /// Takes out a lane that was entered.
    pub(super) fn leave(&self, part: usize, key: usize) {
        let part = &self.parts[part];
        let mut lanes = lock_std(&part.lanes);
        let index = lanes.iter().rposition(|entry| entry.key == key);
        let entry = index.map(|index| lanes.remove(index));
        part.len.store(lanes.len(), Ordering::Relaxed);
        drop(lanes);
        drop(entry);
    }

    /// Looks at the lanes until one yields something, beginning with a part.
    fn find<T>(&self, start: usize, mut look: impl FnMut(&Taker) -> Option<T>) -> Option<T> {
        let count = self.parts.len();
        let parts = (0..count).map(|offset| &self.parts[(start + offset) % count]);
        parts.filter(|part| part.len.load(Ordering::Relaxed) > 0).find_map(|part| {
            // Those that have been open longest first: their jobs have waited longest.
            lock_std(&part.lanes).iter().find_map(|entry| look(&entry.taker))
        })
    }

    /// Takes many jobs of one lane, moves them to another, and yields the first.
    pub(super) fn take_many(&self, start: usize, lane: &Lane) -> Option<Job> {
        self.find(start, |taker| taker.take_many(lane))
    }

    /// Takes a job.
    pub(super) fn take(&self, start: usize) -> Option<Job> {
        self.find(start, Taker::take)
    }

    /// Whether any job waits.
    pub(super) fn any(&self) -> bool {
        self.find(0, |taker| (!taker.is_empty()).then_some(())).is_some()
    }

    /// How many jobs wait: a moment's view.
    pub(super) fn len(&self) -> usize {
        let mut len = 0;
        self.find(0, |taker| -> Option<()> {
            len += taker.len();
            None
        });
        len
    }
}
