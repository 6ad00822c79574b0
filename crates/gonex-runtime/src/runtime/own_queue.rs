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
    lane: OwnLane,
}

impl OwnQueue {
    /// One at the current runtime; `None` where there can be none.
    pub(crate) fn here() -> Option<Self> {
        // On a page there are no threads for closures, and a simulator makes each closure a thread.
        if cfg!(all(target_family = "wasm", target_os = "unknown")) || rt::is_simulated() {
            return None;
        }
        let core = with_current(|core| core.own.upgrade())?;
        Some(Self { core, lane: OwnLane::new() })
    }

    /// Whether its runtime is the current one.
    #[inline]
    pub(crate) fn is_current(&self) -> bool {
        RuntimeId::current() == self.core.own.id()
    }

    /// Queues a job, or ends it where it is not taken.
    #[inline]
    pub(crate) fn submit(&self, job: Job) {
        let core = &self.core;
        if !core.admits() {
            return job.end(TaskError::refused(SHUTTING_DOWN));
        }
        match core.closures.admit_own(&self.lane) {
            Ok(()) => core.closures.push_own(&self.lane, job),
            Err(refusal) => refusal.end(job),
        }
    }

    /// Runs what is queued, if this thread is as good for that as one of the runtime's. Not all of it need
    /// be run here: others take some, and the rest where this thread is needed for what goes first.
    pub(crate) fn run(&self) {
        let core = &self.core;
        if self.is_current() && core.is_seam_here() {
            core.own.inside(|| core.closures.run_own(&self.lane));
        }
    }
}

impl Drop for OwnQueue {
    fn drop(&mut self) {
        self.core.closures.close_own(&self.lane);
    }
}
