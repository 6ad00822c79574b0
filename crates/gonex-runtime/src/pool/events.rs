//! What happens in a pool, for who listens.

use std::fmt;
use std::time::Duration;

use gonex_core::Instant;

use crate::balance::WorkerId;

/// Something that happened in a pool: see [`Pool::events`](super::Pool::events).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolEvent {
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// What happened in a pool.
///
/// ```
/// use gonex_runtime::pool::What;
///
/// let scaled = What::Scaled { from: 2, to: 4, reason: "8 tasks wait".to_owned() };
/// assert_eq!(scaled.to_string(), "from 2 to 4 workers: 8 tasks wait");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A worker has begun.
    Started {
        /// Which one.
        worker: WorkerId,
        /// What it is called.
        name: String,
    },
    /// A worker has gone as it was told to.
    Left {
        /// Which one.
        worker: WorkerId,
        /// Why it was told so.
        why: Leaving,
    },
    /// A worker has died, or could not be started.
    Died {
        /// Which one.
        worker: WorkerId,
        /// Of what.
        cause: String,
    },
    /// The place of a worker that died is taken by another later.
    Restarting {
        /// How much later.
        after: Duration,
    },
    /// So many workers have died that no more are started before
    /// [`restart_unhealthy`](super::Pool::restart_unhealthy).
    TooManyDied {
        /// How many, and of what the last one.
        reason: String,
    },
    /// No worker is left, and none will come: the pool is closed.
    Broken {
        /// Why.
        reason: String,
    },
    /// A task runs for long.
    TaskStuck {
        /// On which worker.
        worker: WorkerId,
        /// What it is called.
        task: String,
        /// For how long it has run.
        running: Duration,
    },
    /// A worker was given up with a task that does not end, or with what it does at its beginning or its
    /// end.
    Abandoned {
        /// Which one.
        worker: WorkerId,
        /// What its task is called; `its start`, `its end`, or `nothing` if it had none.
        task: String,
        /// For how long that has run.
        running: Duration,
    },
    /// A worker that was given up has come to its end after all.
    AbandonedEnded {
        /// Which one.
        worker: WorkerId,
        /// How long after it was given up.
        after: Duration,
    },
    /// A worker hangs and is not given up: as many as may be have been.
    TooManyAbandoned {
        /// How many may be.
        most: usize,
    },
    /// A worker is not well.
    Unhealthy {
        /// Which one.
        worker: WorkerId,
        /// Why.
        reason: String,
    },
    /// So many tasks failed on a worker that it is given none for a while, and then one to see.
    OutOfRotation {
        /// Which one.
        worker: WorkerId,
        /// For how long.
        rest: Duration,
    },
    /// The task that a worker was given to see has succeeded: it is given tasks again.
    BackInRotation {
        /// Which one.
        worker: WorkerId,
    },
    /// Their number has been changed.
    Scaled {
        /// How many there were to be before.
        from: usize,
        /// How many there are to be now.
        to: usize,
        /// Why.
        reason: String,
    },
    /// A policy of the user or a check panicked, and is asked no more.
    Fault {
        /// Which one, and its message.
        reason: String,
    },
    /// No task is begun for the time being.
    Paused,
    /// Tasks are begun again.
    Resumed,
    /// No more tasks are taken.
    Closed,
}

/// Why a worker was told to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Leaving {
    /// There were more than there should be.
    Surplus,
    /// It had nothing to do for as long as the idle time-out says.
    Idle,
    /// It was as old, or had done as much, as a worker may.
    Recycled,
    /// It was not well.
    Unhealthy,
    /// The pool was closed, and all was done.
    Closed,
}

impl Leaving {
    /// Whether another takes its place.
    pub(super) fn is_replaced(self) -> bool {
        matches!(self, Self::Recycled | Self::Unhealthy)
    }
}

impl fmt::Display for Leaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Surplus => "there were too many",
            Self::Idle => "it had nothing to do",
            Self::Recycled => "it was to be recycled",
            Self::Unhealthy => "it was not well",
            Self::Closed => "the pool was closed",
        })
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started { worker, name } => write!(f, "{worker} ({name}) has begun"),
            Self::Left { worker, why } => write!(f, "{worker} has gone: {why}"),
            Self::Died { worker, cause } => write!(f, "{worker} has died: {cause}"),
            Self::Restarting { after } => write!(f, "a worker is started again in {after:?}"),
            Self::TooManyDied { reason } => write!(f, "no worker is started any more: {reason}"),
            Self::Broken { reason } => write!(f, "the pool is broken: {reason}"),
            Self::TaskStuck { worker, task, running } => {
                write!(f, "{worker} has been running task {task} for {running:?}")
            }
            Self::Abandoned { worker, task, running } => {
                write!(f, "{worker} was given up: it was busy with {task} for {running:?}")
            }
            Self::AbandonedEnded { worker, after } => {
                write!(f, "{worker} has ended, {after:?} after it was given up")
            }
            Self::TooManyAbandoned { most } => {
                write!(f, "a worker hangs and is kept: {most} were given up already")
            }
            Self::Unhealthy { worker, reason } => write!(f, "{worker} is not well: {reason}"),
            Self::OutOfRotation { worker, rest } => {
                write!(f, "{worker} is given no tasks for {rest:?}: too many failed on it")
            }
            Self::BackInRotation { worker } => write!(f, "{worker} is given tasks again"),
            Self::Scaled { from, to, reason } => write!(f, "from {from} to {to} workers: {reason}"),
            Self::Fault { reason } => write!(f, "{reason}"),
            Self::Paused => f.write_str("paused"),
            Self::Resumed => f.write_str("resumed"),
            Self::Closed => f.write_str("closed"),
        }
    }
}

impl fmt::Display for PoolEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what.fmt(f)
    }
}
