use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::io;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gonex_core::Instant;
use gonex_core::primitive::lock_std;
use gonex_core::rt::{Manual, Seam};
use gonex_runtime::Pool;
use gonex_runtime::balance::WorkerId;
use gonex_runtime::pool::kind::{Abilities, Assignment, Link, Start, Worker, WorkerKind};

/// What a simulated worker does with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deed {
    /// It runs the handler, which takes so long.
    Takes(Duration),
    /// It does not come back before it is [released](SimulatedWorkers::release).
    Hangs,
    /// It dies after so long, with all it has.
    Dies(Duration),
    /// It says nothing more, and goes on as if it ran.
    FallsSilent,
}

/// How a simulated worker starts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Beginning {
    /// It is ready after so long.
    After(Duration),
    /// It cannot be started.
    Refused,
    /// It dies after so long, before it is ready.
    Dies(Duration),
    /// It is never ready; told to go, it does.
    Never,
    /// It is not ready before it is [released](SimulatedWorkers::release), and does not go before, unless it
    /// is [mortal](SimulatedWorkers::mortal) and killed.
    Hangs,
}

type Plan<J> = dyn Fn(&J) -> Deed + Send + Sync;
type Handler<J, R> = dyn Fn(J) -> R + Send + Sync;
type Begin = dyn Fn(&Start) -> Beginning + Send + Sync;

/// Workers that take time without taking any: what they do happens when a clock is moved by hand.
///
/// All happens on the thread that moves it, in the order of time, so a test of scaling, health or
/// balancing takes microseconds and is the same each time. A pool of them is
/// [tended by hand](gonex_runtime::pool::kind::Abilities::is_tended_by_hand), which
/// [`run_for`](Self::run_for) does. Cheap to clone.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::rt::{self, Manual};
/// use gonex_runtime::Pool;
/// use gonex_testkit::worker::{Deed, SimulatedWorkers};
///
/// let manual = Manual::new();
/// rt::enter(std::sync::Arc::new(manual.clone()), || {
///     let minute = Duration::from_secs(60);
///     let workers = SimulatedWorkers::new(&manual, move |_: &u32| Deed::Takes(minute), |n| n + 1);
///     let pool = Pool::builder().workers(2.try_into().unwrap()).build_of(workers.kind()).unwrap();
///     let mut handles = [1, 2, 3].map(|n| pool.submit(n).block().unwrap());
///     workers.run_for(&pool, minute);
///     assert_eq!(handles.each_ref().map(|handle| handle.is_finished()), [true, true, false]);
///     workers.run_for(&pool, minute);
///     assert_eq!(handles[2].join().block(), Ok(4));
/// });
/// ```
pub struct SimulatedWorkers<J, R> {
    world: Arc<World<J, R>>,
}

struct World<J, R> {
    manual: Manual,
    plan: Box<Plan<J>>,
    handler: Box<Handler<J, R>>,
    begin: Box<Begin>,
    abilities: Abilities,
    beat: Option<Duration>,
    state: Mutex<State<J, R>>,
}

struct State<J, R> {
    events: BinaryHeap<Reverse<(Instant, u64, Event)>>,
    next: u64,
    workers: HashMap<WorkerId, Simulated<J, R>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Ready(WorkerId),
    Dies(WorkerId),
    Ends(WorkerId, u64),
    Beats(WorkerId),
    Goes(WorkerId),
}

struct Simulated<J, R> {
    link: Link<J, R>,
    /// With the time at which each began.
    running: HashMap<u64, (Assignment<J, R>, Instant)>,
    hanging: Vec<u64>,
    hangs_at_start: bool,
    is_stopping: bool,
    is_silent: bool,
}

impl<J: Send + 'static, R: Send + 'static> SimulatedWorkers<J, R> {
    /// Makes workers whose time is this clock's. `plan` says what becomes of a job, and `handler` is
    /// what they run at its end.
    pub fn new(
        manual: &Manual,
        plan: impl Fn(&J) -> Deed + Send + Sync + 'static,
        handler: impl Fn(J) -> R + Send + Sync + 'static,
    ) -> Self {
        let state = State { events: BinaryHeap::new(), next: 0, workers: HashMap::new() };
        let world = World {
            manual: manual.clone(),
            plan: Box::new(plan),
            handler: Box::new(handler),
            begin: Box::new(|_| Beginning::After(Duration::ZERO)),
            abilities: Abilities::new("simulated worker").tended_by_hand(),
            beat: None,
            state: Mutex::new(state),
        };
        Self { world: Arc::new(world) }
    }

    /// The same, and a worker starts as this says; by default it is ready at once.
    ///
    /// # Panics
    /// If a kind has been made already.
    #[must_use]
    pub fn beginning(self, begin: impl Fn(&Start) -> Beginning + Send + Sync + 'static) -> Self {
        self.with(|world| world.begin = Box::new(begin))
    }

    /// The same, with so many jobs at once for each worker.
    ///
    /// # Panics
    /// If a kind has been made already.
    #[must_use]
    pub fn slots(self, slots: NonZeroU32) -> Self {
        self.with(|world| world.abilities = world.abilities.slots(slots))
    }

    /// The same, and workers say so often that they are alive.
    ///
    /// # Panics
    /// If a kind has been made already.
    #[must_use]
    pub fn heartbeats(self, every: Duration) -> Self {
        self.with(|world| {
            world.abilities = world.abilities.heartbeats();
            world.beat = Some(every);
        })
    }

    /// The same, and workers end when they are killed, as processes do; by default they go on as long as
    /// they like, as threads do.
    ///
    /// # Panics
    /// If a kind has been made already.
    #[must_use]
    pub fn mortal(self) -> Self {
        self.with(|world| world.abilities = world.abilities.ends_when_killed())
    }

    fn with(mut self, change: impl FnOnce(&mut World<J, R>)) -> Self {
        let world = Arc::get_mut(&mut self.world);
        change(world.expect("it is set up before a kind is made of it"));
        self
    }

    /// What a pool is [built of](gonex_runtime::PoolBuilder::build_of).
    #[must_use]
    pub fn kind(&self) -> impl WorkerKind<J, R> + use<J, R> {
        Kind { world: self.world.clone() }
    }

    /// Moves the clock on, and does what happens meanwhile, in the order of time.
    pub fn run_for(&self, pool: &Pool<J, R>, time: Duration) {
        let until = self.world.manual.now() + time;
        self.drive(until, || pool.tend());
    }

    /// Moves the clock on, and does what happens meanwhile; `tend` does what a pool has to do now, and
    /// says when it has more.
    pub fn drive(&self, until: Instant, mut tend: impl FnMut() -> Option<Instant>) {
        loop {
            let alarm = tend();
            let event = self.world.next_event();
            let next = [alarm, event].into_iter().flatten().min();
            let now = self.world.manual.now();
            let Some(next) = next.filter(|&at| at <= until) else {
                self.world.manual.advance(until.saturating_duration_since(now));
                return;
            };
            self.world.manual.advance(next.saturating_duration_since(now));
            while let Some(event) = self.world.take_due() {
                self.world.happen(event);
            }
        }
    }

    /// Has all jobs that [hang](Deed::Hangs) come back now, and all workers begin that [do not
    /// begin](Beginning::Hangs); how many did.
    pub fn release(&self) -> usize {
        let mut hanging = Vec::new();
        for (id, worker) in &mut lock_std(&self.world.state).workers {
            hanging.extend(worker.hanging.drain(..).map(|no| Event::Ends(*id, no)));
            if std::mem::take(&mut worker.hangs_at_start) {
                let goes = worker.is_stopping;
                hanging.push(if goes { Event::Goes(*id) } else { Event::Ready(*id) });
            }
        }
        hanging.sort_unstable();
        let count = hanging.len();
        hanging.into_iter().for_each(|event| self.world.happen(event));
        count
    }

    /// How many workers there are that have not ended.
    #[must_use]
    pub fn alive(&self) -> usize {
        lock_std(&self.world.state).workers.len()
    }
}

impl<J, R> Clone for SimulatedWorkers<J, R> {
    fn clone(&self) -> Self {
        Self { world: self.world.clone() }
    }
}

impl<J, R> fmt::Debug for SimulatedWorkers<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alive = lock_std(&self.world.state).workers.len();
        f.debug_struct("SimulatedWorkers").field("alive", &alive).finish_non_exhaustive()
    }
}

impl<J: Send + 'static, R: Send + 'static> World<J, R> {
    fn plan_event(&self, after: Duration, event: Event) {
        let at = self.manual.now() + after;
        let mut state = lock_std(&self.state);
        let number = state.next;
        state.next += 1;
        state.events.push(Reverse((at, number, event)));
    }

    fn next_event(&self) -> Option<Instant> {
        lock_std(&self.state).events.peek().map(|Reverse((at, ..))| *at)
    }

    fn take_due(&self) -> Option<Event> {
        let now = self.manual.now();
        let mut state = lock_std(&self.state);
        let is_due = state.events.peek().is_some_and(|Reverse((at, ..))| *at <= now);
        is_due.then(|| state.events.pop()).flatten().map(|Reverse((.., event))| event)
    }

    /// Looks at a worker, if it has not ended.
    fn at<T>(&self, id: WorkerId, look: impl FnOnce(&mut Simulated<J, R>) -> T) -> Option<T> {
        lock_std(&self.state).workers.get_mut(&id).map(look)
    }

    fn happen(&self, event: Event) {
        match event {
            Event::Ready(id) => {
                if let Some(link) = self.at(id, |worker| worker.link.clone()) {
                    link.ready();
                    if let Some(every) = self.beat {
                        self.plan_event(every, Event::Beats(id));
                    }
                }
            }
            Event::Beats(id) => {
                let heard = self.at(id, |worker| (!worker.is_silent).then(|| worker.link.clone()));
                if let Some(Some(link)) = heard {
                    link.beat();
                    self.plan_event(self.beat.unwrap_or(Duration::MAX), Event::Beats(id));
                }
            }
            Event::Ends(id, no) => {
                let task = self.at(id, |worker| {
                    worker.running.remove(&no).map(|task| (task, worker.link.clone()))
                });
                if let Some(Some(((task, began), link))) = task {
                    link.ended(task.run(&self.handler).since(began));
                    self.go_if_done(id);
                }
            }
            Event::Dies(id) => self.end(id, Some("it was to die".to_owned())),
            Event::Goes(id) => self.end(id, None),
        }
    }

    fn go_if_done(&self, id: WorkerId) {
        let is_done = self.at(id, |worker| worker.is_stopping && worker.running.is_empty());
        if is_done == Some(true) {
            self.end(id, None);
        }
    }

    fn end(&self, id: WorkerId, cause: Option<String>) {
        let ended = lock_std(&self.state).workers.remove(&id);
        if let Some(worker) = ended {
            worker.link.gone(cause);
        }
    }
}

/// The kind of [`SimulatedWorkers`].
struct Kind<J, R> {
    world: Arc<World<J, R>>,
}

impl<J: Send + 'static, R: Send + 'static> WorkerKind<J, R> for Kind<J, R> {
    fn abilities(&self) -> Abilities {
        self.world.abilities
    }

    fn start(&self, start: &Start, link: Link<J, R>) -> io::Result<Arc<dyn Worker<J, R>>> {
        let id = start.id;
        let beginning = (self.world.begin)(start);
        let hangs_at_start = beginning == Beginning::Hangs;
        let planned = match beginning {
            Beginning::After(time) => Some((time, Event::Ready(id))),
            Beginning::Dies(time) => Some((time, Event::Dies(id))),
            Beginning::Never | Beginning::Hangs => None,
            Beginning::Refused => return Err(io::Error::other("it was not to start")),
        };
        let worker = Simulated {
            link,
            running: HashMap::new(),
            hanging: Vec::new(),
            hangs_at_start,
            is_stopping: false,
            is_silent: false,
        };
        lock_std(&self.world.state).workers.insert(id, worker);
        if let Some((time, event)) = planned {
            self.world.plan_event(time, event);
        }
        Ok(Arc::new(Way { world: self.world.clone(), id }))
    }
}

/// The way to a simulated worker.
struct Way<J, R> {
    world: Arc<World<J, R>>,
    id: WorkerId,
}

impl<J: Send + 'static, R: Send + 'static> Worker<J, R> for Way<J, R> {
    fn assign(&self, assignment: Assignment<J, R>) {
        let (no, deed) = (assignment.no().get(), (self.world.plan)(assignment.job()));
        let (mut left, now) = (Some(assignment), self.world.manual.now());
        self.world.at(self.id, |worker| {
            worker.running.extend(left.take().map(|assignment| (no, (assignment, now))));
            match deed {
                Deed::Hangs => worker.hanging.push(no),
                Deed::FallsSilent => worker.is_silent = true,
                Deed::Takes(_) | Deed::Dies(_) => {}
            }
        });
        // One that has ended takes nothing.
        drop(left);
        match deed {
            Deed::Takes(time) => self.world.plan_event(time, Event::Ends(self.id, no)),
            Deed::Dies(time) => self.world.plan_event(time, Event::Dies(self.id)),
            Deed::Hangs | Deed::FallsSilent => {}
        }
    }

    fn stop(&self) {
        let is_done = self.world.at(self.id, |worker| {
            worker.is_stopping = true;
            worker.running.is_empty() && !worker.hangs_at_start
        });
        if is_done == Some(true) {
            self.world.plan_event(Duration::ZERO, Event::Goes(self.id));
        }
    }

    fn kill(&self) {
        if self.world.abilities.ends_when_killed {
            self.world.plan_event(Duration::ZERO, Event::Goes(self.id));
        } else {
            self.stop();
        }
    }
}
