use std::cell::Cell;
use std::iter;

use crossbeam_deque::{Steal, Stealer, Worker};
use gonex_task::Job;

/// A queue that one thread at a time fills and empties, and from which others take many jobs at once.
///
/// It is two queues behind one another. What is pushed goes to the *rest*; the owner moves a few at a time
/// from there to what is *near*, and takes them one by one. Others take from the rest, half of it at
/// once, and from what is near only when there is no rest. So owner and others write to the same place
/// once for many jobs, where with one queue each job that the owner takes would spoil the others' try.
#[derive(Debug)]
pub(super) struct Lane {
    near: Worker<Job>,
    rest: Worker<Job>,
    /// The way by which others come, for many at once.
    own: Taker,
    /// So many may be pushed before those that wait are counted again: others only take away.
    room: Cell<usize>,
    /// Whether jobs were moved near since somebody asked. On their way others see them in neither queue,
    /// and may go to sleep over that.
    moved: Cell<bool>,
}

/// The way to the jobs of a [`Lane`] for those who do not own it.
#[derive(Clone, Debug)]
pub(super) struct Taker {
    near: Stealer<Job>,
    rest: Stealer<Job>,
}

/// How many jobs the owner moves near. It meets others once for so many.
const NEAR: usize = 64;
/// How many jobs others take at most. More would seldom come through while the owner is at work, since
/// a batch is copied first, and is no batch if the owner has taken from it meanwhile.
const MANY: usize = 256;
/// After so many jobs a lane that is kept for later gives its memory back.
const SMALL: usize = 1 << 12;

impl Lane {
    pub(super) fn new() -> Self {
        let (near, rest) = (Worker::new_fifo(), Worker::new_fifo());
        let own = Taker { near: near.stealer(), rest: rest.stealer() };
        Self { near, rest, own, room: Cell::new(0), moved: Cell::new(false) }
    }

    /// The way for others.
    pub(super) fn taker(&self) -> Taker {
        self.own.clone()
    }

    /// Whether there is room for a job, if so many may wait; who is told so [pushes](Self::push) it.
    #[inline]
    pub(super) fn has_room(&self, most: usize) -> bool {
        let room = match self.room.get() {
            0 => most.saturating_sub(self.len()),
            room => room,
        };
        self.room.set(room.saturating_sub(1));
        room > 0
    }

    /// Queues a job behind the others, for which there [is room](Self::has_room).
    #[inline]
    pub(super) fn push(&self, job: Job) {
        self.rest.push(job);
    }

    /// Takes the job that has waited longest.
    #[inline]
    pub(super) fn pop(&self) -> Option<Job> {
        self.near.pop().or_else(|| self.refill())
    }

    /// Moves some jobs near, and takes the first.
    fn refill(&self) -> Option<Job> {
        // Taken by itself, since only that gives back memory which the queue needs no longer.
        let first = self.rest.pop()?;
        if !self.rest.is_empty() {
            // If others are in the way, the next turn brings them.
            let moved = self.own.rest.steal_batch_with_limit(&self.near, NEAR);
            self.moved.set(moved.is_success());
        }
        Some(first)
    }

    /// Whether a [`pop`](Self::pop) has moved jobs that others may have looked for in vain meanwhile; told
    /// once. Then one of those has to be asked to look again.
    #[inline]
    pub(super) fn has_moved(&self) -> bool {
        self.moved.get() && self.moved.replace(false)
    }

    /// Has the jobs that wait counted before the next is let in, which may be by another bound.
    pub(super) fn forget_room(&self) {
        self.room.set(0);
    }

    /// Queues jobs that have been taken elsewhere, where they had room.
    pub(super) fn put(&self, jobs: impl Iterator<Item = Job>) {
        // What is moved takes room that was not asked for.
        self.room.set(0);
        // Others find them there too, and the owner need not move them again.
        let to = if self.rest.is_empty() { &self.near } else { &self.rest };
        jobs.for_each(|job| to.push(job));
    }

    /// Takes jobs by a closure that moves some here and yields the first.
    fn fill(&self, take: impl Fn(&Worker<Job>) -> Steal<Job>) -> Option<Job> {
        // What is moved takes room that was not asked for.
        self.room.set(0);
        repeat(|| take(&self.rest))
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.near.is_empty() && self.rest.is_empty()
    }

    /// Whether so little has been pushed of late that it needs little memory.
    pub(super) fn is_small(&self, most: usize) -> bool {
        self.room.get() + SMALL > most
    }

    /// Takes out all that waits.
    pub(super) fn drain(&self) -> impl Iterator<Item = Job> {
        self.own.drain()
    }

    fn len(&self) -> usize {
        self.near.len() + self.rest.len()
    }
}

impl Taker {
    /// Takes many jobs, moves them to a lane, and yields the first.
    pub(super) fn take_many(&self, lane: &Lane) -> Option<Job> {
        let of = |stealer: &Stealer<Job>| {
            if stealer.is_empty() {
                return None;
            }
            lane.fill(|to| stealer.steal_batch_with_limit_and_pop(to, MANY))
        };
        of(&self.rest).or_else(|| of(&self.near))
    }

    /// Takes the job that has waited longest.
    pub(super) fn take(&self) -> Option<Job> {
        repeat(|| self.near.steal()).or_else(|| repeat(|| self.rest.steal()))
    }

    /// Takes out all that waits.
    pub(super) fn drain(&self) -> impl Iterator<Item = Job> {
        iter::from_fn(|| self.take())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty() && self.near.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.near.len() + self.rest.len()
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
