use std::cell::Cell;
use std::iter;
use std::time::Duration;

use crossbeam_deque::{Injector, Steal, Stealer, Worker};
use gonex_task::{Job, Priority};

use super::ranked::Ranked;

/// Where jobs wait: a queue at each core, one for jobs that come from outside, and one for those with
/// a priority of their own.
#[derive(Debug)]
pub(super) struct Queues {
    outside: Injector<Job>,
    ranked: Ranked,
    /// Of the cores, by index.
    stealers: Box<[Stealer<Job>]>,
    /// How many jobs may wait in each.
    max_queued: usize,
}

/// The right to run closures, and the queue that goes with it.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) index: usize,
    jobs: Worker<Job>,
    /// Counts the jobs that were taken, and draws where a search begins.
    turn: Cell<u32>,
    /// So many may be pushed before those that wait are counted again: others only take away.
    room: Cell<usize>,
}

/// At each such turn jobs from outside go before those of the core's own queue, which may never
/// become empty. A prime, so that it does not fall in with a pattern of the work.
const OUTSIDE_FIRST: u32 = 61;

impl Queues {
    /// Makes the queues for so many cores, and the cores.
    pub(super) fn new(cores: usize, max_queued: usize, step: Duration) -> (Self, Vec<Core>) {
        let core = |index| Core {
            index,
            jobs: Worker::new_fifo(),
            turn: Cell::new(0),
            room: Cell::new(0),
        };
        let cores: Vec<Core> = (0..cores).map(core).collect();
        let stealers = cores.iter().map(|core| core.jobs.stealer()).collect();
        let ranked = Ranked::new(step);
        (Self { outside: Injector::new(), ranked, stealers, max_queued }, cores)
    }

    /// Queues a job at a core, or for any; gives it back if too many wait there.
    pub(super) fn push(
        &self,
        job: Job,
        priority: Priority,
        core: Option<&Core>,
    ) -> Result<(), Job> {
        if priority != Priority::NORMAL {
            if self.ranked.len() >= self.max_queued {
                return Err(job);
            }
            self.ranked.push(job, priority);
            return Ok(());
        }
        match core {
            Some(core) if !core.has_room(self.max_queued) => Err(job),
            Some(core) => {
                core.jobs.push(job);
                Ok(())
            }
            None if self.outside.len() >= self.max_queued => Err(job),
            None => {
                self.outside.push(job);
                Ok(())
            }
        }
    }

    /// The next job for whoever holds a core, without a look at other cores.
    pub(super) fn next(&self, core: &Core) -> Option<Job> {
        if let Some(job) = self.ranked.pop_due() {
            return Some(job);
        }
        let turn = core.turn.get().wrapping_add(1);
        core.turn.set(turn);
        if turn.is_multiple_of(OUTSIDE_FIRST)
            && let Some(job) = repeat(|| self.outside.steal())
        {
            return Some(job);
        }
        core.jobs.pop()
    }

    /// Looks for a job everywhere else, and moves some more to the core's own queue.
    pub(super) fn search(&self, core: &Core) -> Option<Job> {
        // What is moved takes room that was not asked for.
        core.room.set(0);
        repeat(|| self.outside.steal_batch_and_pop(&core.jobs))
            .or_else(|| self.steal(core))
            .or_else(|| self.ranked.pop())
    }

    fn steal(&self, core: &Core) -> Option<Job> {
        let count = self.stealers.len();
        // Not always the same one first: a multiplicative hash of the turn.
        let start = core.turn.get().wrapping_mul(0x9e37_79b9) as usize % count;
        let others = (0..count).map(|offset| (start + offset) % count);
        let mut others = others.filter(|index| *index != core.index);
        others.find_map(|index| repeat(|| self.stealers[index].steal_batch_and_pop(&core.jobs)))
    }

    /// Whether any job waits.
    pub(super) fn any(&self) -> bool {
        !self.outside.is_empty()
            || self.ranked.len() > 0
            || self.stealers.iter().any(|stealer| !stealer.is_empty())
    }

    /// How many jobs wait: a moment's view.
    pub(super) fn len(&self) -> usize {
        let at_cores: usize = self.stealers.iter().map(Stealer::len).sum();
        self.outside.len() + self.ranked.len() + at_cores
    }

    /// Takes out what waits and belongs to no core.
    pub(super) fn drain(&self) -> impl Iterator<Item = Job> {
        iter::from_fn(|| repeat(|| self.outside.steal()).or_else(|| self.ranked.pop()))
    }
}

impl Core {
    /// Takes a place among so many.
    fn has_room(&self, max_queued: usize) -> bool {
        let room = match self.room.get() {
            0 => max_queued.saturating_sub(self.jobs.len()),
            room => room,
        };
        self.room.set(room.saturating_sub(1));
        room > 0
    }
}

/// Tries again while others are in the way.
fn repeat<T>(mut take: impl FnMut() -> Steal<T>) -> Option<T> {
    loop {
        match take() {
            Steal::Success(job) => return Some(job),
            Steal::Empty => return None,
            Steal::Retry => std::hint::spin_loop(),
        }
    }
}
