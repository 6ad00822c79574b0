//! How many workers there should be.

use gonex_core::Instant;

use super::action::{Action, Actions};
use super::state::{Payload, State};
use crate::pool::events::What;
use crate::pool::scaling::ScalingMetrics;

/// Which percentile of the waits the policies are told.
pub(super) const WAIT_SHARE: f64 = 0.95;

impl<P: Payload> State<P> {
    /// How many workers there should be now.
    pub(crate) fn target(&self) -> usize {
        self.target
    }

    /// Changes how many workers there should be, within the bounds, and not to none while tasks wait; yields
    /// what it is then.
    pub(crate) fn scale_to(
        &mut self,
        wanted: usize,
        reason: &str,
        now: Instant,
        out: &mut Actions<P>,
    ) -> usize {
        let (from, to) = (self.target, wanted.clamp(self.settings.min, self.settings.max));
        // Nobody would run what waits: only what comes later has a worker started.
        let to = if to == 0 && !self.queue.is_empty() { 1.min(self.settings.max) } else { to };
        if self.is_closed || from == to {
            return self.target;
        }
        self.target = to;
        let count =
            if to > from { &mut self.totals.scaled_up } else { &mut self.totals.scaled_down };
        *count += 1;
        out.push(Action::Tell(What::Scaled { from, to, reason: reason.to_owned() }));
        self.reconcile(now, out);
        self.fill_all(now, out);
        self.wake_idle(now);
        to
    }

    /// Changes the bounds, and with them how many workers there should be.
    pub(crate) fn resize(
        &mut self,
        bounds: (usize, usize),
        now: Instant,
        out: &mut Actions<P>,
    ) -> usize {
        (self.settings.min, self.settings.max) = bounds;
        let wanted = self.target;
        self.scale_to(wanted, "the bounds have changed", now, out)
    }

    /// Whether a worker that has nothing to do may go. While places are empty that nobody takes by himself,
    /// those that are there are not too many. The last one stays for what waits, though it is given nothing
    /// at the moment: the pool may be paused, or the worker out of rotation.
    pub(super) fn may_retire(&self) -> bool {
        let is_any_missing = self.restarts.held > 0 || !self.restarts.coming.is_empty();
        self.target > self.settings.min
            && (self.target > 1 || self.queue.is_empty())
            && (!is_any_missing || self.active() > self.settings.min.max(1))
    }

    /// A worker has nothing to do from now on.
    pub(super) fn alarm_when_idle(&mut self, now: Instant) {
        if let Some(limit) = self.settings.idle_timeout
            && self.may_retire()
        {
            self.alarm_at(now.checked_add(limit));
        }
    }

    /// Those that have nothing to do may have to go now.
    pub(super) fn wake_idle(&mut self, now: Instant) {
        if self.settings.idle_timeout.is_some() && self.may_retire() {
            let first = self.workers.iter().filter(|worker| worker.is_idle());
            let first = first.map(|worker| worker.idle_since).min();
            let limit = self.settings.idle_timeout.unwrap_or_default();
            let at = first.and_then(|since| since.checked_add(limit));
            self.alarm_at(at.map(|at| at.max(now)));
        }
    }

    pub(super) fn ask_policy(&mut self, now: Instant, out: &mut Actions<P>) {
        if self.is_closed {
            return;
        }
        let stretch = self.load.take(WAIT_SHARE, now);
        let active = self.active();
        let starting =
            self.workers.iter().filter(|worker| worker.phase == super::worker::Phase::Starting);
        let slots = self.settings.abilities.slots.get() as usize;
        let mut metrics = ScalingMetrics::new(now);
        metrics.interval = stretch.length;
        metrics.workers = self.target;
        metrics.ready = active.saturating_sub(starting.count());
        metrics.min = self.settings.min;
        metrics.max = self.settings.max;
        metrics.slots = slots;
        metrics.queued = self.queue.len();
        metrics.running = self.load.running();
        let room = (active.max(1) * slots) as f64;
        metrics.busy = (stretch.mean_running / room).clamp(0.0, 1.0);
        metrics.wait = stretch.wait;
        metrics.oldest_wait = self
            .queue
            .oldest_shared()
            .map(|since| now.saturating_duration_since(since))
            .unwrap_or_default();
        metrics.arrivals = stretch.arrivals;
        metrics.ended = stretch.ended;
        metrics.mean_time = stretch.mean_time;
        metrics.is_paused = self.is_paused;
        out.push(Action::AskPolicy(Box::new(metrics)));
    }
}
