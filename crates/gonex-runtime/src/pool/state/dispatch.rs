//! Which task goes to which worker, and when.

use std::time::Duration;

use gonex_core::Instant;

use super::action::{Action, Actions, How, Ran};
use super::queue::{Entry, Line};
use super::state::{Payload, State};
use super::worker::Running;
use crate::balance::{Balancer, Ended, TaskKind, TaskView, WorkerId};
use crate::pool::events::{Leaving, What};

/// What is known of a task beside its work.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meta {
    pub(crate) view: TaskView,
    /// When nobody wants its result any more, run or not.
    pub(crate) deadline: Option<Instant>,
    /// How long it may run, if not as long as the pool says.
    pub(crate) timeout: Option<Duration>,
    /// The one worker it is for.
    pub(crate) only: Option<WorkerId>,
}

/// Why a task was not taken.
pub(crate) enum Refused<P> {
    Closed(P),
    NoSuchWorker(P),
}

impl<P: Payload> State<P> {
    /// Takes a task, for which there is room.
    ///
    /// # Errors
    /// Gives it back if the pool is closed, or it is for a worker that is not there.
    pub(crate) fn submit(
        &mut self,
        payload: P,
        meta: Meta,
        now: Instant,
        out: &mut Actions<P>,
    ) -> Result<(), Refused<P>> {
        if self.is_closed {
            return Err(Refused::Closed(payload));
        }
        let only = match meta.only.map(|id| self.position(id)) {
            None => None,
            Some(Some(at)) if self.workers[at].is_active() => Some(at),
            Some(_) => return Err(Refused::NoSuchWorker(payload)),
        };
        self.totals.submitted += 1;
        self.load.arrived();
        let no = self.next_task;
        self.next_task += 1;
        let entry = Entry { no, since: now, meta, cost: 0, line: Line::None, payload };
        match only {
            Some(at) => self.post(at, entry, now, out),
            None => self.place(entry, now, out),
        }
        if self.target == 0 {
            self.scale_to(1, "a task came, and no worker was there", now, out);
        }
        Ok(())
    }

    /// Puts a task where its worker alone finds it.
    fn post(&mut self, at: usize, entry: Entry<P>, now: Instant, out: &mut Actions<P>) {
        if self.workers[at].can_take() && !self.is_paused {
            return self.assign(at, entry, now, out);
        }
        self.alarm_at(entry.meta.deadline);
        let key = self.queue.insert(entry);
        self.workers[at].letters.push_back(key);
    }

    /// Has the balancer say where a task goes, if there is one.
    fn place(&mut self, mut entry: Entry<P>, now: Instant, out: &mut Actions<P>) {
        // What waits for all goes before what comes later. A balancer that filled the workers' own queues
        // again and again would have it wait for ever.
        if self.balancer.is_some()
            && self.queue.shared_len() == 0
            && let Some(at) = self.choose(&mut entry, now)
        {
            if self.workers[at].can_take() && !self.is_paused {
                return self.assign(at, entry, now, out);
            }
            let worker = &mut self.workers[at];
            entry.line = Line::Own(worker.id);
            worker.own_cost = worker.own_cost.saturating_add(entry.cost);
            self.alarm_at(entry.meta.deadline);
            let key = self.queue.insert(entry);
            self.workers[at].own.push_back(key);
            // Somebody else may have nothing to do meanwhile, and be a thief.
            if let Some(thief) = self.free_worker() {
                self.fill(thief, now, out);
            }
            return;
        }
        if !self.is_paused
            && self.queue.shared_len() == 0
            && let Some(at) = self.free_worker()
        {
            return self.assign(at, entry, now, out);
        }
        self.alarm_at(entry.meta.deadline);
        let key = self.queue.insert(entry);
        self.queue.share(key);
    }

    /// The worker that the balancer wants for a task; `None` for the queue of all.
    fn choose(&mut self, entry: &mut Entry<P>, now: Instant) -> Option<usize> {
        let room = self.settings.own_queue;
        self.look(|worker| {
            worker.is_ready()
                && !worker.is_spare
                && !worker.is_out()
                && (worker.own.len() < room || worker.can_take())
        });
        let choice = self.balancer.as_mut()?.choose(&entry.meta.view, &self.views, now);
        entry.cost = choice.cost();
        let id = self.views[choice.index()?].id;
        self.position(id)
    }

    /// Has the views show the workers that are so.
    fn look(&mut self, is_so: impl Fn(&super::worker::Worker<P>) -> bool) {
        self.views.clear();
        for worker in self.workers.iter().filter(|worker| is_so(worker)) {
            let first = worker.own.iter().find_map(|&key| self.queue.get(key));
            self.views.push(worker.view(first.map_or(0, |entry| entry.cost)));
        }
    }

    /// A worker that can be given a task now.
    fn free_worker(&mut self) -> Option<usize> {
        while let Some(&id) = self.free.last() {
            match self.position(id) {
                Some(at) if self.workers[at].can_take() => return Some(at),
                Some(at) => self.workers[at].is_listed = false,
                None => {}
            }
            self.free.pop();
        }
        None
    }

    /// Gives a worker what there is for it.
    pub(super) fn fill(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        while self.workers[at].can_take() {
            let next = if self.is_paused { None } else { self.next_for(at, now) };
            match next {
                Some(entry) => self.assign(at, entry, now, out),
                None => {
                    let worker = &mut self.workers[at];
                    if !std::mem::replace(&mut worker.is_listed, true) {
                        self.free.push(worker.id);
                    }
                    return;
                }
            }
        }
    }

    /// Gives what waits for all to those that can take it.
    pub(super) fn fill_all(&mut self, now: Instant, out: &mut Actions<P>) {
        while !self.is_paused
            && self.queue.shared_len() > 0
            && let Some(at) = self.free_worker()
        {
            self.fill(at, now, out);
        }
    }

    fn next_for(&mut self, at: usize, now: Instant) -> Option<Entry<P>> {
        while let Some(key) = self.workers[at].letters.pop_front() {
            let letter = self.queue.take(key);
            if letter.is_some() {
                return letter;
            }
        }
        if let Some(own) = self.pop_own(at) {
            return Some(own);
        }
        if self.queue.shared_len() > 0 {
            return self.queue.pop();
        }
        self.steal(at, now)
    }

    fn pop_own(&mut self, at: usize) -> Option<Entry<P>> {
        while let Some(key) = self.workers[at].own.pop_front() {
            if let Some(entry) = self.queue.take(key) {
                let worker = &mut self.workers[at];
                worker.own_cost = worker.own_cost.saturating_sub(entry.cost);
                return Some(entry);
            }
        }
        None
    }

    fn steal(&mut self, at: usize, now: Instant) -> Option<Entry<P>> {
        if self.queue.is_empty() || self.balancer.is_none() {
            return None;
        }
        let thief = self.workers[at].id;
        self.look(|worker| worker.is_ready() && !worker.is_spare);
        let thief = self.views.iter().position(|view| view.id == thief)?;
        let victim = self.balancer.as_mut()?.steal(thief, &self.views, now)?;
        let victim = self.position(self.views[victim].id)?;
        self.pop_own(victim)
    }

    /// Gives a task to a worker that can take it.
    fn assign(&mut self, at: usize, entry: Entry<P>, now: Instant, out: &mut Actions<P>) {
        let Entry { no, since, meta, cost, payload, .. } = entry;
        let starts = !self.settings.abilities.announces_start;
        let limit = meta.timeout.or(self.settings.task_timeout);
        let until = limit.filter(|_| starts).and_then(|limit| now.checked_add(limit));
        let (sent, kept) = payload.split();
        let worker = &mut self.workers[at];
        let permit = worker.rotation.as_ref().and_then(|rotation| rotation.admit(now));
        worker.running.push(Running {
            no,
            view: meta.view,
            cost,
            queued: since,
            since: now,
            has_started: starts,
            kept: Some(kept),
            until,
            limit,
            is_told_stuck: false,
            permit,
        });
        // Only those that have a way to them are ready.
        if let Some(handle) = worker.handle.clone() {
            out.push(Action::Assign { worker: handle, no, sent, until });
        }
        self.load.began(now.saturating_duration_since(since), now);
        self.alarm_at(until);
        self.watch_task(now);
    }

    fn watch_task(&mut self, now: Instant) {
        for limit in [self.settings.stuck_after, self.settings.hung_after].into_iter().flatten() {
            self.alarm_at(now.checked_add(limit));
        }
        if self.settings.abilities.has_heartbeats {
            let silence = self.settings.heartbeat_timeout;
            self.alarm_at(silence.and_then(|limit| now.checked_add(limit)));
        }
    }

    /// A worker of a kind that announces it has begun a task.
    pub(crate) fn started(&mut self, id: WorkerId, no: u64, now: Instant) {
        let Some(at) = self.position(id) else { return };
        let worker = &mut self.workers[at];
        worker.heard = now;
        let running = worker.running.iter_mut().find(|running| running.no == no);
        let Some(running) = running.filter(|running| !running.has_started) else { return };
        running.has_started = true;
        running.since = now;
        running.until = running.limit.and_then(|limit| now.checked_add(limit));
        let until = running.until;
        self.alarm_at(until);
        self.watch_task(now);
    }

    /// A task has come to its end on a worker. Yields what writes its result, and its kind, unless that is
    /// written already, or the worker was given up: then it is late.
    pub(crate) fn ended(
        &mut self,
        id: WorkerId,
        ran: Ran,
        now: Instant,
        out: &mut Actions<P>,
    ) -> Option<(P::Kept, TaskKind)> {
        let found = self.position(id).and_then(|at| {
            let tasks = &self.workers[at].running;
            Some((at, tasks.iter().position(|running| running.no == ran.no)?))
        });
        let Some((at, index)) = found else {
            self.totals.late += 1;
            return None;
        };
        let worker = &mut self.workers[at];
        let mut task = worker.running.swap_remove(index);
        worker.heard = now;
        worker.tasks += 1;
        let (slot, took) = (worker.slot, now.saturating_duration_since(ran.began));
        match ran.how {
            How::Panicked => {
                worker.failures += 1;
                worker.failures_in_a_row = worker.failures_in_a_row.saturating_add(1);
            }
            How::Completed => {
                worker.failures_in_a_row = 0;
                self.restarts.went_well();
            }
            How::Cancelled | How::TimedOut | How::Lost => {}
        }
        self.load.ended(took, now);
        if let Some(balancer) = &mut self.balancer {
            let ended = Ended::new(id, took, now).costing(task.cost);
            let ended = if ran.how == How::Completed { ended } else { ended.incomplete() };
            balancer.ended(&task.view, &ended);
        }
        if task.kept.is_some() {
            self.totals.ended(ran.how);
            let waited = ran.began.saturating_duration_since(task.queued);
            self.slots[slot].record(ran.how, waited, took);
        } else {
            self.totals.late += 1;
        }
        self.note_end(at, task.permit.take(), ran.how, now, out);
        self.go_on(at, now, out);
        Some((task.kept?, task.view.kind))
    }

    /// What a worker does after a task.
    fn go_on(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        let worker = &self.workers[at];
        if let Some(threshold) = self.settings.failure_threshold
            && worker.failures_in_a_row > threshold
            && worker.unhealthy.is_none()
        {
            let failures = worker.failures_in_a_row;
            let reason = format!("{failures} tasks in a row failed, and {threshold} may");
            self.find_unhealthy(at, reason, now, out);
        }
        let worker = &self.workers[at];
        let is_done = self.settings.recycle_after.is_some_and(|most| worker.tasks >= most)
            || worker.is_old(self.settings.recycle_age, now);
        match &worker.phase {
            _ if !worker.running.is_empty() && worker.is_leaving() => {}
            super::worker::Phase::Leaving(_) => self.stop(at, now, out),
            _ if is_done => self.leave(at, Leaving::Recycled, now, out),
            // One with many tasks at once is never without any under load: it ends them, and takes no more.
            _ if self.surplus() > 0 => self.leave(at, Leaving::Surplus, now, out),
            _ => self.fill(at, now, out),
        }
        if let Some(worker) = self.workers.get_mut(at)
            && worker.is_idle()
        {
            worker.idle_since = now;
            let (ready_since, age) = (worker.ready_since, self.settings.recycle_age);
            self.alarm_at(age.and_then(|age| ready_since.checked_add(age)));
            self.alarm_when_idle(now);
        }
        if self.is_watched || self.is_closed {
            self.settle(now, out);
        }
    }

    /// Counts a task that was refused, or run by who wanted to hand it in.
    pub(crate) fn not_taken(&mut self, ran_in_caller: bool) {
        let count =
            if ran_in_caller { &mut self.totals.ran_in_caller } else { &mut self.totals.refused };
        *count += 1;
    }

    /// Tells that a task has run for long.
    pub(super) fn tell_stuck(
        &mut self,
        at: usize,
        index: usize,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        let worker = &mut self.workers[at];
        let (id, task) = (worker.id, &mut worker.running[index]);
        task.is_told_stuck = true;
        let called =
            task.kept.as_ref().map_or_else(|| "a task that timed out".to_owned(), P::called);
        let running = now.saturating_duration_since(task.since);
        out.push(Action::Tell(What::TaskStuck { worker: id, task: called, running }));
    }
}
