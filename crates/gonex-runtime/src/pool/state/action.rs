use gonex_core::Instant;
use gonex_task::TaskError;
use smallvec::SmallVec;

use super::state::Payload;
use crate::balance::WorkerId;
use crate::pool::events::What;
use crate::pool::scaling::ScalingMetrics;

/// What is to be done, outside the lock and in this order.
pub(crate) enum Action<P: Payload> {
    /// Write the end of a task that was running.
    End { kept: P::Kept, error: TaskError },
    /// Write the end of a task that never ran.
    Drop { payload: P, error: TaskError },
    /// Ask a task that runs to stop.
    Cancel { kept: P::Kept, error: TaskError },
    /// Hand a task to a worker. `until` is when its time is over.
    Assign { worker: P::Worker, no: u64, sent: P::Sent, until: Option<Instant> },
    /// Start a worker, in this slot.
    Start { worker: WorkerId, slot: usize, name: String, node: Option<u32> },
    /// Have a worker leave, which has nothing to do.
    Stop { worker: P::Worker },
    /// End a worker, or let go of it, whatever it does.
    Kill { worker: P::Worker },
    /// Let go of the way to a worker that is gone. It is of whoever's kind, and so is its destructor.
    Forget { worker: P::Worker },
    /// Tell who listens.
    Tell(What),
    /// Ask how many workers there should be.
    AskPolicy(Box<ScalingMetrics>),
    /// Look after the workers' health by what the user and the kind say of it.
    AskHealth,
    /// Wake who waits for the pool to be idle, or to have ended.
    Wake,
}

/// Mostly one or two.
pub(crate) type Actions<P> = SmallVec<[Action<P>; 2]>;

/// How a task ended, as its worker tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ran {
    pub(crate) no: u64,
    /// When it began.
    pub(crate) began: Instant,
    pub(crate) how: How,
}

/// How a task ended, for the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Completed,
    Panicked,
    Cancelled,
    TimedOut,
    Lost,
}

impl How {
    pub(crate) fn of<R>(result: &Result<R, TaskError>) -> Self {
        match result {
            Ok(_) => Self::Completed,
            Err(TaskError::Cancelled(_)) => Self::Cancelled,
            Err(TaskError::Timeout) => Self::TimedOut,
            Err(TaskError::Lost { .. } | TaskError::Refused { .. }) => Self::Lost,
            Err(_) => Self::Panicked,
        }
    }
}
