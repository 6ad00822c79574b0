use std::collections::HashMap;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gonex_core::primitive::{lock_std, wake};
use gonex_core::rt::{self, Thread};
use gonex_task::place::Why;
use gonex_task::{Job, PanicHook, Priority, Stalled, TaskError};

use super::idle::{Idle, Take};
use super::queues::{Core, Queues};
use super::stats::{Counts, RuntimeStats};
use super::worker;

/// How a scheduler is set up.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) cores: NonZeroUsize,
    pub(crate) max_queued: usize,
    pub(crate) max_blocked: usize,
    pub(crate) at_bound: AtBound,
    pub(crate) ageing: Duration,
    pub(crate) keep_alive: Duration,
    pub(crate) hook: PanicHook,
}

/// What becomes of a closure that has to wait when as many as are allowed already do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AtBound {
    /// It waits without another thread going on in its place, and the first time a report is written
    /// to stderr. If all wait for what is queued behind them, none ever goes on.
    #[default]
    Wait,
    /// It fails: its handle says [`TaskError::Stalled`].
    Fail,
}

/// Runs closures, each to its end on one thread, on as many threads at once as there are cores.
///
/// See [`idle`](super::idle) for what happens when one has to wait.
pub(super) struct Scheduler {
    pub(super) queues: Queues,
    pub(super) idle: Idle<Core>,
    pub(super) config: Config,
    /// Of the cores, and in the last place of those beside them.
    counts: Box<[Counts]>,
    /// What every thread does first.
    on_start: Box<dyn Fn() + Send + Sync>,
    /// By number.
    pub(super) threads: Mutex<HashMap<usize, Thread>>,
    started: AtomicUsize,
    pub(super) closing: AtomicBool,
    /// Nobody waits for the threads any more.
    pub(super) is_left: AtomicBool,
    /// All threads have ended: nothing that is queued will ever run.
    pub(super) over: AtomicBool,
    /// The threads that are not of the scheduler and run the jobs of their own scopes.
    pub(super) guests: AtomicUsize,
    /// Whether the bound was reported and the number of blocked threads is still near it.
    reported: AtomicBool,
    stalls: AtomicU64,
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("config", &self.config)
            .field("queued", &self.queues.len())
            .field("census", &self.idle.census())
            .finish_non_exhaustive()
    }
}

/// The way to a scheduler: cheap to clone, and keeps no thread alive.
#[derive(Clone, Debug)]
pub(crate) struct Closures {
    pub(super) scheduler: Arc<Scheduler>,
}

/// Why a job was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Ended,
    Full,
}

impl Refusal {
    pub(crate) fn why(self) -> Why {
        match self {
            Self::Ended => Why::Unavailable,
            Self::Full => Why::Refused,
        }
    }

    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Ended => "the runtime has ended",
            Self::Full => "too many closures are queued; wait for some, or raise max_queued",
        }
    }

    /// Tells the handle of a job.
    pub(crate) fn end(self, job: Job) {
        job.end(TaskError::refused(self.reason()));
    }
}

impl Closures {
    /// Makes a scheduler. `on_start` is what every thread does first.
    pub(crate) fn new(config: Config, on_start: impl Fn() + Send + Sync + 'static) -> Self {
        let (queues, cores) = Queues::new(config.cores.get(), config.max_queued, config.ageing);
        // One more, for those who run beside the cores.
        let counts = (0..=cores.len()).map(|_| Counts::default()).collect();
        let scheduler = Scheduler {
            queues,
            idle: Idle::new(cores, config.max_blocked),
            config,
            counts,
            on_start: Box::new(on_start),
            threads: Mutex::default(),
            started: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            is_left: AtomicBool::new(false),
            over: AtomicBool::new(false),
            guests: AtomicUsize::new(0),
            reported: AtomicBool::new(false),
            stalls: AtomicU64::new(0),
        };
        Self { scheduler: Arc::new(scheduler) }
    }

    /// Starts the first thread; others are started when they are needed.
    ///
    /// # Errors
    /// What the system says when it has no more threads.
    pub(crate) fn start(&self) -> io::Result<()> {
        match self.scheduler.idle.notify() {
            Take::Start(core) => self.scheduler.start_thread(core),
            Take::Nothing | Take::Wake(_) | Take::AtBound => Ok(()),
        }
    }

    /// Queues a job.
    ///
    /// # Errors
    /// Gives it back, and says why; for the caller to end it when it holds nothing.
    #[inline]
    pub(crate) fn spawn(&self, job: Job, priority: Priority) -> Result<(), (Job, Refusal)> {
        let scheduler = &self.scheduler;
        // Acquire: who sees it closed sees it ended if it is.
        if scheduler.closing.load(Ordering::Acquire) {
            return Err((job, Refusal::Ended));
        }
        let pushed =
            worker::with_core(scheduler, |core| scheduler.queues.push(job, priority, core));
        pushed.map_err(|job| (job, Refusal::Full))?;
        scheduler.have_taken_up();
        // The last thread may have gone between the look and the push. A fence is in the call above.
        if scheduler.over.load(Ordering::SeqCst) {
            scheduler.refuse_rest();
        }
        Ok(())
    }

    /// Takes no more jobs, runs those that are queued, and waits for the threads; on one of those
    /// it waits for none.
    pub(crate) fn end(&self) {
        let scheduler = &self.scheduler;
        if scheduler.is_left.load(Ordering::Relaxed) {
            return;
        }
        scheduler.closing.store(true, Ordering::Release);
        let (wakers, nobody) = scheduler.idle.close();
        wakers.into_iter().for_each(wake);
        if nobody {
            scheduler.finish();
        }
        let is_own = lock_std(&scheduler.threads).values().any(Thread::is_current);
        if is_own {
            return;
        }
        // A blocked closure may have others started meanwhile.
        loop {
            let threads = std::mem::take(&mut *lock_std(&scheduler.threads));
            if threads.is_empty() {
                break;
            }
            threads.into_values().for_each(Thread::join);
        }
    }

    pub(crate) fn stats(&self) -> RuntimeStats {
        self.scheduler.stats()
    }

    pub(crate) fn name(&self) -> &str {
        &self.scheduler.config.name
    }

    pub(crate) fn cores(&self) -> NonZeroUsize {
        self.scheduler.config.cores
    }

    pub(crate) fn max_blocked(&self) -> usize {
        self.scheduler.idle.max_blocked()
    }
}

impl Scheduler {
    /// Has a core taken up, if there is work for it and nobody on the way.
    #[inline]
    pub(super) fn have_taken_up(self: &Arc<Self>) {
        if self.idle.is_anybody_needed() {
            self.take_up();
        }
    }

    #[cold]
    fn take_up(self: &Arc<Self>) {
        match self.idle.hand_out() {
            Take::Wake(waker) => wake(waker),
            // Without a thread to be had this is the bound, too: the next who ends goes on.
            Take::Start(core) => drop(self.start_thread(core)),
            Take::Nothing | Take::AtBound => {}
        }
    }

    /// Starts a thread with a core; on failure the core is laid down again.
    fn start_thread(self: &Arc<Self>, core: Core) -> io::Result<()> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", self.config.name);
        // Handed over aside, to have it back if the thread does not start.
        let handed = Arc::new(Mutex::new(Some(core)));
        let (scheduler, theirs) = (self.clone(), handed.clone());
        // Entered before the thread can leave: it takes the entry out under the same lock.
        let mut threads = lock_std(&self.threads);
        let body = move || {
            let core = lock_std(&theirs).take();
            drop(theirs);
            (scheduler.on_start)();
            worker::run(&scheduler, core, number);
        };
        match rt::spawn_thread(name, body) {
            Ok(thread) => {
                threads.insert(number, thread);
                Ok(())
            }
            Err(error) => {
                drop(threads);
                let core = lock_std(&handed).take();
                if core.is_some_and(|core| self.idle.not_started(core)) {
                    self.finish();
                }
                Err(error)
            }
        }
    }

    /// A thread leaves: what comes after this no one waits for.
    pub(super) fn thread_ends(&self, number: usize) {
        // Before it is out of the list: whoever joins the threads finds all done.
        if self.idle.ended() {
            self.finish();
        }
        let own = lock_std(&self.threads).remove(&number);
        drop(own);
    }

    pub(super) fn finish(&self) {
        self.over.store(true, Ordering::SeqCst);
        self.refuse_rest();
    }

    fn refuse_rest(&self) {
        self.queues.drain().for_each(|job| Refusal::Ended.end(job));
    }

    /// Whether a thread without work should end.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// A closure has ended, at this core or beside them.
    pub(super) fn count(&self, core: Option<usize>, completed: bool) {
        let index = core.unwrap_or(self.counts.len() - 1);
        self.counts[index].count(completed, core.is_some());
    }

    /// One more closure waits than may. Yields how it should end, if it should.
    pub(super) fn at_bound(&self, blocked: usize) -> Option<Stalled> {
        self.stalls.fetch_add(1, Ordering::Relaxed);
        let report = Stalled::new(blocked - 1, self.config.max_blocked, self.queues.len());
        // A destructor that waits during a panic must not throw another.
        if self.config.at_bound == AtBound::Fail && !std::thread::panicking() {
            return Some(report);
        }
        if !self.reported.swap(true, Ordering::Relaxed) {
            eprintln!("gonex: runtime {:?}: {report}", self.config.name);
        }
        None
    }

    /// The number of blocked threads has gone down.
    pub(super) fn below_bound(&self) {
        if self.reported.load(Ordering::Relaxed)
            && self.idle.census().blocked * 2 < self.config.max_blocked
        {
            self.reported.store(false, Ordering::Relaxed);
        }
    }

    fn stats(&self) -> RuntimeStats {
        let census = self.idle.census();
        let stalls = self.stalls.load(Ordering::Relaxed);
        let cores = self.config.cores.get();
        RuntimeStats::sum(cores, &self.counts, census, self.queues.len(), stalls)
    }
}
