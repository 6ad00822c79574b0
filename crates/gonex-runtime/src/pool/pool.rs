use std::fmt;
use std::io;
use std::time::Duration;

use gonex_core::{Context, Op};
use gonex_task::batch::batch_pairs;
use gonex_task::handle::{Completer, pair};
use gonex_task::{Handle, PanicHook, Spec};

use super::builder::PoolBuilder;
use super::error::SubmitError;
use super::submit::{Submit, SubmitBatch};
use crate::metrics::Measure;
use crate::workers::{Config, Queued, Workers};

/// A job on its way to the handler, with its result's way back.
#[derive(Debug)]
pub(super) struct Assigned<J, R> {
    pub(super) job: J,
    pub(super) completer: Completer<R>,
}

/// A fixed number of threads that run one handler over the jobs they are given.
///
/// The handler is shared by all workers. A panic in it ends its job with
/// [`TaskError::Panicked`](gonex_task::TaskError::Panicked), and its worker goes on. Jobs start in
/// the order in which they were taken; a batch goes longest first.
///
/// Dropping the pool runs what is queued to the end and blocks until then, so it is not for async
/// code; [`discard`](Self::discard) before forgets what has not started. On one of its own workers
/// it waits for nothing. A handler that waits for room in its own pool, or for another job of it,
/// keeps its worker meanwhile: when all do, none goes on.
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
pub struct Pool<J, R> {
    workers: Workers<Assigned<J, R>>,
}

impl<J, R> fmt::Debug for Pool<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("workers", &self.workers).finish()
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

    pub(super) fn start(
        config: &Config,
        hook: PanicHook,
        handler: impl Fn(J) -> R + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let run = move |Assigned { job, completer }: Assigned<J, R>, ended: &dyn Fn(bool)| {
            completer.run(hook, || handler(job), ended);
        };
        Ok(Self { workers: Workers::start(config, run)? })
    }

    /// Hands in a job, waiting for room in the queue, and yields the handle to its result.
    ///
    /// Who waits is served in the order of coming. The job runs in a child of the context that
    /// is current here.
    ///
    /// # Cancel safety
    /// Dropping the operation before it is ready hands nothing in; the job is dropped with it.
    /// Reaching a limit gives the job back.
    ///
    /// # Errors
    /// The operation yields the job back if the pool is closed or a limit was reached.
    #[track_caller]
    pub fn submit(&self, job: J) -> Op<Submit<'_, J, R>> {
        let (completer, handle) = pair(Spec::new(Context::current()));
        let item = Queued::now(Assigned { job, completer: completer.followed("job") });
        Op::new(Submit::new(self.workers.sender(), item, handle))
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
        let (completer, handle) = pair(Spec::new(Context::current()));
        let item = Queued::now(Assigned { job, completer: completer.followed("job") });
        self.workers.sender().try_send(item).map(|()| handle).map_err(|error| {
            let refused = if error.is_closed() { SubmitError::Closed } else { SubmitError::Full };
            refused(error.into_inner().into_inner().job)
        })
    }

    /// Hands in many jobs, the longest first, and yields the batch of their results in the order
    /// given.
    ///
    /// `estimate` says how long a job will take, in any unit; jobs that are equally long go in the
    /// order given. (Starting with the longest keeps the end short, when some workers have
    /// nothing left: Graham, "Bounds on multiprocessing timing anomalies", 1969.) A batch may be
    /// larger than the queue: the operation waits for room while the first jobs run.
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
        let jobs: Vec<J> = jobs.into_iter().collect();
        let (completers, batch) = batch_pairs(jobs.len(), Spec::new(Context::current()));
        let assigned = jobs.into_iter().zip(completers);
        let queued = assigned.map(|(job, completer)| {
            Queued::now(Assigned { job, completer: completer.followed("job") })
        });
        let mut items: Vec<_> = queued.collect();
        items.sort_by_cached_key(|item| std::cmp::Reverse(estimate(&item.get().job)));
        Op::new(SubmitBatch::new(self.workers.sender(), items, batch))
    }

    /// The number of workers.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        self.workers.counters().len()
    }

    /// The number of jobs that wait in the queue.
    #[must_use]
    pub fn queue_len(&self) -> usize {
        self.workers.sender().len()
    }

    /// How many jobs can wait in the queue.
    #[must_use]
    pub fn queue_size(&self) -> usize {
        self.workers.capacity()
    }

    /// Takes no more jobs; closing twice is the same as once. Those in the queue still run; who waits for room gets the job back.
    pub fn close(&self) {
        self.workers.sender().close();
    }

    /// Forgets the jobs that have not started, and returns how many. Their handles yield
    /// [`TaskError::Lost`](gonex_task::TaskError::Lost) with `started: false`.
    pub fn discard(&self) -> usize {
        self.workers.drain().len()
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
        Measure::start(self.workers.counters().clone(), sample)
    }
}
