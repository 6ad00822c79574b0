//! The lives of workers: how they come, leave, die, and are replaced.

use gonex_core::Instant;
use gonex_task::TaskError;

use super::action::{Action, Actions};
use super::counts::SlotCounts;
use super::restarts::Verdict;
use super::rotation::Rotation;
use super::state::{Payload, State};
use super::worker::{Abandoned, Phase, Worker};
use crate::balance::{Balancer, WorkerId};
use crate::pool::events::{Leaving, What};

impl<P: Payload> State<P> {
    /// How many workers count: they work, or will soon.
    pub(super) fn active(&self) -> usize {
        self.workers.iter().filter(|worker| worker.is_active()).count()
    }

    /// How many places are taken: also by those that will come, or will not before somebody says so.
    fn there(&self) -> usize {
        let handing_over = self.workers.iter().filter(|worker| worker.hands_over).count();
        self.active() + handing_over + self.restarts.coming.len() + self.restarts.held
    }

    /// How many there are beyond what there should be.
    pub(super) fn surplus(&self) -> usize {
        // Without a look at each where nothing can be wrong.
        if self.workers.len() <= self.target {
            0
        } else {
            self.active().saturating_sub(self.target)
        }
    }

    /// Has as many workers started, or leave, as the target says.
    pub(super) fn reconcile(&mut self, now: Instant, out: &mut Actions<P>) {
        let target = self.target;
        let mut wanted = target.saturating_sub(self.there());
        while wanted > 0 {
            wanted -= 1;
            if !self.promote(now, out) {
                self.start(false, now, out);
            }
        }
        let mut surplus = (self.there() - self.restarts.held).saturating_sub(target);
        while surplus > 0 {
            surplus -= 1;
            if self.restarts.coming.pop().is_some() {
                continue;
            }
            // Nobody needs to take the place of one that goes anyway.
            if let Some(going) = self.workers.iter_mut().find(|worker| worker.hands_over) {
                going.hands_over = false;
                continue;
            }
            let Some(at) = self.least_needed() else { break };
            self.leave(at, Leaving::Surplus, now, out);
        }
        // Those that die are started again only when others are, so that none dies in a circle.
        if !self.is_closed
            && target > 0
            && self.restarts.coming.is_empty()
            && self.restarts.held == 0
        {
            let spares = self
                .workers
                .iter()
                .filter(|worker| worker.is_spare && !worker.is_leaving())
                .count();
            for _ in spares..self.settings.spares {
                self.start(true, now, out);
            }
        }
    }

    /// Whom to let go first: one that has not begun, or one that has nothing to do, for the longest.
    fn least_needed(&self) -> Option<usize> {
        let going = |worker: &Worker<P>| worker.is_active() && worker.running.is_empty();
        let candidates = self.workers.iter().enumerate().filter(|(_, worker)| going(worker));
        candidates
            .min_by_key(|(_, worker)| (worker.is_ready(), !worker.is_idle(), worker.idle_since))
            .map(|(at, _)| at)
    }

    /// Has a spare take a place. Whether there was one.
    fn promote(&mut self, now: Instant, out: &mut Actions<P>) -> bool {
        let ready = |worker: &Worker<P>| worker.is_spare && worker.is_ready();
        let Some(at) = self.workers.iter().position(ready) else { return false };
        self.workers[at].is_spare = false;
        self.join(at, now, out);
        true
    }

    fn start(&mut self, is_spare: bool, now: Instant, out: &mut Actions<P>) {
        let slot = match self.slots.iter().position(|slot| !slot.is_taken) {
            Some(slot) => slot,
            None => {
                self.slots.push(SlotCounts::new(self.name_of(self.slots.len())));
                self.slots.len() - 1
            }
        };
        self.slots[slot].is_taken = true;
        let id = WorkerId::new(self.next_worker);
        self.next_worker += 1;
        let slots = self.settings.abilities.slots.get();
        let mut worker = Worker::new(id, slot, slots, now);
        let breaker = self.settings.breaker.clone();
        worker.rotation = breaker.and_then(|config| Rotation::new(config, now));
        worker.is_spare = is_spare;
        worker.weight = self.settings.weights.get(slot).copied().unwrap_or(worker.weight);
        worker.node = self.settings.nodes.iter().cycle().nth(slot).copied().flatten();
        let node = worker.node;
        self.workers.push(worker);
        self.totals.started += 1;
        let limit = self.settings.start_timeout;
        self.alarm_at(limit.and_then(|limit| now.checked_add(limit)));
        out.push(Action::Start { worker: id, slot, name: self.slots[slot].name.clone(), node });
    }

    /// Whoever started a worker has the way to it.
    pub(crate) fn attach(
        &mut self,
        id: WorkerId,
        handle: P::Worker,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        let Some(at) = self.position(id) else {
            // It is not wanted any more.
            out.push(Action::Kill { worker: handle });
            return;
        };
        self.workers[at].handle = Some(handle);
        if self.workers[at].is_leaving() {
            return self.stop(at, now, out);
        }
        self.greet(at, now, out);
    }

    /// A worker has begun, and takes tasks.
    pub(crate) fn ready(&mut self, id: WorkerId, now: Instant, out: &mut Actions<P>) {
        let Some(at) = self.position(id) else { return };
        self.workers[at].has_begun = true;
        self.workers[at].heard = now;
        self.greet(at, now, out);
    }

    fn greet(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        let worker = &mut self.workers[at];
        if worker.phase != Phase::Starting || worker.handle.is_none() || !worker.has_begun {
            return;
        }
        worker.phase = Phase::Ready;
        (worker.ready_since, worker.idle_since) = (now, now);
        let (worker, name) = (worker.id, self.slots[worker.slot].name.clone());
        out.push(Action::Tell(What::Started { worker, name }));
        let age = self.settings.recycle_age;
        self.alarm_at(age.and_then(|age| now.checked_add(age)));
        if self.settings.abilities.has_heartbeats {
            let silence = self.settings.heartbeat_timeout;
            self.alarm_at(silence.and_then(|limit| now.checked_add(limit)));
        }
        if !self.workers[at].is_spare {
            self.join(at, now, out);
        }
    }

    fn join(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        if let Some(balancer) = &mut self.balancer {
            balancer.joined(&self.workers[at].view(0), now);
        }
        self.workers[at].idle_since = now;
        self.alarm_when_idle(now);
        self.fill(at, now, out);
    }

    /// A worker says that it is alive.
    pub(crate) fn beat(&mut self, id: WorkerId, now: Instant) {
        if let Some(at) = self.position(id) {
            self.workers[at].heard = now;
        }
    }

    /// Has a worker go as soon as it has ended what it runs, and another take its place where that is
    /// what it goes for.
    pub(super) fn leave(&mut self, at: usize, why: Leaving, now: Instant, out: &mut Actions<P>) {
        self.go(at, why, why.is_replaced(), now, out);
    }

    /// The same; `hands_over` says whether its place is to be taken at once.
    pub(super) fn go(
        &mut self,
        at: usize,
        why: Leaving,
        hands_over: bool,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        if self.workers[at].is_leaving() {
            return;
        }
        let (id, was_known) = (self.workers[at].id, self.workers[at].is_ready());
        self.workers[at].phase = Phase::Leaving(why);
        self.give_back(at, out);
        if was_known && let Some(balancer) = &mut self.balancer {
            balancer.left(id, now);
        }
        if self.workers[at].running.is_empty() {
            self.stop(at, now, out);
            // What it leaves behind is there when it is gone; unless another waits already.
            let has_spare = self.workers.iter().any(|worker| worker.is_spare && worker.is_ready());
            self.workers[at].hands_over = hands_over && !has_spare;
        }
        if hands_over {
            self.reconcile(now, out);
        }
        self.fill_all(now, out);
    }

    /// Tells a worker to go that has nothing to do any more; when it has a way to it.
    pub(super) fn stop(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        let worker = &mut self.workers[at];
        if worker.stopping_since.is_none()
            && let Some(handle) = worker.handle.clone()
        {
            worker.stopping_since = Some(now);
            out.push(Action::Stop { worker: handle });
            self.alarm_at(self.settings.hung_after.and_then(|limit| now.checked_add(limit)));
        }
    }

    /// A worker has ended: as it was told to, if there is no cause; else it has died.
    pub(crate) fn gone(
        &mut self,
        id: WorkerId,
        cause: Option<String>,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        if self.forget_abandoned(id, now, out) {
            return;
        }
        let Some(at) = self.position(id) else { return };
        let (phase, is_idle) =
            (self.workers[at].phase.clone(), self.workers[at].running.is_empty());
        match (phase, cause) {
            (Phase::Leaving(why), None) if is_idle => {
                self.remove(at, now, out);
                out.push(Action::Tell(What::Left { worker: id, why }));
                self.reconcile(now, out);
                self.end_if_alone(now, out);
                self.settle(now, out);
                self.wake(out);
            }
            (_, cause) => {
                let cause = cause.unwrap_or_else(|| "it ended without being told to".to_owned());
                self.died(at, &cause, now, out);
            }
        }
    }

    /// A worker could not be started.
    pub(crate) fn start_failed(
        &mut self,
        id: WorkerId,
        cause: &str,
        now: Instant,
        out: &mut Actions<P>,
    ) {
        if self.forget_abandoned(id, now, out) {
            return;
        }
        if let Some(at) = self.position(id) {
            self.died(at, cause, now, out);
        }
    }

    /// One that was given up has come to its end after all; `false` if it was not.
    fn forget_abandoned(&mut self, id: WorkerId, now: Instant, out: &mut Actions<P>) -> bool {
        let Some(known) = self.abandoned.iter().position(|abandoned| abandoned.id == id) else {
            return false;
        };
        let Abandoned { since, .. } = self.abandoned.swap_remove(known);
        let after = now.saturating_duration_since(since);
        // Another may be given up now.
        if std::mem::take(&mut self.is_told_bound) {
            self.alarm_at(Some(now));
        }
        out.push(Action::Tell(What::AbandonedEnded { worker: id, after }));
        self.wake(out);
        true
    }

    /// Takes a worker that has died off the list, and what it had with it, and sees to its place.
    pub(super) fn died(&mut self, at: usize, cause: &str, now: Instant, out: &mut Actions<P>) {
        let id = self.workers[at].id;
        self.totals.died += 1;
        self.lose_tasks(at, now, out);
        let worker = &self.workers[at];
        let was_wanted = worker.is_active() || worker.hands_over;
        self.remove(at, now, out);
        out.push(Action::Tell(What::Died { worker: id, cause: cause.to_owned() }));
        if was_wanted {
            self.replace(cause, now, out);
        } else {
            self.reconcile(now, out);
        }
        self.fill_all(now, out);
        self.end_if_alone(now, out);
        self.settle(now, out);
        self.wake(out);
    }

    /// Lets go of what waits when the pool is closed and nobody is left to run it.
    pub(super) fn end_if_alone(&mut self, now: Instant, out: &mut Actions<P>) {
        if self.is_closed
            && !self.has_or_awaits_workers()
            && self.load.running() == 0
            && !self.queue.is_empty()
        {
            self.discard(now, out);
        }
    }

    /// Whether there is a worker, or will be without anybody's doing: one that hands its place over has a
    /// successor to come.
    fn has_or_awaits_workers(&self) -> bool {
        let hands_over = self.workers.iter().any(|worker| worker.hands_over);
        hands_over || self.active() > 0 || !self.restarts.coming.is_empty()
    }

    /// Ends what a worker runs, whose results will never come.
    pub(super) fn lose_tasks(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        let slot = self.workers[at].slot;
        for task in std::mem::take(&mut self.workers[at].running) {
            self.load.left(now);
            if let Some(balancer) = &mut self.balancer {
                let took = now.saturating_duration_since(task.since);
                let ended = crate::balance::Ended::new(self.workers[at].id, took, now);
                balancer.ended(&task.view, &ended.costing(task.cost).incomplete());
            }
            if let Some(kept) = task.kept {
                self.totals.lost += 1;
                let waited = task.since.saturating_duration_since(task.queued);
                let busy = now.saturating_duration_since(task.since);
                self.slots[slot].record(super::action::How::Lost, waited, busy);
                out.push(Action::End { kept, error: TaskError::lost(task.has_started) });
            }
        }
    }

    fn remove(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        self.give_back(at, out);
        let mut worker = self.workers.remove(at);
        self.slots[worker.slot].is_taken = false;
        if worker.is_listed {
            self.free.retain(|&free| free != worker.id);
        }
        if let Some(worker) = worker.handle.take() {
            out.push(Action::Forget { worker });
        }
        if worker.is_ready()
            && let Some(balancer) = &mut self.balancer
        {
            balancer.left(worker.id, now);
        }
    }

    /// Sees to the place of a worker that died.
    fn replace(&mut self, cause: &str, now: Instant, out: &mut Actions<P>) {
        if self.there() >= self.target || (self.is_closed && self.is_idle()) {
            return;
        }
        match self.restarts.died(now) {
            Verdict::At(at) => {
                self.totals.restarted += 1;
                if at <= now {
                    self.restart_due(now, out);
                } else {
                    let after = at.saturating_duration_since(now);
                    out.push(Action::Tell(What::Restarting { after }));
                    self.alarm_at(Some(at));
                }
            }
            Verdict::Held => {}
            Verdict::TooMany => {
                let settings = self.settings.restart;
                let reason = format!(
                    "more than {} workers died within {:?}; the last one: {cause}",
                    settings.most, settings.period
                );
                out.push(Action::Tell(What::TooManyDied { reason: reason.clone() }));
                self.break_if_alone(reason, now, out);
            }
        }
    }

    /// Starts those again whose time has come.
    pub(super) fn restart_due(&mut self, now: Instant, out: &mut Actions<P>) {
        if self.restarts.take_due(now) > 0 {
            self.reconcile(now, out);
        }
    }

    /// Gives up if no worker is left and none will come by itself.
    pub(super) fn break_if_alone(&mut self, reason: String, now: Instant, out: &mut Actions<P>) {
        if self.has_or_awaits_workers() || self.broken.is_some() {
            return;
        }
        out.push(Action::Tell(What::Broken { reason: reason.clone() }));
        self.broken = Some(reason);
        self.close(now, out);
        self.discard(now, out);
    }
}
