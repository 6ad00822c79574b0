//! What can be seen of a pool.

use std::time::Duration;

use gonex_core::Instant;
use gonex_core::component::Health;

use super::counts::{SlotCounts, Totals};
use super::rotation::Rotation;
use super::state::{Payload, State};
use super::worker::{Phase, Worker};
use crate::balance::{Balancer, WorkerId};
use crate::pool::status::{PoolStats, RunningTask, WorkerState, WorkerStatus};

/// More would say nothing new.
const MOST_NOTES: usize = 16;

impl<P: Payload> State<P> {
    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// How many workers there are that are not about to leave, spares aside.
    pub(crate) fn worker_count(&self) -> usize {
        self.active()
    }

    /// The ways to the workers that have not ended.
    pub(crate) fn handles(&self) -> Vec<(WorkerId, P::Worker)> {
        let with_way = self.workers.iter().filter_map(|worker| {
            let handle = worker.handle.clone()?;
            Some((worker.id, handle))
        });
        with_way.collect()
    }

    /// Writes down what does not work as it was asked for; once, and so much of it.
    pub(crate) fn note(&mut self, note: String) {
        if self.notes.len() < MOST_NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Whether a worker was given up and has not ended.
    pub(crate) fn is_abandoned(&self, id: WorkerId) -> bool {
        self.abandoned.iter().any(|abandoned| abandoned.id == id)
    }

    pub(crate) fn has_worker(&self, id: WorkerId) -> bool {
        self.position(id).is_some_and(|at| self.workers[at].is_active())
    }

    pub(crate) fn worker_ids(&self) -> Vec<WorkerId> {
        self.workers.iter().filter(|worker| worker.is_active()).map(|worker| worker.id).collect()
    }

    /// The workers whose health can be asked for, with the way to them.
    pub(crate) fn checked(&self, now: Instant) -> Vec<(WorkerStatus, P::Worker)> {
        let ready = self.workers.iter().filter(|worker| worker.is_ready());
        let with_way = ready.filter_map(|worker| Some((worker, worker.handle.clone()?)));
        with_way.map(|(worker, handle)| (self.status_of(worker, now), handle)).collect()
    }

    pub(crate) fn memory_limit(&self) -> Option<u64> {
        self.settings.memory_limit.filter(|_| self.settings.abilities.tells_memory)
    }

    /// The counts of each slot; the longest waits begin anew if `takes_waits`.
    pub(crate) fn slots(&mut self, takes_waits: bool) -> Vec<SlotCounts> {
        let slots = self.slots.clone();
        if takes_waits {
            self.slots.iter_mut().for_each(|slot| slot.longest_wait = Duration::ZERO);
        }
        slots
    }

    pub(crate) fn reset_counts(&mut self) {
        self.totals = Totals::default();
    }

    pub(crate) fn stats(&self) -> PoolStats {
        let Totals {
            submitted,
            completed,
            panicked,
            cancelled,
            timed_out,
            lost,
            dropped,
            late,
            refused,
            ran_in_caller,
            started,
            died,
            restarted,
            abandoned,
            scaled_up,
            scaled_down,
        } = self.totals;
        let lingering =
            |worker: &Worker<P>| worker.running.iter().filter(|task| task.kept.is_none()).count();
        let lingering: usize = self.workers.iter().map(lingering).sum();
        PoolStats {
            workers: self.active(),
            target: self.target,
            spares: self.workers.iter().filter(|worker| worker.is_spare).count(),
            queued: self.queue.len(),
            running: self.load.running() - lingering,
            lingering,
            submitted,
            completed,
            panicked,
            cancelled,
            timed_out,
            lost,
            dropped,
            late,
            refused,
            ran_in_caller,
            workers_started: started,
            workers_died: died,
            workers_restarted: restarted,
            workers_abandoned: abandoned,
            abandoned_now: self.abandoned.len(),
            scaled_up,
            scaled_down,
            is_paused: self.is_paused,
            is_closed: self.is_closed,
        }
    }

    pub(crate) fn status(&self, now: Instant) -> Vec<WorkerStatus> {
        self.workers.iter().map(|worker| self.status_of(worker, now)).collect()
    }

    fn status_of(&self, worker: &Worker<P>, now: Instant) -> WorkerStatus {
        let passed = |since: Instant| now.saturating_duration_since(since);
        let running = worker.running.iter().map(|task| RunningTask {
            name: task.kept.as_ref().map_or_else(|| "a task that timed out".to_owned(), P::called),
            running: passed(task.since),
            is_over: task.kept.is_none(),
        });
        let mut reasons: Vec<String> = worker.unhealthy.iter().cloned().collect();
        reasons.extend(worker.running.iter().filter(|task| task.is_told_stuck).map(|task| {
            let name = task.kept.as_ref().map_or_else(String::new, P::called);
            format!("task {name} has run for {:?}", passed(task.since))
        }));
        if let Some(until) = worker.rotation.as_ref().and_then(Rotation::out_until) {
            let rest = until.saturating_duration_since(now);
            let failures = worker.failures;
            reasons
                .push(format!("it is out of rotation for {rest:?}: {failures} tasks failed on it"));
        }
        let state = match &worker.phase {
            Phase::Starting => WorkerState::Starting,
            Phase::Leaving(why) => WorkerState::Leaving(*why),
            Phase::Ready if worker.is_spare => WorkerState::Spare,
            Phase::Ready if worker.running.is_empty() => WorkerState::Idle,
            Phase::Ready => WorkerState::Busy,
        };
        WorkerStatus {
            id: worker.id,
            name: self.slots[worker.slot].name.clone(),
            state,
            reasons,
            running: running.collect(),
            queued: worker.own.len() + worker.letters.len(),
            tasks: worker.tasks,
            failures: worker.failures,
            age: passed(worker.born),
            silent: passed(worker.heard),
        }
    }

    pub(crate) fn health(&self, now: Instant) -> Health {
        if let Some(reason) = &self.broken {
            return Health::unhealthy(format!("no worker is left: {reason}"));
        }
        if self.is_closed {
            return Health::unhealthy("it is closed");
        }
        let active = self.active();
        let mut reasons = self.notes.clone();
        if let Some(balancer) = &self.balancer
            && let Some(fault) = balancer.fault()
        {
            let instead = balancer.name();
            reasons.push(format!("the balancer panicked ({fault}), and {instead} decides instead"));
        }
        let missing = self.restarts.coming.len() + self.restarts.held;
        if missing > 0 {
            let held = self.restarts.held;
            reasons.push(format!(
                "{missing} of {} workers are missing, {held} of them until `restart_unhealthy`",
                self.target
            ));
        }
        for abandoned in &self.abandoned {
            let since = now.saturating_duration_since(abandoned.since);
            let (name, task) = (&abandoned.name, &abandoned.task);
            reasons.push(format!("{name} was given up {since:?} ago, busy with {task}"));
        }
        if self.is_told_bound {
            reasons.push(format!(
                "a worker hangs and is not replaced: as many as `max_abandoned` allows ({}) were given up",
                self.settings.max_abandoned
            ));
        }
        for worker in self.status(now) {
            reasons.extend(worker.reasons.iter().map(|why| format!("{}: {why}", worker.name)));
        }
        match (active, reasons.is_empty()) {
            (0, _) if self.target > 0 => {
                reasons.insert(0, "no worker is there".to_owned());
                Health::unhealthy(reasons.join("; "))
            }
            (_, true) => Health::Healthy,
            (_, false) => Health::degraded(reasons.join("; ")),
        }
    }
}
