use std::sync::Arc;

use gonex_core::rt;
use gonex_task::{Job, TaskError};

use super::current::with_current;
use super::known::RuntimeId;
use super::runtime::{Core, SHUTTING_DOWN};
use crate::scheduler::OwnLane;

/// The queue of a scope's closures on the thread that has opened it, at the runtime that was current there.
#[derive(Debug)]
pub(crate) struct OwnQueue {
    core: Arc<Core>,
    /// Until it is dropped.
    lane: Option<OwnLane>,
}

impl OwnQueue {
    /// One at the current runtime; `None` where there can be none.
    pub(crate) fn here() -> Option<Self> {
        // On a page there are no threads for closures, and a simulator makes each closure a thread.
        if cfg!(all(target_family = "wasm", target_os = "unknown")) || rt::is_simulated() {
            return None;
        }
        let core = with_current(|core| core.own.upgrade())?;
        Some(Self { core, lane: Some(OwnLane::new()) })
    }

    /// Queues a job, or ends it where it is not taken. Gives it back if another runtime is current by now.
    #[inline]
    pub(crate) fn submit(&self, job: Job) -> Result<(), Job> {
        let (core, Some(lane)) = (&self.core, &self.lane) else { return Err(job) };
        if RuntimeId::current() != core.own.id() {
            return Err(job);
        }
        if !core.admits() {
            job.end(TaskError::refused(SHUTTING_DOWN));
        } else if let Err((job, refusal)) = core.closures.push_own(lane, job) {
            refusal.end(job);
        }
        Ok(())
    }

    /// Runs what is queued, if this thread is as good for that as one of the runtime's. Not all of it need
    /// be run here: others take some, and the rest where this thread is needed for what goes first.
    pub(crate) fn run(&self) {
        let core = &self.core;
        if let Some(lane) = &self.lane
            && RuntimeId::current() == core.own.id()
            && core.is_seam_here()
        {
            core.own.inside(|| core.closures.run_own(lane));
        }
    }
}

impl Drop for OwnQueue {
    fn drop(&mut self) {
        if let Some(lane) = self.lane.take() {
            self.core.closures.close_own(lane);
        }
    }
}
