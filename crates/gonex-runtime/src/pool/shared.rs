use std::fmt;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use gonex_core::primitive::{Mutex, discard, lock, lock_std, wake};
use gonex_core::{Instant, Stop, rt};
use gonex_sync::{BroadcastSender, Semaphore, SemaphorePermit};
use gonex_task::handle::{AskedToStop, Completer, Runner};
use gonex_task::{PanicHook, TaskError, drop_unwanted};

use super::events::{PoolEvent, What};
use super::keeper::Keeper;
use super::kind::{Assignment, Finished, Link, Reports, Start, TaskNo, Worker, WorkerKind};
use super::profile::Profile;
use super::scaling::{Decision, Machine, ScalingMetrics, ScalingPolicy};
use super::state::{Action, Actions, How, Payload, Ran, State};
use super::status::WorkerStatus;
use super::watch::Watchers;
use crate::balance::WorkerId;

/// A place in the queue, given back when it is dropped.
pub(super) type Room = SemaphorePermit<Arc<Semaphore>>;

/// A task of a pool, before it is given to a worker.
pub(super) struct Item<J, R> {
    pub(super) job: J,
    pub(super) completer: Completer<R>,
    /// `None` for what takes no place in the queue.
    pub(super) room: Option<Room>,
}

impl<J, R> Payload for Item<J, R> {
    type Sent = (J, Runner<R>, Option<Room>);
    type Kept = Completer<R>;
    type Worker = Arc<dyn Worker<J, R>>;

    fn split(self) -> (Self::Sent, Completer<R>) {
        let (runner, completer) = self.completer.split();
        ((self.job, runner, self.room), completer)
    }

    fn called(kept: &Completer<R>) -> String {
        kept.called()
    }

    fn stopped(&self) -> Option<Stop> {
        self.completer.stopped()
    }
}

/// Whether a worker is well, as the user sees it.
pub(super) type Check = dyn Fn(&WorkerStatus) -> Result<(), String> + Send + Sync;

/// What runs a job of whoever hands it in, when the queue is full.
pub(super) type Caller<J, R> = dyn Fn(J) -> R + Send + Sync;

/// What all parts of a pool share: its state under a lock, and what carries out what that decides.
///
/// # Deadlock safety
/// Under the lock there is the [`State`], which waits for nothing and calls nobody, but for the
/// balancer, which is told to do the same. All else, that of users above all, runs outside: jobs and
/// results are dropped there, wakers woken, workers started and told.
pub(super) struct Shared<J, R> {
    pub(super) locked: Mutex<Locked<J, R>>,
    kind: Box<dyn WorkerKind<J, R>>,
    pub(super) room: Arc<Semaphore>,
    pub(super) name: String,
    pub(super) hook: PanicHook,
    pub(super) at_full: AtFull,
    pub(super) caller: Option<Box<Caller<J, R>>>,
    pub(super) events: BroadcastSender<PoolEvent>,
    profile: Option<Profile>,
    policy: std::sync::Mutex<Option<Box<dyn ScalingPolicy>>>,
    machine: std::sync::Mutex<Machine>,
    check: std::sync::Mutex<Option<Arc<Check>>>,
    /// Itself, for those who work for it.
    pub(super) own: std::sync::Weak<Self>,
    pub(super) is_tended_by_hand: bool,
}

/// What happens to a task for which there is no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AtFull {
    /// Whoever hands it in waits.
    #[default]
    Wait,
    /// It is refused: [`SubmitError::Full`](super::SubmitError::Full).
    Refuse,
    /// The task that has waited longest gives way: its handle yields
    /// [`TaskError::Refused`].
    DropOldest,
}

/// What is under the lock.
pub(super) struct Locked<J, R> {
    pub(super) state: State<Item<J, R>>,
    pub(super) keeper: Keeper,
    pub(super) watchers: Watchers,
    /// Why a worker could not be started, for who builds the pool.
    pub(super) start_error: Option<io::Error>,
}

/// What a pool is made of.
pub(super) struct Parts<J, R> {
    pub(super) state: State<Item<J, R>>,
    pub(super) kind: Box<dyn WorkerKind<J, R>>,
    pub(super) capacity: usize,
    pub(super) name: String,
    pub(super) hook: PanicHook,
    pub(super) at_full: AtFull,
    pub(super) caller: Option<Box<Caller<J, R>>>,
    pub(super) policy: Option<Box<dyn ScalingPolicy>>,
    pub(super) check: Option<Arc<Check>>,
    pub(super) profile: Option<Profile>,
}

/// How many events wait for who listens; of more, the oldest are missed.
const EVENTS: usize = 1024;

impl<J: Send + 'static, R: Send + 'static> Shared<J, R> {
    pub(super) fn new(parts: Parts<J, R>) -> Arc<Self> {
        let Parts { state, kind, capacity, name, hook, at_full, caller, .. } = parts;
        let Parts { policy, check, profile, .. } = parts;
        let is_tended_by_hand = kind.abilities().is_tended_by_hand;
        let locked = Locked {
            state,
            keeper: Keeper::default(),
            watchers: Watchers::default(),
            start_error: None,
        };
        Arc::new_cyclic(|own| Self {
            locked: Mutex::new(locked),
            kind,
            room: Arc::new(Semaphore::new(capacity)),
            name,
            hook,
            at_full,
            caller,
            events: BroadcastSender::new(EVENTS),
            profile,
            policy: std::sync::Mutex::new(policy),
            machine: std::sync::Mutex::new(Machine::default()),
            check: std::sync::Mutex::new(check),
            own: own.clone(),
            is_tended_by_hand,
        })
    }

    /// How many tasks a worker runs at once.
    pub(super) fn slots_per_worker(&self) -> usize {
        self.kind.abilities().slots.get() as usize
    }

    /// Looks at the state.
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut State<Item<J, R>>) -> T) -> T {
        look(&mut lock(&self.locked).state)
    }

    /// Changes the state, and carries out what comes of it.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut State<Item<J, R>>, Instant, &mut Actions<Item<J, R>>) -> T,
    ) -> T {
        let now = rt::now();
        let mut actions = Actions::new();
        let output = self.change_at(now, &mut actions, change);
        self.act(actions);
        output
    }

    fn change_at<T>(
        &self,
        now: Instant,
        actions: &mut Actions<Item<J, R>>,
        change: impl FnOnce(&mut State<Item<J, R>>, Instant, &mut Actions<Item<J, R>>) -> T,
    ) -> T {
        let mut locked = lock(&self.locked);
        let output = change(&mut locked.state, now, actions);
        let Locked { state, keeper, .. } = &mut *locked;
        let is_early =
            !self.is_tended_by_hand && state.alarm().is_some_and(|at| keeper.is_too_late_for(at));
        let called = if is_early { Some(keeper.call(state.alarm())) } else { None };
        drop(locked);
        if let Some(called) = called {
            self.wake_keeper(called);
        }
        output
    }

    fn wake_keeper(&self, called: super::keeper::Called) {
        use super::keeper::Called;
        match called {
            Called::Waker(waker) => wake(waker),
            Called::ToBeStarted => {
                let weak = self.own.clone();
                let name = format!("{}-keeper", self.name);
                let thread = rt::spawn_thread(name, move || super::keeper::keep(&weak)).ok();
                let mut locked = lock(&self.locked);
                // Without a thread it is tried again with the next change.
                let left = locked.keeper.started(thread);
                drop(locked);
                drop(left);
            }
            Called::Soon => {}
        }
    }

    /// Does what is due.
    pub(super) fn tend(&self) -> Option<Instant> {
        self.change(|state, now, out| {
            if state.alarm().is_some_and(|at| at <= now) {
                state.tick(now, out);
            }
        });
        self.look(|state| state.alarm())
    }

    /// The lock, for the keeper.
    pub(super) fn locked<T>(&self, look: impl FnOnce(&mut Locked<J, R>) -> T) -> T {
        look(&mut lock(&self.locked))
    }

    /// Carries out, in order. What comes of that is carried out afterwards, so nothing grows on the stack.
    fn act(&self, actions: Actions<Item<J, R>>) {
        if actions.is_empty() {
            return;
        }
        let mut next = actions;
        while !next.is_empty() {
            let mut more = Actions::new();
            for action in next {
                self.carry_out(action, &mut more);
            }
            next = more;
        }
    }

    fn carry_out(&self, action: Action<Item<J, R>>, more: &mut Actions<Item<J, R>>) {
        match action {
            Action::End { kept, error } => kept.complete(Err(error)),
            Action::Drop { payload, error } => end_unstarted(payload, error),
            Action::Cancel { kept, error } => {
                if let TaskError::Cancelled(cause) = &error {
                    kept.cancel(cause.clone());
                }
                kept.complete(Err(error));
            }
            Action::Assign { worker, no, sent, until } => {
                let (job, runner, room) = sent;
                let assignment = Assignment::new(TaskNo(no), job, runner);
                guarded(|| worker.assign(assignment.of_pool(until, self.hook)));
                drop(room);
            }
            Action::Start { worker, slot, name, node } => {
                self.start(&Start::new(worker, slot, name).on_node(node), more);
            }
            Action::Stop { worker } => guarded(|| worker.stop()),
            Action::Kill { worker } => guarded(|| worker.kill()),
            Action::Forget { worker } => guarded(|| drop(worker)),
            Action::Tell(what) => self.tell(what),
            Action::AskPolicy(metrics) => self.ask_policy(*metrics, more),
            Action::AskHealth => self.ask_health(more),
            Action::Wake => {
                let wakers = lock(&self.locked).watchers.take();
                wakers.for_each(wake);
            }
        }
    }

    pub(super) fn tell(&self, what: What) {
        if matches!(what, What::Broken { .. }) {
            self.room.close();
        }
        // For the first who listens there is a channel already; without any, nothing is kept.
        drop(self.events.try_send(PoolEvent { at: rt::now(), what }));
    }

    fn start(&self, start: &Start, more: &mut Actions<Item<J, R>>) {
        let Some(own) = self.own.upgrade() else { return };
        let id = start.id;
        let link = Link::new(own, id);
        let started = panic::catch_unwind(AssertUnwindSafe(|| self.kind.start(start, link)));
        let now = rt::now();
        let failed = match started {
            Ok(Ok(worker)) => {
                return self.change_at(now, more, |state, now, out| {
                    state.attach(id, worker, now, out);
                });
            }
            Ok(Err(error)) => {
                let failed = format!("it could not be started: {error}");
                self.locked(|locked| locked.start_error.get_or_insert(error).kind());
                failed
            }
            Err(payload) => {
                discard(payload);
                "it could not be started: its kind panicked".to_owned()
            }
        };
        self.change_at(now, more, |state, now, out| state.start_failed(id, &failed, now, out));
    }

    fn ask_policy(&self, mut metrics: ScalingMetrics, more: &mut Actions<Item<J, R>>) {
        // Taken out, so that it is asked under no lock.
        let asked = lock_std(&self.policy).take();
        let Some(mut asked) = asked else { return };
        let decide = || {
            if asked.wants_machine() {
                lock_std(&self.machine).look(&mut metrics);
            }
            asked.decide(&metrics)
        };
        let decided = panic::catch_unwind(AssertUnwindSafe(decide));
        if decided.is_ok() {
            *lock_std(&self.policy) = Some(asked);
        } else {
            drop_unwanted(asked);
        }
        match decided {
            Ok(Decision::Stay) => {}
            Ok(Decision::To { workers, reason }) => {
                // Time has passed while it thought.
                self.change_at(rt::now(), more, |state, now, out| {
                    state.scale_to(workers, &reason, now, out);
                });
            }
            Err(payload) => {
                discard(payload);
                let reason = "the scaling policy panicked, and is asked no more".to_owned();
                self.tell(What::Fault { reason });
            }
        }
    }

    fn ask_health(&self, more: &mut Actions<Item<J, R>>) {
        let now = rt::now();
        let check = lock_std(&self.check).clone();
        let (workers, limit) = self.look(|state| (state.checked(now), state.memory_limit()));
        for (status, worker) in workers {
            let asked = check
                .as_ref()
                .map(|check| panic::catch_unwind(AssertUnwindSafe(|| check(&status))));
            let well = match asked {
                None => Ok(()),
                Some(Ok(well)) => well,
                Some(Err(payload)) => {
                    discard(payload);
                    *lock_std(&self.check) = None;
                    let reason = "the health check panicked, and is asked no more".to_owned();
                    return self.tell(What::Fault { reason });
                }
            };
            let used = limit.and_then(|limit| worker.memory().filter(|&used| used > limit));
            let reason = match (well, used, limit) {
                (Err(reason), ..) => Some(reason),
                (Ok(()), Some(used), Some(limit)) => {
                    Some(format!("it uses {used} bytes of memory, and may use {limit}"))
                }
                (Ok(()), ..) => None,
            };
            // Time may have passed meanwhile.
            self.change_at(rt::now(), more, |state, now, out| {
                state.judge(status.id, reason, now, out);
            });
        }
    }
}

/// What workers tell.
impl<J: Send + 'static, R: Send + 'static> Reports<R> for Shared<J, R> {
    fn ready(&self, worker: WorkerId) {
        self.change(|state, now, out| state.ready(worker, now, out));
    }

    fn started(&self, worker: WorkerId, task: TaskNo) {
        self.change(|state, now, _| state.started(worker, task.0, now));
    }

    fn beat(&self, worker: WorkerId) {
        self.change(|state, now, _| state.beat(worker, now));
    }

    fn ended(&self, worker: WorkerId, finished: Finished<R>) {
        let Finished { no, began, runner, result } = finished;
        let ran = Ran { no: no.0, began, how: How::of(&result) };
        let (mut actions, now) = (Actions::new(), rt::now());
        let ended =
            self.change_at(now, &mut actions, |state, now, out| state.ended(worker, ran, now, out));
        let kept = ended.map(|(kept, kind)| {
            if let Some(profile) = &self.profile
                && ran.how == How::Completed
            {
                profile.record(kind, worker, now.saturating_duration_since(ran.began));
            }
            kept
        });
        // The result first: somebody waits for it.
        match (kept, runner) {
            (Some(kept), Some(runner)) => kept.complete_after(runner, result),
            (Some(kept), None) => kept.complete(result),
            (None, runner) => {
                drop_unwanted(result);
                drop(runner);
            }
        }
        self.act(actions);
    }

    fn warned(&self, _: WorkerId, of: String) {
        self.look(|state| state.note(of));
    }

    fn gone(&self, worker: WorkerId, cause: Option<String>) {
        self.change(|state, now, out| state.gone(worker, cause, now, out));
    }
}

/// Tasks that nobody wants leave the queue, and make room.
impl<J: Send + 'static, R: Send + 'static> AskedToStop for Shared<J, R> {
    fn asked_to_stop(&self) {
        self.change(State::asked_to_stop);
    }
}

/// Writes the end of a task that never ran. What the job holds is the task's, and so are its
/// destructors.
pub(super) fn end_unstarted<J, R: Send + 'static>(item: Item<J, R>, error: TaskError) {
    let Item { job, completer, room } = item;
    completer.drop_inside(job);
    completer.complete(Err(error));
    drop(room);
}

/// Calls a worker of whoever's kind; a panic in it is left to the panic hook.
fn guarded(call: impl FnOnce()) {
    panic::catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(discard);
}

impl<J, R> Drop for Shared<J, R> {
    fn drop(&mut self) {
        // A keeper that nobody has ended sees that there is nothing to keep any more.
        let (thread, waker) = lock(&self.locked).keeper.end();
        waker.into_iter().for_each(wake);
        drop(thread);
    }
}

impl<J, R> fmt::Debug for Shared<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("name", &self.name).finish_non_exhaustive()
    }
}
