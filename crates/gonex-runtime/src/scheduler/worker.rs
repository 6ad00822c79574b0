use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use gonex_core::primitive::discard;
use gonex_core::rt::{self, Blocked, Compensate, Policy, Spin};
use gonex_task::Job;
use scoped_tls::scoped_thread_local;

use super::idle::Seat;
use super::lane::Lane;
use super::queues::Core;
use super::scheduler::Scheduler;

scoped_thread_local!(
    /// What this thread is to its scheduler.
    static WORKER: Worker
);

struct Worker {
    scheduler: Arc<Scheduler>,
    /// `None` beside the cores, and while it is blocked.
    core: RefCell<Option<Core>>,
    /// Whether there is one: asked at each job.
    has_core: Cell<bool>,
    /// The index of the core it had last.
    index: Cell<usize>,
}

impl Worker {
    fn put_core(&self, core: Core) {
        self.index.set(core.index);
        self.has_core.set(true);
        let none = self.core.replace(Some(core));
        debug_assert!(none.is_none(), "a thread has one core");
    }

    fn take_core(&self) -> Option<Core> {
        self.has_core.set(false);
        self.core.take()
    }

    fn has_core(&self) -> bool {
        self.has_core.get()
    }

    fn core_index(&self) -> Option<usize> {
        self.has_core.get().then(|| self.index.get())
    }

    /// Asks the queues for a job on behalf of the core, if there is one.
    fn ask(&self, ask: impl FnOnce(&Core) -> Option<Job>) -> Option<Job> {
        self.core.borrow().as_ref().and_then(ask)
    }
}

/// Lends the core of this thread, if it has one of this scheduler.
pub(super) fn with_core<R>(scheduler: &Arc<Scheduler>, body: impl FnOnce(Option<&Core>) -> R) -> R {
    if !WORKER.is_set() {
        return body(None);
    }
    WORKER.with(|worker| match Arc::ptr_eq(&worker.scheduler, scheduler) {
        true => body(worker.core.borrow().as_ref()),
        false => body(None),
    })
}

/// What a thread does from its start to its end.
pub(super) fn run(scheduler: &Arc<Scheduler>, core: Option<Core>, number: usize) {
    let worker = Worker {
        scheduler: scheduler.clone(),
        core: RefCell::default(),
        has_core: Cell::new(false),
        index: Cell::new(0),
    };
    WORKER.set(&worker, || {
        let seat = Seat::new();
        let policy: Arc<dyn Compensate> =
            Arc::new(LayDown { scheduler: scheduler.clone(), beyond: false });
        let mut next = core;
        while let Some(core) = next.or_else(|| wait(scheduler, &seat)) {
            worker.put_core(core);
            rt::with_policy(Policy::Compensate(policy.clone()), || {
                let searching = Cell::new(true);
                // After a job that has thrown something the thread goes on as after any other.
                while !surviving(|| work(&worker, &seat, &searching)) && keep_core(&worker, &seat) {
                }
            });
            next = None;
        }
    });
    scheduler.thread_ends(number);
}

/// Waits to be handed a core; `None` when the thread is to end.
fn wait(scheduler: &Arc<Scheduler>, seat: &Arc<Seat<Core>>) -> Option<Core> {
    if scheduler.is_closing() && scheduler.idle.leave(seat, false) {
        return None;
    }
    let mut until = rt::now().checked_add(scheduler.config.keep_alive);
    loop {
        let handed = rt::block(|cx| match seat.poll(cx) {
            std::task::Poll::Ready(handed) => Blocked::Done(Some(handed)),
            std::task::Poll::Pending => match until {
                Some(at) if at <= rt::now() => Blocked::Done(None),
                _ => Blocked::Until(until),
            },
        });
        if let Some(handed) = handed {
            return handed;
        }
        if scheduler.idle.leave(seat, true) {
            return None;
        }
        // It has been handed one at the last moment, or belongs to those that stay.
        until = None;
    }
}

/// Runs jobs until there are none, or the core is needed elsewhere: then the thread is in its seat.
/// Whether it searches is told by the cell, and told to it.
fn work(worker: &Worker, seat: &Arc<Seat<Core>>, searching: &Cell<bool>) {
    let scheduler = &worker.scheduler;
    let Scheduler { queues, idle, .. } = &**scheduler;
    loop {
        let job = match worker.ask(|core| queues.next(core)) {
            Some(job) => job,
            None => {
                if !searching.replace(true) {
                    idle.begin_search();
                }
                match search(worker) {
                    Some(job) => job,
                    None if retire(worker, seat) => return,
                    None => continue,
                }
            }
        };
        if searching.get() {
            searching.set(false);
            if idle.end_search() && queues.any() {
                scheduler.have_taken_up();
            }
        }
        if let Some(core) = &*worker.core.borrow() {
            look_again_if_moved(scheduler, &core.lane);
        }
        run_job(scheduler, Some(worker), job);
        if !keep_core(worker, seat) {
            return;
        }
    }
}

/// Looks for a job at the other cores, for a moment.
fn search(worker: &Worker) -> Option<Job> {
    let mut spin = Spin::new();
    loop {
        let found = worker.ask(|core| worker.scheduler.queues.search(core));
        if found.is_some() || !spin.turn() {
            return found;
        }
    }
}

/// Lays the core down after a search in vain. Whether the thread is in its seat now.
fn retire(worker: &Worker, seat: &Arc<Seat<Core>>) -> bool {
    let Scheduler { queues, idle, .. } = &*worker.scheduler;
    let Some(core) = worker.take_core() else { return true };
    idle.retire(core, seat);
    // What was queued meanwhile, by somebody who saw this thread search.
    if queues.any()
        && let Some(core) = idle.go_on(seat)
    {
        worker.put_core(core);
        return false;
    }
    true
}

/// Whether the thread has a core for the next job; else it is in its seat.
fn keep_core(worker: &Worker, seat: &Arc<Seat<Core>>) -> bool {
    let idle = &worker.scheduler.idle;
    if worker.has_core() && !idle.is_overbooked() {
        return true;
    }
    let core = match worker.take_core() {
        Some(core) => idle.make_room(core, seat),
        None => idle.end_beside(seat),
    };
    let keeps = core.is_some();
    core.into_iter().for_each(|core| worker.put_core(core));
    keeps
}

/// Runs the jobs of a scope that this thread has opened and now waits for.
pub(super) fn run_own(scheduler: &Arc<Scheduler>, lane: &Lane) {
    let is_own = WORKER.is_set() && WORKER.with(|worker| Arc::ptr_eq(&worker.scheduler, scheduler));
    if is_own {
        let work = |worker: &Worker| {
            while may_go_on(worker)
                && let Some(job) = lane.pop()
            {
                look_again_if_moved(scheduler, lane);
                run_job(scheduler, Some(worker), job);
            }
        };
        while !surviving(|| WORKER.with(work)) {}
        return;
    }
    struct Gone<'a>(&'a Scheduler);
    impl Drop for Gone<'_> {
        fn drop(&mut self) {
            self.0.guests.fetch_sub(1, Ordering::SeqCst);
        }
    }
    // Before it takes a job: whoever finds none queued finds this.
    scheduler.guests.fetch_add(1, Ordering::SeqCst);
    let _gone = Gone(scheduler);
    let work = || {
        while let Some(job) = lane.pop() {
            look_again_if_moved(scheduler, lane);
            run_job(scheduler, None, job);
        }
    };
    while !surviving(work) {}
}

/// Has somebody look again who may have looked for jobs just while a lane's owner moved them: before the
/// owner runs one, for as long as that may take.
#[inline]
fn look_again_if_moved(scheduler: &Arc<Scheduler>, lane: &Lane) {
    if lane.has_moved() {
        scheduler.have_taken_up();
    }
}

/// Whether a thread that waits for its own scope may run another of the scope's jobs: it has a core, and
/// that is not needed for others first.
fn may_go_on(worker: &Worker) -> bool {
    let Scheduler { queues, idle, .. } = &*worker.scheduler;
    let core = worker.core.borrow();
    core.as_ref().is_some_and(|core| !idle.is_overbooked() && !queues.others_first(core))
}

#[inline]
fn run_job(scheduler: &Scheduler, worker: Option<&Worker>, job: Job) {
    let ended = |completed| {
        scheduler.count(worker.and_then(Worker::core_index), completed);
    };
    job.run(scheduler.config.hook, &ended);
}

/// Runs jobs. Whether none of them has thrown anything: tasks catch their own panics; this is for what
/// a destructor may throw all the same.
fn surviving(body: impl FnOnce()) -> bool {
    panic::catch_unwind(AssertUnwindSafe(body)).map_err(discard).is_ok()
}

/// Lays the core of a thread down while it is parked.
#[derive(Debug)]
struct LayDown {
    scheduler: Arc<Scheduler>,
    /// Whether the bound is not for this wait.
    beyond: bool,
}

/// Runs a wait that must not fail, for what has been told to stop: the bound is not for it. On other
/// threads than those of a scheduler it just waits.
pub(crate) fn wait_beyond_the_bound(wait: impl FnOnce()) {
    struct Within<'a>(&'a Scheduler);
    impl Drop for Within<'_> {
        fn drop(&mut self) {
            self.0.idle.goes_beyond(false);
        }
    }
    if !WORKER.is_set() {
        return rt::with_policy(Policy::Allowed, wait);
    }
    let scheduler = WORKER.with(|worker| worker.scheduler.clone());
    scheduler.idle.goes_beyond(true);
    let _within = Within(&scheduler);
    let lay_down = LayDown { scheduler: scheduler.clone(), beyond: true };
    rt::with_policy(Policy::Compensate(Arc::new(lay_down)), wait);
}

impl Compensate for LayDown {
    fn blocking(&self) {
        let Scheduler { queues, idle, .. } = &*self.scheduler;
        let blocked = idle.block(WORKER.with(Worker::take_core));
        if blocked > idle.max_blocked()
            && !self.beyond
            && let Some(stalled) = self.scheduler.at_bound(blocked)
        {
            self.resumed();
            panic::resume_unwind(Box::new(stalled));
        }
        if queues.any() {
            self.scheduler.have_taken_up();
        }
    }

    fn resumed(&self) {
        WORKER.with(|worker| {
            let mine = worker.index.get();
            if let Some(core) = self.scheduler.idle.resume(|core| core.index == mine) {
                worker.put_core(core);
            }
        });
        self.scheduler.below_bound();
    }
}
