use std::time::Duration;

use gonex_core::{Instant, Stop};

use super::action::{Action, Actions};
use super::counts::{SlotCounts, Totals};
use super::load::Load;
use super::queue::Queue;
use super::restarts::Restarts;
use super::settings::Settings;
use super::worker::{Abandoned, Worker};
use crate::balance::{Checked, WorkerId, WorkerView};
use crate::pool::events::What;

/// What a task is made of, and how its worker is reached.
pub(crate) trait Payload: Sized {
    /// What goes to the worker.
    type Sent;
    /// What stays here until the task has ended, and writes its result.
    type Kept;
    /// The way to a worker.
    type Worker: Clone;

    /// Divides it, at the moment at which it is given to a worker. Moves, and nothing else.
    fn split(self) -> (Self::Sent, Self::Kept);

    /// What reports call the task.
    fn called(kept: &Self::Kept) -> String;

    /// Why nobody wants it any more, if that is so. Looks, and nothing else.
    fn stopped(&self) -> Option<Stop>;
}

/// What a pool knows, and decides: see [the module](super).
pub(crate) struct State<P: Payload> {
    pub(super) settings: Settings,
    pub(super) queue: Queue<P>,
    /// In the order of ids, which is that of coming.
    pub(super) workers: Vec<Worker<P>>,
    /// Those that can take something, whoever was last first: it is still warm. Each is in it once at most,
    /// and none that is gone.
    pub(super) free: Vec<WorkerId>,
    pub(super) abandoned: Vec<Abandoned>,
    pub(super) slots: Vec<SlotCounts>,
    pub(super) restarts: Restarts,
    pub(super) balancer: Option<Checked>,
    /// Used again and again, so that choosing allocates nothing.
    pub(super) views: Vec<WorkerView>,
    pub(super) load: Load,
    pub(super) totals: Totals,
    /// How many workers there should be.
    pub(super) target: usize,
    pub(super) next_worker: u64,
    pub(super) next_task: u64,
    /// How many tasks were asked to stop since the last sweep; some of them ran.
    pub(super) asked_to_stop: usize,
    /// Before that the queue is not swept on suspicion.
    pub(super) next_sweep: Instant,
    pub(super) is_paused: bool,
    pub(super) is_closed: bool,
    /// When what has not ended is given up.
    pub(super) deadline: Option<Instant>,
    /// When workers are left behind that were told to go then, and have not.
    pub(super) last_call: Option<Instant>,
    /// Why no worker is left, and none will come.
    pub(super) broken: Option<String>,
    /// What does not work as it was asked for.
    pub(super) notes: Vec<String>,
    pub(super) next_scaling: Option<Instant>,
    pub(super) next_check: Option<Instant>,
    pub(super) alarm: Option<Instant>,
    /// Whether somebody wants to be woken when the pool is idle or has ended.
    pub(super) is_watched: bool,
    /// Whether it was told that too many workers have been given up.
    pub(super) is_told_bound: bool,
    /// How many tasks had not started, and how many ran, when the time of the pool was over.
    pub(super) given_up: (u64, u64),
}

impl<P: Payload> State<P> {
    pub(crate) fn new(settings: Settings, balancer: Option<Checked>, now: Instant) -> Self {
        let mut notes = Vec::new();
        if settings.memory_limit.is_some() && !settings.abilities.tells_memory {
            notes.push(format!(
                "workers cannot be evicted above a memory limit: the memory of a {} cannot be told from \
                 that of the process; take processes for that",
                settings.abilities.called
            ));
        }
        let mut state = Self {
            queue: Queue::new(now, settings.ageing, settings.drops_oldest),
            workers: Vec::new(),
            free: Vec::new(),
            abandoned: Vec::new(),
            slots: Vec::new(),
            restarts: Restarts::new(settings.restart),
            balancer,
            views: Vec::new(),
            load: Load::new(now),
            totals: Totals::default(),
            target: settings.initial,
            next_worker: 1,
            next_task: 1,
            asked_to_stop: 0,
            next_sweep: now,
            is_paused: false,
            is_closed: false,
            deadline: None,
            last_call: None,
            broken: None,
            notes,
            next_scaling: None,
            next_check: None,
            alarm: None,
            is_watched: false,
            is_told_bound: false,
            given_up: (0, 0),
            settings,
        };
        let after = |interval: Option<Duration>| interval.and_then(|every| now.checked_add(every));
        state.next_scaling = after(state.settings.scaling_interval);
        state.next_check = after(state.settings.check_interval);
        state.alarm_at(state.next_scaling);
        state.alarm_at(state.next_check);
        state
    }

    /// Has the first workers started.
    pub(crate) fn begin(&mut self, now: Instant, out: &mut Actions<P>) {
        self.reconcile(now, out);
    }

    /// When [`tick`](Self::tick) is to be called at the latest.
    pub(crate) fn alarm(&self) -> Option<Instant> {
        self.alarm
    }

    pub(super) fn alarm_at(&mut self, at: Option<Instant>) {
        if let Some(at) = at
            && self.alarm.is_none_or(|alarm| at < alarm)
        {
            self.alarm = Some(at);
        }
    }

    /// The position of a worker.
    #[inline]
    pub(super) fn position(&self, id: WorkerId) -> Option<usize> {
        self.workers.binary_search_by_key(&id, |worker| worker.id).ok()
    }

    pub(super) fn name_of(&self, slot: usize) -> String {
        format!("{}-{slot}", self.settings.name)
    }

    /// Begins no more tasks; those that run go on.
    pub(crate) fn pause(&mut self, out: &mut Actions<P>) {
        if !std::mem::replace(&mut self.is_paused, true) {
            out.push(Action::Tell(What::Paused));
        }
    }

    pub(crate) fn resume(&mut self, now: Instant, out: &mut Actions<P>) {
        if std::mem::replace(&mut self.is_paused, false) {
            out.push(Action::Tell(What::Resumed));
            for at in 0..self.workers.len() {
                self.fill(at, now, out);
            }
            self.settle(now, out);
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// Takes no more tasks. Whoever drives it hands in none after that.
    pub(crate) fn close(&mut self, now: Instant, out: &mut Actions<P>) {
        if !std::mem::replace(&mut self.is_closed, true) {
            out.push(Action::Tell(What::Closed));
            self.end_rotation(now, out);
            self.end_if_alone(now, out);
            self.settle(now, out);
        }
    }

    /// Closes, and gives up at a time what has not ended by then.
    pub(crate) fn close_by(&mut self, deadline: Instant, now: Instant, out: &mut Actions<P>) {
        self.deadline = Some(self.deadline.map_or(deadline, |known| known.min(deadline)));
        self.alarm_at(self.deadline);
        self.resume(now, out);
        self.close(now, out);
        if deadline <= now {
            self.give_up(now, out);
        }
    }

    /// Whether nothing waits and nothing runs.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.load.running() == 0
    }

    /// Whether no worker is left, and none will come; workers that were given up do not count.
    pub(crate) fn has_ended(&self) -> bool {
        self.is_closed && self.workers.is_empty()
    }

    /// How many tasks had not started, and how many ran, when the time of the pool was over.
    pub(crate) fn given_up(&self) -> (u64, u64) {
        self.given_up
    }

    /// Says whether somebody waits for the pool to be idle or to have ended.
    pub(crate) fn watch(&mut self, is_watched: bool) {
        self.is_watched = is_watched;
    }

    /// Has workers leave when all is done after the close, and wakes who waits for that.
    pub(super) fn settle(&mut self, now: Instant, out: &mut Actions<P>) {
        if !self.is_idle() {
            return;
        }
        if self.is_closed {
            self.restarts.coming.clear();
            self.target = 0;
            for at in (0..self.workers.len()).rev() {
                self.leave(at, crate::pool::events::Leaving::Closed, now, out);
            }
        } else {
            // The last one may have stayed for what waited.
            self.wake_idle(now);
        }
        self.wake(out);
    }

    pub(super) fn wake(&mut self, out: &mut Actions<P>) {
        if std::mem::take(&mut self.is_watched) {
            out.push(Action::Wake);
        }
    }
}
