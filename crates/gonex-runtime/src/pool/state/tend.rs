//! What happens because time has passed.

use gonex_core::Instant;
use gonex_task::TaskError;

use super::action::{Action, Actions, How};
use super::rotation::Rotation;
use super::state::{Payload, State};
use super::worker::Phase;
use crate::balance::WorkerId;
use crate::pool::events::{Leaving, What};

impl<P: Payload> State<P> {
    /// Does what is due, and says by [`alarm`](Self::alarm) when more is.
    pub(crate) fn tick(&mut self, now: Instant, out: &mut Actions<P>) {
        self.alarm = None;
        self.end_late_in_queue(now, out);
        let ids: Vec<WorkerId> = self.workers.iter().map(|worker| worker.id).collect();
        for id in ids {
            // Each look may change where the next stands.
            self.position(id).into_iter().for_each(|at| self.look_after(at, now, out));
        }
        self.restart_due(now, out);
        if self.next_check.is_some_and(|at| at <= now) {
            self.next_check = self.settings.check_interval.and_then(|every| now.checked_add(every));
            out.push(Action::AskHealth);
        }
        if self.next_scaling.is_some_and(|at| at <= now) {
            self.next_scaling =
                self.settings.scaling_interval.and_then(|every| now.checked_add(every));
            self.ask_policy(now, out);
        }
        if self.deadline.is_some_and(|at| at <= now) {
            self.give_up(now, out);
        }
        if self.last_call.is_some_and(|at| at <= now) {
            self.leave_behind(now, out);
        }
        self.set_alarm(now);
    }

    fn end_late_in_queue(&mut self, now: Instant, out: &mut Actions<P>) {
        let mut is_any = false;
        while let Some(entry) = self.queue.pop_late(now) {
            self.withdraw(&entry);
            self.totals.timed_out += 1;
            out.push(Action::Drop { payload: entry.payload, error: TaskError::Timeout });
            is_any = true;
        }
        if is_any {
            self.settle(now, out);
        }
    }

    fn look_after(&mut self, at: usize, now: Instant, out: &mut Actions<P>) {
        let has = |since: Instant, limit: Option<std::time::Duration>| {
            limit.is_some_and(|limit| now.saturating_duration_since(since) >= limit)
        };
        let worker = &self.workers[at];
        // Also one that was told to go before it began.
        if !worker.has_begun && has(worker.born, self.settings.start_timeout) {
            let limit = self.settings.start_timeout.unwrap_or_default();
            self.kill(at, &format!("it did not begin within {limit:?}"), now, out);
            return;
        }
        let silent = self.settings.abilities.has_heartbeats
            && worker.has_begun
            && worker.phase != Phase::Starting
            && has(worker.heard, self.settings.heartbeat_timeout);
        if silent {
            let silence = now.saturating_duration_since(worker.heard);
            if self.kill(at, &format!("it was silent for {silence:?}"), now, out) {
                return;
            }
            // It stays where it is, and the time of its tasks goes on.
        }
        self.look_at_rotation(at, now, out);
        for index in 0..self.workers[at].running.len() {
            self.end_late_task(at, index, now, out);
            let task = &self.workers[at].running[index];
            if !task.is_told_stuck && has(task.since, self.settings.stuck_after) {
                self.tell_stuck(at, index, now, out);
            }
        }
        let hung = self.workers[at]
            .running
            .iter()
            .position(|task| task.has_started && has(task.since, self.settings.hung_after));
        let worker = &self.workers[at];
        let ends = worker.has_begun && worker.running.is_empty();
        let ends_for_long = |since| ends && has(since, self.settings.hung_after);
        if hung.is_some() || worker.stopping_since.is_some_and(ends_for_long) {
            if self.may_give_up(out) {
                let deed = self.deed(at, hung);
                self.abandon(at, deed, None, now, out);
            }
            return;
        }
        let worker = &self.workers[at];
        if !worker.is_ready() || !worker.is_idle() || worker.is_spare {
            return;
        }
        if worker.is_old(self.settings.recycle_age, now) {
            self.leave(at, Leaving::Recycled, now, out);
        } else if self.may_retire() && has(worker.idle_since, self.settings.idle_timeout) {
            self.target -= 1;
            self.totals.scaled_down += 1;
            self.leave(at, Leaving::Idle, now, out);
        }
    }

    /// Writes the end of a task whose time is over; its worker is not free before it comes back.
    fn end_late_task(&mut self, at: usize, index: usize, now: Instant, out: &mut Actions<P>) {
        let worker = &mut self.workers[at];
        let task = &mut worker.running[index];
        if task.until.is_some_and(|until| until <= now)
            && let Some(kept) = task.kept.take()
        {
            self.totals.timed_out += 1;
            let waited = task.since.saturating_duration_since(task.queued);
            let busy = now.saturating_duration_since(task.since);
            self.slots[worker.slot].record(How::TimedOut, waited, busy);
            let permit = task.permit.take();
            out.push(Action::End { kept, error: TaskError::Timeout });
            self.note_end(at, permit, How::TimedOut, now, out);
        }
    }

    /// Whether a worker that does not come to an end can be replaced: not if too many would be left behind
    /// by that, which is told.
    fn may_give_up(&mut self, out: &mut Actions<P>) -> bool {
        let may = self.has_room_to_give_up();
        if !may && !std::mem::replace(&mut self.is_told_bound, true) {
            let most = self.settings.max_abandoned;
            out.push(Action::Tell(What::TooManyAbandoned { most }));
        }
        may
    }

    fn has_room_to_give_up(&self) -> bool {
        self.settings.abilities.ends_when_killed
            || self.abandoned.len() < self.settings.max_abandoned
    }

    /// Ends a worker that does not behave; one that cannot be ended is given up, unless too many are: then
    /// nothing is done, and it says `false`.
    fn kill(&mut self, at: usize, cause: &str, now: Instant, out: &mut Actions<P>) -> bool {
        if !self.may_give_up(out) {
            return false;
        }
        if !self.settings.abilities.ends_when_killed {
            let deed = self.deed(at, None);
            self.abandon(at, deed, Some(cause), now, out);
            return true;
        }
        if let Some(worker) = self.workers[at].handle.take() {
            out.push(Action::Kill { worker });
        }
        self.died(at, cause, now, out);
        true
    }

    /// Waits no longer for what has not ended: the tasks are told to stop and their ends are written,
    /// and the workers that go on all the same are left behind. Those that run nothing have a moment to
    /// leave.
    pub(super) fn give_up(&mut self, now: Instant, out: &mut Actions<P>) {
        self.deadline = None;
        self.given_up.0 += self.discard(now, out) as u64;
        self.restarts.coming.clear();
        self.target = 0;
        for at in (0..self.workers.len()).rev() {
            if self.workers[at].running.is_empty() {
                self.leave(at, Leaving::Closed, now, out);
                continue;
            }
            // While its tasks have their names.
            let deed = self.deed(at, None);
            let slot = self.workers[at].slot;
            for task in &mut self.workers[at].running {
                let Some(kept) = task.kept.take() else { continue };
                self.totals.cancelled += 1;
                self.given_up.1 += 1;
                let waited = task.since.saturating_duration_since(task.queued);
                let busy = now.saturating_duration_since(task.since);
                self.slots[slot].record(How::Cancelled, waited, busy);
                let error = TaskError::Cancelled("the pool was shut down".into());
                out.push(Action::Cancel { kept, error });
            }
            self.abandon(at, deed, None, now, out);
        }
        if !self.workers.is_empty() {
            let last = now.checked_add(self.settings.grace);
            self.last_call = [self.last_call, last].into_iter().flatten().min();
            self.alarm_at(self.last_call);
        }
        self.wake(out);
    }

    /// Leaves the workers behind that have not gone, though they had nothing to do: what they do at their
    /// beginning or their end does not come to one.
    fn leave_behind(&mut self, now: Instant, out: &mut Actions<P>) {
        self.last_call = None;
        for at in (0..self.workers.len()).rev() {
            let deed = self.deed(at, None);
            self.abandon(at, deed, None, now, out);
        }
        self.wake(out);
    }

    /// When there is something to do next, as things are now.
    fn set_alarm(&mut self, now: Instant) {
        let after = |since: Instant, limit: Option<std::time::Duration>| {
            limit.and_then(|limit| since.checked_add(limit))
        };
        let mut first: Option<Instant> = None;
        let mut note = |at: Option<Instant>| {
            if let Some(at) = at {
                first = Some(first.map_or(at, |first| first.min(at)));
            }
        };
        note(self.queue.first_deadline());
        note(self.restarts.next());
        note(self.next_check);
        note(self.next_scaling);
        note(self.deadline);
        note(self.last_call);
        let settings = &self.settings;
        // At the bound there is something to do once: to tell that it was reached.
        let may_abandon = self.has_room_to_give_up() || !self.is_told_bound;
        let may_retire = self.may_retire();
        for worker in &self.workers {
            if !worker.has_begun {
                note(after(worker.born, settings.start_timeout.filter(|_| may_abandon)));
            }
            if !worker.has_begun || worker.phase == Phase::Starting {
                continue;
            }
            if settings.abilities.has_heartbeats {
                note(after(worker.heard, settings.heartbeat_timeout.filter(|_| may_abandon)));
            }
            if let Some(since) = worker.stopping_since.filter(|_| worker.running.is_empty()) {
                note(after(since, settings.hung_after.filter(|_| may_abandon)));
            }
            note(worker.rotation.as_ref().and_then(Rotation::out_until));
            for task in &worker.running {
                note(task.until.filter(|_| task.kept.is_some()));
                note(after(task.since, settings.stuck_after.filter(|_| !task.is_told_stuck)));
                let hung = settings.hung_after.filter(|_| may_abandon && task.has_started);
                note(after(task.since, hung));
            }
            if worker.is_ready() && worker.is_idle() && !worker.is_spare {
                note(after(worker.ready_since, settings.recycle_age));
                note(after(worker.idle_since, settings.idle_timeout.filter(|_| may_retire)));
            }
        }
        // What is over and changes nothing must not have it run in a circle.
        self.alarm = first.map(|at| at.max(now));
    }
}
