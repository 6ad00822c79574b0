//! Which workers are in rotation: one that keeps failing is given no tasks for a while, and then one, which
//! says whether it comes back.

use std::sync::Arc;
use std::time::Duration;

use gonex_core::primitive::atomic::{AtomicU64, Ordering};
use gonex_core::{Clock, Instant};
use gonex_resilience::CircuitBreaker;
use gonex_resilience::breaker::{BreakerConfig, BreakerPermit, BreakerState};

use super::action::{Action, Actions, How};
use super::queue::Key;
use super::state::{Payload, State};
use crate::pool::events::What;

/// The time that the state was told last, for breakers.
#[derive(Debug)]
struct Told {
    start: Instant,
    nanos: AtomicU64,
}

impl Clock for Told {
    fn now(&self) -> Instant {
        // It is read by the thread that has written it, under the pool's lock.
        self.start + Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }
}

/// The breaker of a worker.
#[derive(Debug)]
pub(super) struct Rotation {
    breaker: CircuitBreaker,
    clock: Arc<Told>,
    /// Until when it is given nothing.
    out_until: Option<Instant>,
    /// Whether it is given one task at a time, to see how that ends.
    probes: bool,
}

/// What the end of a task has changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Same,
    Out { until: Instant },
    Back,
}

impl Rotation {
    /// One for a new worker; `None` if the settings are wrong, which the builder does not let pass.
    pub(super) fn new(config: BreakerConfig, now: Instant) -> Option<Self> {
        let clock = Arc::new(Told { start: now, nanos: AtomicU64::new(0) });
        let breaker = CircuitBreaker::with_clock(config, clock.clone()).ok()?;
        Some(Self { breaker, clock, out_until: None, probes: false })
    }

    fn tell(&self, now: Instant) {
        let passed = now.saturating_duration_since(self.clock.start).as_nanos();
        self.clock.nanos.store(u64::try_from(passed).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Whether a worker that runs so many tasks can be given another.
    pub(super) fn takes(&self, running: usize) -> bool {
        self.out_until.is_none() && (!self.probes || running == 0)
    }

    pub(super) fn out_until(&self) -> Option<Instant> {
        self.out_until
    }

    /// A task is given to the worker.
    pub(super) fn admit(&self, now: Instant) -> Option<BreakerPermit> {
        self.tell(now);
        self.breaker.try_acquire().ok()
    }

    /// A task has ended, or its time was over.
    pub(super) fn settle(&mut self, permit: BreakerPermit, how: How, now: Instant) -> Turn {
        self.tell(now);
        let before = self.breaker.state();
        match how {
            How::Completed => permit.success(),
            How::Panicked | How::TimedOut | How::Lost => permit.failure(),
            How::Cancelled => permit.ignore(),
        }
        match (before, self.breaker.state()) {
            // What was begun before it opened says nothing any more.
            (BreakerState::Open, _) => Turn::Same,
            (_, BreakerState::Open) => {
                let open = self.breaker.try_acquire().err();
                let rest = open.and_then(|open| open.retry_after).unwrap_or_default();
                let until = now.checked_add(rest).unwrap_or(now);
                (self.out_until, self.probes) = (Some(until), false);
                Turn::Out { until }
            }
            (BreakerState::HalfOpen, BreakerState::Closed) => {
                self.probes = false;
                Turn::Back
            }
            _ => Turn::Same,
        }
    }

    /// Whether the time for which it is given nothing has just ended.
    fn is_over(&mut self, now: Instant) -> bool {
        if self.out_until.is_some_and(|until| until <= now) {
            (self.out_until, self.probes) = (None, true);
            return true;
        }
        false
    }
}

impl<P: Payload> State<P> {
    /// Has the breaker of a worker know how a task ended on it.
    pub(super) fn note_end(
        &mut self,
        at: usize,
        permit: Option<BreakerPermit>,
        how: How,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        let worker = &mut self.workers[at];
        let (Some(permit), Some(rotation)) = (permit, &mut worker.rotation) else { return };
        let id = worker.id;
        match rotation.settle(permit, how, now) {
            Turn::Same => {}
            Turn::Back => out.push(Action::Tell(What::BackInRotation { worker: id })),
            Turn::Out { until } => {
                let rest = until.saturating_duration_since(now);
                out.push(Action::Tell(What::OutOfRotation { worker: id, rest }));
                self.alarm_at(Some(until));
                self.share_own(at, now, out);
            }
        }
    }

    /// Gives the queue of a worker that is out of rotation to all. What is for it alone waits for it.
    fn share_own(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        let worker = &mut self.workers[at];
        worker.own_cost = 0;
        let own: Vec<Key> = worker.own.drain(..).collect();
        for key in own {
            if let Some(entry) = self.queue.get_mut(key) {
                entry.cost = 0;
                self.queue.share(key);
            }
        }
        self.fill_all(now, out);
    }

    /// Has a worker try whose time out of rotation is over.
    pub(super) fn look_at_rotation(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        if self.workers[at].rotation.as_mut().is_some_and(|rotation| rotation.is_over(now)) {
            self.fill(at, now, out);
        }
    }

    /// Takes all back: whoever closes a pool waits for what is queued, and not for breakers.
    pub(super) fn end_rotation(&mut self, now: Instant, out: &mut Actions<P>) {
        self.settings.breaker = None;
        for at in 0..self.workers.len() {
            if self.workers[at].rotation.take().is_some() {
                self.fill(at, now, out);
            }
        }
    }
}
