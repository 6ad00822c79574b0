use std::cell::Cell;
use std::iter;
use std::time::Duration;

use gonex_task::{Job, Priority};

use super::aside::Aside;
use super::lane::{Lane, Taker};
use super::outside::Outside;
use super::ranked::Ranked;

/// Where jobs wait: a queue at each core, one for jobs that come from outside, one for those with a
/// priority of their own, and those of the scopes that are open.
#[derive(Debug)]
pub(super) struct Queues {
    outside: Outside,
    ranked: Ranked,
    /// Of the cores, by index.
    takers: Box<[Taker]>,
    pub(super) aside: Aside,
    /// How many jobs may wait in each.
    pub(super) max_queued: usize,
}

/// The right to run closures, and the queue that goes with it.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) index: usize,
    pub(super) lane: Lane,
    /// Counts the jobs that were taken, and draws where a search begins.
    turn: Cell<u32>,
}

/// At each such turn jobs from outside go before those of the core's own queue, which may never
/// become empty. A prime, so that it does not fall in with a pattern of the work.
const OUTSIDE_FIRST: u32 = 61;

impl Queues {
    /// Makes the queues for so many cores, and the cores.
    pub(super) fn new(cores: usize, max_queued: usize, step: Duration) -> (Self, Vec<Core>) {
        let core = |index| Core { index, lane: Lane::new(), turn: Cell::new(0) };
        let cores: Vec<Core> = (0..cores).map(core).collect();
        let takers = cores.iter().map(|core| core.lane.taker()).collect();
        // One more, for the scopes of threads that are not ours.
        let aside = Aside::new(cores.len() + 1);
        let (outside, ranked) = (Outside::default(), Ranked::new(step));
        (Self { outside, ranked, takers, aside, max_queued }, cores)
    }

    /// Queues a job at a core, or for any; gives it back if too many wait there.
    #[inline]
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
            Some(core) if !core.lane.has_room(self.max_queued) => Err(job),
            Some(core) => {
                core.lane.push(job);
                Ok(())
            }
            None => self.outside.push(job, self.max_queued),
        }
    }

    /// The next job for whoever holds a core, without a look at other cores.
    #[inline]
    pub(super) fn next(&self, core: &Core) -> Option<Job> {
        if let Some(job) = self.ranked.pop_due() {
            return Some(job);
        }
        if let Some(nth) = core.foreign_turn()
            && let Some(job) = self.foreign(core, nth)
        {
            return Some(job);
        }
        core.lane.pop()
    }

    /// A job from outside, or of a scope that somebody else has opened: at every other turn the one is
    /// looked for first.
    fn foreign(&self, core: &Core, nth: u32) -> Option<Job> {
        let outside = || self.outside.take();
        let aside = || self.aside.take(core.index);
        match nth.is_multiple_of(2) {
            true => outside().or_else(aside),
            false => aside().or_else(outside),
        }
    }

    /// Whether something is to be run before whoever holds a core runs another job of its own scope: what
    /// is due, and from time to time what waits outside, or at the core.
    #[inline]
    pub(super) fn others_first(&self, core: &Core) -> bool {
        if self.ranked.is_due() {
            return true;
        }
        let is_turn = core.foreign_turn().is_some();
        is_turn && (!self.outside.is_empty() || !core.lane.is_empty())
    }

    /// Looks for a job everywhere else, and moves some more to the core's own queue.
    pub(super) fn search(&self, core: &Core) -> Option<Job> {
        self.outside
            .take_many(&core.lane)
            .or_else(|| self.steal(core))
            .or_else(|| self.aside.take_many(core.index, &core.lane))
            .or_else(|| self.ranked.pop())
    }

    fn steal(&self, core: &Core) -> Option<Job> {
        let count = self.takers.len();
        // Not always the same one first: a multiplicative hash of the turn.
        let start = core.turn.get().wrapping_mul(0x9e37_79b9) as usize % count;
        let others = (0..count).map(|offset| (start + offset) % count);
        let mut others = others.filter(|index| *index != core.index);
        others.find_map(|index| self.takers[index].take_many(&core.lane))
    }

    /// Whether any job waits.
    pub(super) fn any(&self) -> bool {
        !self.outside.is_empty()
            || self.ranked.len() > 0
            || self.takers.iter().any(|taker| !taker.is_empty())
            || self.aside.any()
    }

    /// How many jobs wait: a moment's view.
    pub(super) fn len(&self) -> usize {
        let at_cores: usize = self.takers.iter().map(Taker::len).sum();
        self.outside.len() + self.ranked.len() + at_cores + self.aside.len()
    }

    /// Takes out all that waits.
    pub(super) fn drain_all(&self) -> impl Iterator<Item = Job> {
        let at_cores = self.takers.iter().flat_map(Taker::drain);
        let aside = iter::from_fn(|| self.aside.take(0));
        self.drain().chain(at_cores).chain(aside)
    }

    /// Takes out what waits and belongs to nobody.
    pub(super) fn drain(&self) -> impl Iterator<Item = Job> {
        iter::from_fn(|| self.outside.take().or_else(|| self.ranked.pop()))
    }
}

impl Core {
    /// Counts a job; at some turns yields the how manieth such it is.
    #[inline]
    fn foreign_turn(&self) -> Option<u32> {
        let turn = self.turn.get().wrapping_add(1);
        self.turn.set(turn);
        turn.is_multiple_of(OUTSIDE_FIRST).then_some(turn / OUTSIDE_FIRST)
    }
}
