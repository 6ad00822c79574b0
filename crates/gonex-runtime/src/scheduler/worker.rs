use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use gonex_core::primitive::discard;
use gonex_core::rt::{self, Blocked, Compensate, Policy, Spin};
use gonex_task::Job;

use super::idle::Seat;
use super::queues::Core;
use super::scheduler::Scheduler;

thread_local! {
    /// What this thread is to its scheduler.
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

struct Worker {
    scheduler: Arc<Scheduler>,
    /// `None` beside the cores, and while it is blocked.
    core: Option<Core>,
    /// The index of the core it had last.
    index: usize,
}

/// Lends the core of this thread, if it has one of this scheduler.
pub(super) fn with_core<R>(scheduler: &Arc<Scheduler>, body: impl FnOnce(Option<&Core>) -> R) -> R {
    let mut body = Some(body);
    let mut take = || body.take().expect("it is called once");
    let called = WORKER.try_with(|worker| match &*worker.borrow() {
        Some(worker) if Arc::ptr_eq(&worker.scheduler, scheduler) => take()(worker.core.as_ref()),
        _ => take()(None),
    });
    // A thread that ends has no such variable any more.
    called.unwrap_or_else(|_| take()(None))
}

fn with_own<R>(body: impl FnOnce(&mut Worker) -> R) -> R {
    WORKER.with_borrow_mut(|worker| body(worker.as_mut().expect("this is a worker's thread")))
}

fn put_core(core: Core) {
    with_own(|worker| {
        worker.index = core.index;
        worker.core = Some(core);
    });
}

/// What a thread does from its start to its end.
pub(super) fn run(scheduler: &Arc<Scheduler>, core: Option<Core>, number: usize) {
    let worker = Worker { scheduler: scheduler.clone(), core: None, index: 0 };
    WORKER.set(Some(worker));
    let seat = Seat::new();
    let policy: Arc<dyn Compensate> =
        Arc::new(LayDown { scheduler: scheduler.clone(), beyond: false });
    let mut next = core;
    while let Some(core) = next.or_else(|| wait(scheduler, &seat)) {
        put_core(core);
        rt::with_policy(Policy::Compensate(policy.clone()), || work(scheduler, &seat));
        next = None;
    }
    drop(WORKER.take());
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
/// It begins searching.
fn work(scheduler: &Arc<Scheduler>, seat: &Arc<Seat<Core>>) {
    let Scheduler { queues, idle, .. } = &**scheduler;
    let mut searching = true;
    loop {
        let next = with_own(|worker| worker.core.as_ref().and_then(|core| queues.next(core)));
        let job = match next {
            Some(job) => job,
            None => {
                if !searching {
                    idle.begin_search();
                    searching = true;
                }
                match search(scheduler) {
                    Some(job) => job,
                    None if retire(scheduler, seat) => return,
                    None => continue,
                }
            }
        };
        if searching {
            searching = false;
            if idle.end_search() && queues.any() {
                scheduler.have_taken_up();
            }
        }
        run_job(scheduler, job);
        if !keep_core(scheduler, seat) {
            return;
        }
    }
}

/// Looks for a job at the other cores, for a moment.
fn search(scheduler: &Scheduler) -> Option<Job> {
    let mut spin = Spin::new();
    loop {
        let found =
            with_own(|worker| worker.core.as_ref().and_then(|core| scheduler.queues.search(core)));
        if found.is_some() || !spin.turn() {
            return found;
        }
    }
}

/// Lays the core down after a search in vain. Whether the thread is in its seat now.
fn retire(scheduler: &Scheduler, seat: &Arc<Seat<Core>>) -> bool {
    let Some(core) = with_own(|worker| worker.core.take()) else { return true };
    scheduler.idle.retire(core, seat);
    // What was queued meanwhile, by somebody who saw this thread search.
    if scheduler.queues.any()
        && let Some(core) = scheduler.idle.go_on(seat)
    {
        put_core(core);
        return false;
    }
    true
}

/// Whether the thread has a core for the next job; else it is in its seat.
fn keep_core(scheduler: &Scheduler, seat: &Arc<Seat<Core>>) -> bool {
    let idle = &scheduler.idle;
    if with_own(|worker| worker.core.is_some()) && !idle.is_overbooked() {
        return true;
    }
    let core = match with_own(|worker| worker.core.take()) {
        Some(core) => idle.make_room(core, seat),
        None => idle.end_beside(seat),
    };
    let keeps = core.is_some();
    core.into_iter().for_each(put_core);
    keeps
}

fn run_job(scheduler: &Scheduler, job: Job) {
    let ended = |completed| {
        let core = with_own(|worker| worker.core.as_ref().map(|core| core.index));
        scheduler.count(core, completed);
    };
    // Tasks catch their own panics; this is for what a destructor may throw all the same.
    let hook = scheduler.config.hook;
    let survived = panic::catch_unwind(AssertUnwindSafe(|| job.run(hook, &ended)));
    survived.unwrap_or_else(discard);
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
    let scheduler = WORKER.with_borrow(|worker| worker.as_ref().map(|own| own.scheduler.clone()));
    let Some(scheduler) = scheduler else { return rt::with_policy(Policy::Allowed, wait) };
    scheduler.idle.goes_beyond(true);
    let _within = Within(&scheduler);
    let lay_down = LayDown { scheduler: scheduler.clone(), beyond: true };
    rt::with_policy(Policy::Compensate(Arc::new(lay_down)), wait);
}

impl Compensate for LayDown {
    fn blocking(&self) {
        let Scheduler { queues, idle, .. } = &*self.scheduler;
        let blocked = idle.block(with_own(|worker| worker.core.take()));
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
        let mine = with_own(|worker| worker.index);
        if let Some(core) = self.scheduler.idle.resume(|core| core.index == mine) {
            put_core(core);
        }
        self.scheduler.below_bound();
    }
}
