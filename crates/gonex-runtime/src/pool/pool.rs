use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::component::{Component, RegisterError, Registration, Registry};
use gonex_core::op::Subject;
use gonex_core::{Context, Instant, Op, rt};
use gonex_sync::{BroadcastReceiver, broadcast};
use gonex_task::batch::batch_pairs;
use gonex_task::handle::pair;
use gonex_task::{Handle, Spec};

use super::builder::PoolBuilder;
use super::error::SubmitError;
use super::events::PoolEvent;
use super::idle::Idle;
use super::options::JobOptions;
use super::shared::Shared;
use super::shutdown::PoolShutdown;
use super::state::{Meta, SlotCounts, State};
use super::status::{PoolStats, PoolStatus};
use super::submit::{Job, Said, Submit, SubmitBatch};
use crate::metrics::{Counted, Measure};

/// A moment at which a simulator may let others go first.
pub(super) fn step(what: &'static str) {
    rt::step(|| Subject::new(what).of("a pool"));
}

/// Workers that run one handler over the jobs they are given, and are looked after.
///
/// By default they are as many threads as the machine runs at once, and the queue has room for 1,024
/// jobs; [`PoolBuilder`] sets how many there are and whether that follows the load, what a full queue
/// means, what becomes of workers that die, hang or fail, and much more. A panic in the handler ends its
/// job with [`TaskError::Panicked`](gonex_task::TaskError::Panicked), and its worker goes on. Jobs start
/// in the order in which they were taken, unless [priorities](JobOptions::priority) say otherwise; a
/// batch goes longest first.
///
/// Dropping the pool runs what is queued to the end and blocks until then, so it is not for async
/// code; [`discard`](Self::discard) before forgets what has not started, and
/// [`shutdown`](Self::shutdown) has a time limit. On one of its own workers it waits for nothing, nor
/// for workers that [were given up](PoolBuilder::hung_after). A handler that waits for room in its own
/// pool, or for another job of it, keeps its worker meanwhile: when all do, none goes on.
///
/// ```
/// use gonex_runtime::Pool;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = Pool::new(|text: &str| text.split_whitespace().count())?;
/// let mut one = pool.submit("the sea was calm").block()?;
/// assert_eq!(one.join().block()?, 4);
///
/// let mut many = pool.submit_batch(["a", "b c d", "e f"], |text| text.len() as u64).block()?;
/// assert_eq!(many.join_all().block()?, [1, 3, 2]);
/// # Ok(())
/// # }
/// ```
pub struct Pool<J: Send + 'static, R: Send + 'static> {
    pub(super) shared: Arc<Shared<J, R>>,
}

impl<J: Send + 'static, R: Send + 'static> fmt::Debug for Pool<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stats = self.stats();
        f.debug_struct("Pool")
            .field("name", &self.shared.name)
            .field("workers", &stats.workers)
            .field("queued", &stats.queued)
            .field("running", &stats.running)
            .finish_non_exhaustive()
    }
}

impl Pool<(), ()> {
    /// Sets up a pool step by step.
    pub fn builder() -> PoolBuilder {
        PoolBuilder::new()
    }
}

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// Starts a pool with as many workers as the machine runs threads at once; the same as
    /// `Pool::builder().build(handler)`.
    ///
    /// # Errors
    /// What the system says when it has no more threads.
    pub fn new(handler: impl Fn(J) -> R + Send + Sync + 'static) -> io::Result<Self> {
        Pool::builder().build(handler)
    }

    pub(super) fn job(&self, job: J, spec: Spec, meta: Meta) -> (Job<J, R>, Handle<R>) {
        let meta = Meta { deadline: spec.parent.deadline(), ..meta };
        let (completer, handle) = pair(spec);
        (Job { job, completer: completer.followed("job"), meta }, handle)
    }

    #[track_caller]
    pub(super) fn job_with(&self, job: J, options: &JobOptions) -> (Job<J, R>, Handle<R>) {
        let meta = Meta { view: options.view, timeout: options.timeout, ..Meta::default() };
        self.job(job, options.task.spec(), meta)
    }

    /// Hands in a job, waiting for room in the queue, and yields the handle to its result.
    ///
    /// Who waits is served in the order of coming; what a full queue means otherwise says
    /// [`PoolBuilder::at_full`]. The job runs in a child of the context that is current here.
    ///
    /// # Cancel safety
    /// Dropping the operation before it is ready hands nothing in; the job is dropped with it.
    /// Reaching a limit gives the job back.
    ///
    /// # Errors
    /// The operation yields the job back if the pool is closed or a limit was reached, and if the queue
    /// is full where the pool refuses then.
    #[track_caller]
    pub fn submit(&self, job: J) -> Op<Submit<'_, J, R>> {
        let (job, handle) = self.job(job, Spec::new(Context::current()), Meta::default());
        Op::new(Submit::new(&self.shared, job, handle))
    }

    /// Hands in a job with options: see [`submit`](Self::submit).
    ///
    /// # Cancel safety
    /// As `submit`.
    ///
    /// # Errors
    /// As `submit`.
    #[track_caller]
    pub fn submit_with(&self, job: J, options: &JobOptions) -> Op<Submit<'_, J, R>> {
        let (job, handle) = self.job_with(job, options);
        Op::new(Submit::new(&self.shared, job, handle))
    }

    /// Hands in a job if there is room at once.
    ///
    /// ```
    /// use gonex_runtime::{Pool, SubmitError};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u32| n + 1)?;
    /// assert_eq!(pool.try_submit(1)?.join().block()?, 2);
    /// pool.close();
    /// assert_eq!(pool.try_submit(5).unwrap_err(), SubmitError::Closed(5));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Gives the job back if the queue is full or the pool is closed.
    #[track_caller]
    pub fn try_submit(&self, job: J) -> Result<Handle<R>, SubmitError<J>> {
        let (job, handle) = self.job(job, Spec::new(Context::current()), Meta::default());
        self.offer(job, handle)
    }

    /// Hands in a job with options if there is room at once: see [`try_submit`](Self::try_submit).
    ///
    /// # Errors
    /// As `try_submit`.
    #[track_caller]
    pub fn try_submit_with(
        &self,
        job: J,
        options: &JobOptions,
    ) -> Result<Handle<R>, SubmitError<J>> {
        let (job, handle) = self.job_with(job, options);
        self.offer(job, handle)
    }

    fn offer(&self, job: Job<J, R>, handle: Handle<R>) -> Result<Handle<R>, SubmitError<J>> {
        step("try to submit to");
        match self.shared.offer(job) {
            Said::Taken => Ok(handle),
            Said::Wait(job) | Said::Full(job) => Err(SubmitError::Full(job.job)),
            Said::Not(error) => Err(error),
        }
    }

    /// Hands in many jobs, the longest first, and yields the batch of their results in the order
    /// given.
    ///
    /// `estimate` says how long a job will take, in any unit; jobs that are equally long go in the
    /// order given. (Starting with the longest keeps the end short, when some workers have
    /// nothing left: Graham, "Bounds on multiprocessing timing anomalies", 1969.) A batch may be
    /// larger than the queue: the operation waits for room while the first jobs run. Balancers see the
    /// estimate as the job's size.
    ///
    /// Where the pool refuses what it has no room for, such jobs of a batch end with
    /// [`TaskError::Refused`](gonex_task::TaskError::Refused).
    ///
    /// # Cancel safety
    /// Dropping the operation before it is ready, or reaching a limit, cancels the batch: jobs
    /// that have not started never do.
    ///
    /// # Errors
    /// The operation yields the jobs back that were not taken, longest first, if the pool is closed
    /// or a limit was reached.
    ///
    /// # Panics
    /// If `estimate` or the iterator does; nothing has been handed in then.
    #[track_caller]
    pub fn submit_batch(
        &self,
        jobs: impl IntoIterator<Item = J>,
        estimate: impl Fn(&J) -> u64,
    ) -> Op<SubmitBatch<'_, J, R>> {
        Op::new(self.batch(jobs, estimate))
    }

    #[track_caller]
    pub(super) fn batch(
        &self,
        jobs: impl IntoIterator<Item = J>,
        estimate: impl Fn(&J) -> u64,
    ) -> SubmitBatch<'_, J, R> {
        let jobs: Vec<J> = jobs.into_iter().collect();
        let spec = Spec::new(Context::current());
        let deadline = spec.parent.deadline();
        let (completers, batch) = batch_pairs(jobs.len(), spec);
        let mut jobs: Vec<_> = jobs
            .into_iter()
            .zip(completers)
            .map(|(job, completer)| {
                let mut meta = Meta { deadline, ..Meta::default() };
                meta.view.size = estimate(&job);
                Job { job, completer: completer.followed("job"), meta }
            })
            .collect();
        jobs.sort_by_key(|job| std::cmp::Reverse(job.meta.view.size));
        SubmitBatch::new(&self.shared, jobs, batch)
    }

    /// The number of workers: those that work, or will soon.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        self.shared.look(|state| state.worker_count())
    }

    /// The number of jobs that wait in the queue.
    #[must_use]
    pub fn queue_len(&self) -> usize {
        self.shared.look(|state| state.queued())
    }

    /// How many jobs can wait in the queue.
    #[must_use]
    pub fn queue_size(&self) -> usize {
        self.shared.room.capacity()
    }

    /// Whether no job waits and none runs.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.shared.look(|state| state.is_idle())
    }

    /// Waits until no job waits and none runs; that may be over when it is told.
    ///
    /// # Cancel safety
    /// Dropping the operation leaves nothing behind.
    ///
    /// # Errors
    /// The operation yields why it was stopped.
    #[track_caller]
    pub fn wait_idle(&self) -> Op<Idle<'_, J, R>> {
        Op::new(Idle::new(&self.shared))
    }

    /// What the pool has done and does.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.shared.look(|state| state.stats())
    }

    /// How the pool and its workers are, with the reasons.
    ///
    /// ```
    /// use gonex_core::component::Health;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u32| n)?;
    /// pool.submit(1).block()?.join().block()?;
    /// assert_eq!(pool.status().health, Health::Healthy);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        let now = rt::now();
        self.shared
            .look(|state| PoolStatus { health: state.health(now), workers: state.status(now) })
    }

    /// Tells from now on what happens in the pool. Who does not listen misses the oldest events of
    /// more than 1,024.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    /// use gonex_runtime::pool::What;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u32| n)?;
    /// let mut events = pool.events();
    /// pool.pause();
    /// let paused = |what| matches!(what, What::Paused);
    /// assert!((0..9).any(|_| events.recv().block().is_ok_and(|event| paused(event.what))));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn events(&self) -> BroadcastReceiver<PoolEvent> {
        self.shared.events.subscribe_with(broadcast::OnLag::DropOldest)
    }

    /// Begins no more jobs until [`resume`](Self::resume); those that run go on, and more are taken as
    /// long as the queue has room. Dropping the pool, or shutting it down, resumes it.
    pub fn pause(&self) {
        step("pause");
        self.shared.change(|state, _, out| state.pause(out));
    }

    /// Begins jobs again.
    pub fn resume(&self) {
        step("resume");
        self.shared.change(State::resume);
    }

    /// Whether it is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.shared.look(|state| state.is_paused())
    }

    /// Has so many workers more, within the [bounds](PoolBuilder::scale); yields how many there should
    /// be now.
    pub fn scale_up(&self, by: usize) -> usize {
        self.scale_by(|target| target.saturating_add(by), "asked for")
    }

    /// Has so many workers fewer, within the bounds; yields how many there should be now. Those that
    /// run something end it first.
    pub fn scale_down(&self, by: usize) -> usize {
        self.scale_by(|target| target.saturating_sub(by), "asked for")
    }

    /// Has so many workers, within the bounds; yields how many there should be now.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder().scale(1..=3).scaling_off().build(|n: u32| n)?;
    /// assert_eq!((pool.scale_to(9), pool.scale_down(1)), (3, 2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn scale_to(&self, workers: usize) -> usize {
        self.scale_by(|_| workers, "asked for")
    }

    fn scale_by(&self, wanted: impl FnOnce(usize) -> usize, why: &str) -> usize {
        step("scale");
        self.shared.change(|state, now, out| {
            let wanted = wanted(state.target());
            state.scale_to(wanted, why, now, out)
        })
    }

    /// Changes the bounds for the number of workers, and that with them; yields how many there should be
    /// now.
    ///
    /// # Panics
    /// With bounds of which the second is 0 or less than the first.
    pub fn resize(&self, workers: std::ops::RangeInclusive<usize>) -> usize {
        let (min, max) = workers.into_inner();
        assert!(
            max >= 1 && min <= max,
            "a pool cannot have {min} to {max} workers; there must be at least one, and no fewer at most \
             than at least"
        );
        self.shared.change(|state, now, out| state.resize((min, max), now, out))
    }

    /// Replaces the workers that are not well, and those that have died and were not replaced; yields
    /// how many.
    pub fn restart_unhealthy(&self) -> usize {
        step("restart the workers of");
        self.shared.change(State::restart_unhealthy)
    }

    /// Does what is due because time has passed, and says when more is; for pools whose kind of worker
    /// [is tended by hand](super::kind::Abilities::is_tended_by_hand). Others do it themselves.
    pub fn tend(&self) -> Option<Instant> {
        self.shared.tend()
    }

    /// Takes no more jobs; closing twice is the same as once. Those in the queue still run; who waits
    /// for room gets the job back. The workers go when all is done.
    pub fn close(&self) {
        step("close");
        self.shared.close();
    }

    /// Forgets the jobs that have not started, and returns how many. Their handles yield
    /// [`TaskError::Lost`](gonex_task::TaskError::Lost) with `started: false`.
    pub fn discard(&self) -> usize {
        step("discard the jobs of");
        self.shared.change(State::discard)
    }

    /// Takes no more jobs, runs what is queued until the deadline, and then gives up what has not ended:
    /// jobs that wait are [lost](gonex_task::TaskError::Lost), those that run are told to stop and
    /// [cancelled](gonex_task::TaskError::Cancelled), and workers that go on all the same are left
    /// behind. Yields what became of all.
    ///
    /// # Cancel safety
    /// Begins when it is first polled. Dropped after that, the pool ends by itself, until the deadline.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::rt;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u32| n)?;
    /// let mut last = pool.submit(7).block()?;
    /// let report = pool.shutdown(rt::now() + Duration::from_secs(10)).block();
    /// assert!(report.is_clean());
    /// assert_eq!(last.join().block(), Ok(7));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn shutdown(&self, deadline: Instant) -> Op<PoolShutdown<J, R>> {
        Op::new(PoolShutdown::new(self.shared.clone(), deadline))
    }

    /// Starts to measure how well the workers are used.
    ///
    /// `sample` takes samples of the machine's cores and of memory at this interval, on a thread
    /// of its own, where the system tells them.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u64| (0..n).sum::<u64>())?;
    /// let measure = pool.measure(None);
    /// pool.submit_batch([10, 20, 30], |&n| n).block()?.join_all().block()?;
    /// let run = measure.finish();
    /// assert_eq!(run.tasks_completed, 3);
    /// assert!(run.sequential_estimate >= run.mean_task_time);
    /// # Ok(())
    /// # }
    /// ```
    pub fn measure(&self, sample: Option<Duration>) -> Measure {
        Measure::start(self.shared.clone(), sample)
    }

    /// The pool as a [component](gonex_core::component): its health, state and numbers, and its end.
    #[must_use]
    pub fn component(&self) -> Arc<dyn Component> {
        self.shared.clone()
    }

    /// Lists it in a registry under its name.
    ///
    /// ```
    /// use gonex_core::component::Registry;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let registry = Registry::new();
    /// let pool = Pool::builder().name("parser").build(str::len)?;
    /// let _listed = pool.register(&registry)?;
    /// pool.submit("bread").block()?.join().block()?;
    /// assert_eq!(registry.metrics().count("completed"), Some(1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If another has the name, or the registry is shut down.
    pub fn register(&self, registry: &Registry) -> Result<Registration, RegisterError> {
        registry.register(self.component())
    }
}

impl<J: Send + 'static, R: Send + 'static> Counted for Shared<J, R> {
    fn slots(&self, takes_waits: bool) -> Vec<SlotCounts> {
        self.look(|state| state.slots(takes_waits))
    }
}

impl<J: Send + 'static, R: Send + 'static> Drop for Pool<J, R> {
    fn drop(&mut self) {
        self.shared.end();
    }
}
