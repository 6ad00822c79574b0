use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use gonex_core::Instant;
use gonex_resilience::breaker::BreakerPermit;

use super::queue::Key;
use super::rotation::Rotation;
use super::state::Payload;
use crate::balance::{TaskView, WorkerId, WorkerView};
use crate::pool::events::Leaving;

/// What is known of a worker.
pub(super) struct Worker<P: Payload> {
    pub(super) id: WorkerId,
    pub(super) slot: usize,
    /// The way to it, as soon as whoever starts it has it.
    pub(super) handle: Option<P::Worker>,
    /// Whether it has said that it can begin.
    pub(super) has_begun: bool,
    pub(super) phase: Phase,
    /// Whether it only waits to take the place of another.
    pub(super) is_spare: bool,
    pub(super) running: Vec<Running<P>>,
    /// The tasks that the balancer has given to it, and that others may steal.
    pub(super) own: VecDeque<Key>,
    pub(super) own_cost: u64,
    /// The tasks that are for it alone.
    pub(super) letters: VecDeque<Key>,
    pub(super) slots: u32,
    pub(super) weight: NonZeroU32,
    pub(super) node: Option<u32>,
    pub(super) born: Instant,
    /// When it was ready: a slow start does not make it old.
    pub(super) ready_since: Instant,
    /// Since when it has had nothing to do, while it has not.
    pub(super) idle_since: Instant,
    /// When it was last heard of.
    pub(super) heard: Instant,
    pub(super) tasks: u64,
    pub(super) failures: u64,
    pub(super) failures_in_a_row: u32,
    pub(super) unhealthy: Option<String>,
    /// What says whether it is given tasks, if the pool has breakers.
    pub(super) rotation: Option<Rotation>,
    /// Whether it stands in the list of those that can take something; perhaps not rightly any more.
    pub(super) is_listed: bool,
    /// Since when it knows that it is to go.
    pub(super) stopping_since: Option<Instant>,
    /// Whether another takes its place as soon as it is gone, with what it leaves behind.
    pub(super) hands_over: bool,
}

/// Where a worker is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has not begun.
    Starting,
    /// It takes tasks.
    Ready,
    /// It ends what it has begun, and goes.
    Leaving(Leaving),
}

/// A task that was given to a worker and has not come back.
pub(super) struct Running<P: Payload> {
    pub(super) no: u64,
    pub(super) view: TaskView,
    pub(super) cost: u64,
    pub(super) queued: Instant,
    pub(super) since: Instant,
    /// Whether it has begun, as far as is known.
    pub(super) has_started: bool,
    /// `None` once its end is written.
    pub(super) kept: Option<P::Kept>,
    /// When its time is over.
    pub(super) until: Option<Instant>,
    pub(super) limit: Option<Duration>,
    pub(super) is_told_stuck: bool,
    /// By which the worker's breaker has let it in.
    pub(super) permit: Option<BreakerPermit>,
}

/// A worker that was given up with what it does, and has not ended yet.
#[derive(Clone, Debug)]
pub(super) struct Abandoned {
    pub(super) id: WorkerId,
    pub(super) name: String,
    pub(super) since: Instant,
    pub(super) task: String,
}

impl<P: Payload> Worker<P> {
    pub(super) fn new(id: WorkerId, slot: usize, slots: u32, now: Instant) -> Self {
        Self {
            id,
            slot,
            handle: None,
            has_begun: false,
            phase: Phase::Starting,
            is_spare: false,
            running: Vec::new(),
            own: VecDeque::new(),
            own_cost: 0,
            letters: VecDeque::new(),
            slots,
            weight: NonZeroU32::MIN,
            node: None,
            born: now,
            ready_since: now,
            idle_since: now,
            heard: now,
            tasks: 0,
            failures: 0,
            failures_in_a_row: 0,
            unhealthy: None,
            rotation: None,
            is_listed: false,
            stopping_since: None,
            hands_over: false,
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    pub(super) fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Leaving(_))
    }

    /// Whether it works, or will once it is ready: it is neither on its way out nor a spare.
    pub(super) fn is_active(&self) -> bool {
        !self.is_leaving() && !self.is_spare
    }

    /// Whether it can be given a task now.
    pub(super) fn can_take(&self) -> bool {
        self.is_ready()
            && !self.is_spare
            && (self.running.len() as u64) < u64::from(self.slots)
            && self.rotation.as_ref().is_none_or(|rotation| rotation.takes(self.running.len()))
    }

    /// Whether it is given no task because too many failed on it.
    pub(super) fn is_out(&self) -> bool {
        self.rotation.as_ref().is_some_and(|rotation| rotation.out_until().is_some())
    }

    /// Whether it has nothing to do, nor will have.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.own.is_empty() && self.letters.is_empty()
    }

    /// Whether it is as old as one may be.
    pub(super) fn is_old(&self, age: Option<Duration>, now: Instant) -> bool {
        age.is_some_and(|age| now.saturating_duration_since(self.ready_since) >= age)
    }

    /// Since when the oldest of its tasks runs.
    pub(super) fn running_since(&self) -> Option<Instant> {
        self.running.iter().map(|running| running.since).min()
    }

    /// What a balancer sees of it; `next_cost` is that of the first in its queue.
    pub(super) fn view(&self, next_cost: u64) -> WorkerView {
        let mut view = WorkerView::new(self.id);
        view.weight = self.weight;
        view.node = self.node;
        view.slots = NonZeroU32::new(self.slots).unwrap_or(NonZeroU32::MIN);
        view.running = self.running.len() as u32;
        view.running_since = self.running_since();
        view.queued = self.own.len() as u32;
        view.running_cost = self.running.iter().map(|running| running.cost).sum();
        view.queued_cost = self.own_cost;
        view.next_cost = next_cost;
        view
    }
}
