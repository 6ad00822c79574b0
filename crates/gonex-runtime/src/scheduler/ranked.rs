use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gonex_core::primitive::lock_std;
use gonex_core::{Instant, rt};
use gonex_task::{Job, Priority};

/// The jobs that wait with a priority of their own.
///
/// Waiting makes a job more urgent, and that needs no look at those who wait: a job of level `p` that
/// comes at `t` is *due* at `t + p · step`, and the one that is due first goes first. Jobs of level 0,
/// which are in other queues, are due when they come: so what is due here goes before them, and what
/// is not goes after them.
#[derive(Debug)]
pub(super) struct Ranked {
    /// For a look without the lock.
    len: AtomicUsize,
    waiting: Mutex<Waiting>,
    step: Duration,
    start: Instant,
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: BinaryHeap<Entry>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    /// When it is due, in nanoseconds from the start, and its number among equals.
    due: Reverse<(i128, u64)>,
    job: Job,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.cmp(&other.due)
    }
}

impl Ranked {
    pub(super) fn new(step: Duration) -> Self {
        Self { len: AtomicUsize::new(0), waiting: Mutex::default(), step, start: rt::now() }
    }

    /// The number of jobs that wait; without a lock, so perhaps of a moment ago.
    pub(super) fn len(&self) -> usize {
        // Relaxed: the fences of `Idle` order it where it matters.
        self.len.load(Ordering::Relaxed)
    }

    pub(super) fn push(&self, job: Job, priority: Priority) {
        let delay = i128::from(priority.level()) * nanos(self.step);
        let due = self.now() + delay;
        let mut waiting = lock_std(&self.waiting);
        let number = waiting.next;
        waiting.next += 1;
        waiting.jobs.push(Entry { due: Reverse((due, number)), job });
        self.len.store(waiting.jobs.len(), Ordering::Relaxed);
    }

    /// Takes the job that is due first, if it is due.
    pub(super) fn pop_due(&self) -> Option<Job> {
        if self.len() == 0 {
            return None;
        }
        let now = self.now();
        self.pop_if(|due| due <= now)
    }

    /// Whether a job is due.
    #[inline]
    pub(super) fn is_due(&self) -> bool {
        self.len() > 0 && {
            let now = self.now();
            let waiting = lock_std(&self.waiting);
            waiting.jobs.peek().is_some_and(|first| first.due.0.0 <= now)
        }
    }

    /// Takes the job that is due first, due or not.
    pub(super) fn pop(&self) -> Option<Job> {
        if self.len() == 0 {
            return None;
        }
        self.pop_if(|_| true)
    }

    fn pop_if(&self, is_due: impl FnOnce(i128) -> bool) -> Option<Job> {
        let mut waiting = lock_std(&self.waiting);
        let Reverse((due, _)) = waiting.jobs.peek()?.due;
        let job = is_due(due).then(|| waiting.jobs.pop())?;
        self.len.store(waiting.jobs.len(), Ordering::Relaxed);
        job.map(|entry| entry.job)
    }

    fn now(&self) -> i128 {
        nanos(rt::now().saturating_duration_since(self.start))
    }
}

fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX >> 8)
}
