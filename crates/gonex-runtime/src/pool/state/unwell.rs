//! Workers that do not do what they should: those that are given up, and those found unwell.

use gonex_core::Instant;

use super::action::{Action, Actions};
use super::restarts::Verdict;
use super::state::{Payload, State};
use super::worker::Abandoned;
use crate::balance::WorkerId;
use crate::pool::events::{Leaving, What};

impl<P: Payload> State<P> {
    /// What a worker does, and since when: a task of it, or the oldest if that is not said, or what it
    /// does at its beginning or its end.
    pub(super) fn deed(&self, at: usize, index: Option<usize>) -> (String, Instant) {
        let worker = &self.workers[at];
        let oldest = worker.running.iter().min_by_key(|task| task.since);
        match index.and_then(|index| worker.running.get(index)).or(oldest) {
            Some(task) => {
                let called = task.kept.as_ref().map(P::called);
                (called.unwrap_or_else(|| "a task that timed out".to_owned()), task.since)
            }
            None if !worker.has_begun => ("its start".to_owned(), worker.born),
            None => match worker.stopping_since {
                Some(since) => ("its end".to_owned(), since),
                None => ("nothing".to_owned(), worker.heard),
            },
        }
    }

    /// Gives a worker up with what it does, and has done since then; it may go on as long as it likes.
    pub(super) fn abandon(
        &mut self,
        at: usize,
        (task, since): (String, Instant),
        cause: Option<&str>,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        let running = now.saturating_duration_since(since);
        let worker = &mut self.workers[at];
        let (id, slot) = (worker.id, worker.slot);
        if let Some(worker) = worker.handle.take() {
            out.push(Action::Kill { worker });
        }
        self.totals.abandoned += 1;
        let without_end = format!("{task} ran for {running:?} without an end");
        let name = self.slots[slot].name.clone();
        if !self.settings.abilities.ends_when_killed {
            self.abandoned.push(Abandoned { id, name, since: now, task: task.clone() });
        }
        out.push(Action::Tell(What::Abandoned { worker: id, task, running }));
        self.died(at, cause.unwrap_or(&without_end), now, out);
    }

    /// A worker does not do what it should. It is replaced when it has ended what it runs, if that is to
    /// happen by itself.
    pub(super) fn find_unhealthy(
        &mut self,
        at: usize,
        reason: String,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        let id = self.workers[at].id;
        self.workers[at].unhealthy = Some(reason.clone());
        out.push(Action::Tell(What::Unhealthy { worker: id, reason }));
        if !self.settings.restart.auto {
            return;
        }
        match self.restarts.died(now) {
            Verdict::At(when) if when <= now => {
                self.totals.restarted += 1;
                self.restarts.take_back(when);
                self.leave(at, Leaving::Unhealthy, now, out);
            }
            // Its place stays empty until then, though it is gone before.
            Verdict::At(when) => {
                self.totals.restarted += 1;
                let after = when.saturating_duration_since(now);
                out.push(Action::Tell(What::Restarting { after }));
                self.alarm_at(Some(when));
                self.go(at, Leaving::Unhealthy, false, now, out);
            }
            // One that works badly is better than none.
            Verdict::Held | Verdict::TooMany => self.restarts.held -= 1,
        }
    }

    /// Somebody asks of each worker how it is; `reason` is why one is not well.
    pub(crate) fn judge(
        &mut self,
        id: WorkerId,
        reason: Option<String>,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        let Some(at) = self.position(id).filter(|&at| self.workers[at].is_ready()) else { return };
        match reason {
            Some(reason) if self.workers[at].unhealthy.is_none() => {
                self.find_unhealthy(at, reason, now, out);
            }
            Some(_) => {}
            None => self.workers[at].unhealthy = None,
        }
    }

    /// Replaces the workers that are not well, and those that died and were not; how many.
    pub(crate) fn restart_unhealthy(&mut self, now: Instant, out: &mut Actions<P>) -> usize {
        let mut count = if self.broken.is_none() { self.restarts.forgive() } else { 0 };
        let ids: Vec<WorkerId> = self.workers.iter().map(|worker| worker.id).collect();
        for id in ids {
            let sick = |at: &usize| {
                self.workers[*at].unhealthy.is_some() && !self.workers[*at].is_leaving()
            };
            if let Some(at) = self.position(id).filter(sick) {
                self.leave(at, Leaving::Unhealthy, now, out);
                count += 1;
            }
        }
        self.totals.restarted += count as u64;
        self.reconcile(now, out);
        self.wake_idle(now);
        count
    }
}
