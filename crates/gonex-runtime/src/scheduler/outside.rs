use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gonex_core::primitive::lock_std;
use gonex_task::Job;

use super::lane::Lane;

/// The queue of jobs that come from other threads than those of the cores.
///
/// They wait in blocks, and who looks for work takes a whole one: so those who push and those who take
/// meet once for many jobs, and for no longer than a block takes to change hands.
#[derive(Debug, Default)]
#[repr(align(128))] // Away from what others write; two lines, since they are fetched in pairs.
pub(super) struct Outside {
    /// For a look without the lock.
    len: AtomicUsize,
    jobs: Mutex<Blocks>,
}

#[derive(Debug, Default)]
struct Blocks {
    /// None of them is empty, but for the only one.
    blocks: VecDeque<Block>,
    /// The memory of one that was taken.
    spare: Option<Block>,
}

type Block = VecDeque<Job>;

/// How many jobs a block holds.
const BLOCK: usize = 128;
/// So few are taken one by one: to hand a block on takes a second turn at the lock, to give it back.
const FEW: usize = 8;

impl Outside {
    /// Queues a job behind the others; gives it back if so many wait.
    pub(super) fn push(&self, job: Job, most: usize) -> Result<(), Job> {
        let mut jobs = lock_std(&self.jobs);
        let len = self.len.load(Ordering::Relaxed);
        if len >= most {
            return Err(job);
        }
        match jobs.blocks.back_mut() {
            Some(last) if last.len() < BLOCK => last.push_back(job),
            _ => {
                let mut block = jobs.spare.take().unwrap_or_else(|| Block::with_capacity(BLOCK));
                block.push_back(job);
                jobs.blocks.push_back(block);
            }
        }
        // Relaxed: the fences of `Idle` order it where it matters.
        self.len.store(len + 1, Ordering::Relaxed);
        Ok(())
    }

    /// Takes the job that has waited longest.
    pub(super) fn take(&self) -> Option<Job> {
        if self.is_empty() {
            return None;
        }
        let mut jobs = lock_std(&self.jobs);
        let first = jobs.blocks.front_mut()?;
        let job = first.pop_front()?;
        if first.is_empty() && jobs.blocks.len() > 1 {
            jobs.spare = jobs.blocks.pop_front();
        }
        self.less(1);
        Some(job)
    }

    /// Takes many jobs, moves them to a lane, and yields the first.
    pub(super) fn take_many(&self, lane: &Lane) -> Option<Job> {
        if self.is_empty() {
            return None;
        }
        let mut jobs = lock_std(&self.jobs);
        let few = jobs.blocks.front().is_none_or(|first| first.len() <= FEW);
        if few {
            drop(jobs);
            return self.take();
        }
        let mut block = jobs.blocks.pop_front()?;
        self.less(block.len());
        drop(jobs);
        let first = block.pop_front();
        lane.put(block.drain(..));
        lock_std(&self.jobs).spare = Some(block);
        first
    }

    /// For whoever has the lock.
    fn less(&self, taken: usize) {
        self.len.store(self.len.load(Ordering::Relaxed) - taken, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many jobs wait: a moment's view.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }
}
