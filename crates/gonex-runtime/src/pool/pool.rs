use std::fmt;
use std::io;
use std::sync::Arc;

use gonex_core::op::Subject;
use gonex_core::{Context, Instant, Op, rt};
use gonex_task::batch::batch_pairs;
use gonex_task::handle::pair_telling;
use gonex_task::{Handle, Spec};

use super::builder::PoolBuilder;
use super::error::SubmitError;
use super::idle::Idle;
use super::options::JobOptions;
use super::shared::Shared;
use super::shutdown::PoolShutdown;
use super::state::{Meta, State};
use super::submit::{Job, Said, Submit, SubmitBatch};

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
        let (completer, handle) = pair_telling(spec, self.shared.own.clone());
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
}

impl<J: Send + 'static, R: Send + 'static> Drop for Pool<J, R> {
    fn drop(&mut self) {
        self.shared.end();
    }
}
