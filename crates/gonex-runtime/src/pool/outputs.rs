use std::fmt;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use futures_util::stream::{self, FuturesOrdered, FuturesUnordered, Stream, StreamExt};
use gonex_core::op::Subject;
use gonex_core::{Canceller, Context, Kind, Op, Stop};
use gonex_task::handle::Join;
use gonex_task::{Handle, TaskError};

use super::map::as_task_error;
use super::pool::Pool;
use super::state::{Meta, State};
use super::submit::Submit;

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// Runs the handler over many jobs and yields the results as they come.
    ///
    /// Jobs are taken from the iterator only as there is room for them: see [`stream`](Self::stream).
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u64| n * n)?;
    /// let mut squares = pool.map_unordered(1..=4);
    /// let mut sum = 0;
    /// while let Some(square) = squares.next().block() {
    ///     sum += square?;
    /// }
    /// assert_eq!(sum, 30);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn map_unordered<I>(&self, jobs: I) -> Outputs<'_, stream::Iter<I::IntoIter>, J, R>
    where
        I: IntoIterator<Item = J>,
    {
        let running = Running::Unordered(FuturesUnordered::new());
        Outputs::new(self, stream::iter(jobs), running)
    }

    /// Runs the handler over the jobs of a stream, and yields the results in the same order.
    ///
    /// It holds back: no more jobs are taken from the stream than twice what the workers run at once,
    /// before results are taken from it. A result that takes long holds back those after it; for results
    /// as they come, see [`map_unordered`](Self::map_unordered).
    ///
    /// It is a stream itself, and [`next`](Outputs::next) is an operation, for threads as well. Dropping
    /// it cancels the jobs that have not ended.
    ///
    /// ```
    /// use futures_util::stream;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u64| n * n)?;
    /// let mut squares = pool.stream(stream::iter([1, 2, 3]));
    /// assert_eq!(squares.next().block(), Some(Ok(1)));
    /// assert_eq!(squares.next().block(), Some(Ok(4)));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn stream<S>(&self, jobs: S) -> Outputs<'_, S, J, R>
    where
        S: Stream<Item = J> + Unpin,
    {
        Outputs::new(self, jobs, Running::Ordered(FuturesOrdered::new()))
    }
}

/// The results of many jobs, of [`Pool::stream`] and [`Pool::map_unordered`].
#[must_use = "no job is handed in before a result is asked for"]
pub struct Outputs<'a, S, J: Send + 'static, R: Send + 'static> {
    pool: &'a Pool<J, R>,
    /// `None` once it has ended.
    jobs: Option<S>,
    /// The job that waits for room.
    waiting: Option<Submit<'a, J, R>>,
    running: Running<R>,
    context: Context,
    canceller: Canceller,
}

/// The jobs that have been handed in.
enum Running<R: Send + 'static> {
    Ordered(FuturesOrdered<Op<Join<'static, R>>>),
    Unordered(FuturesUnordered<Op<Join<'static, R>>>),
}

impl<R: Send + 'static> Running<R> {
    fn len(&self) -> usize {
        match self {
            Self::Ordered(running) => running.len(),
            Self::Unordered(running) => running.len(),
        }
    }

    fn push(&mut self, handle: Handle<R>) {
        let join = handle.into_future();
        match self {
            Self::Ordered(running) => running.push_back(join),
            Self::Unordered(running) => running.push(join),
        }
    }

    fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Result<R, TaskError>>> {
        match self {
            Self::Ordered(running) => running.poll_next_unpin(cx),
            Self::Unordered(running) => running.poll_next_unpin(cx),
        }
    }
}

impl<'a, S, J: Send + 'static, R: Send + 'static> Outputs<'a, S, J, R>
where
    S: Stream<Item = J> + Unpin,
{
    fn new(pool: &'a Pool<J, R>, jobs: S, running: Running<R>) -> Self {
        let (context, canceller) = Context::current().with_cancel();
        Self { pool, jobs: Some(jobs), waiting: None, running, context, canceller }
    }

    /// Waits for the next result; `None` when all jobs have ended.
    ///
    /// # Cancel safety
    /// Dropping the operation loses nothing: the result is the next one's.
    ///
    /// # Errors
    /// The operation yields how the job ended without a result. When a limit stops it, it yields that as
    /// an error, and can be called again.
    #[track_caller]
    #[expect(clippy::should_implement_trait, reason = "it yields an operation")]
    pub fn next(&mut self) -> Op<NextOutput<'_, 'a, S, J, R>> {
        Op::new(NextOutput { outputs: self })
    }

    /// How many jobs may be at work at once: enough that no worker waits for the next.
    fn window(&self) -> usize {
        let per_worker = self.pool.shared.slots_per_worker();
        self.pool.worker_count().max(1).saturating_mul(2 * per_worker)
    }

    fn poll_output(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Result<R, TaskError>>> {
        let window = self.window();
        loop {
            if let Some(waiting) = &mut self.waiting {
                match Pin::new(waiting).poll(cx) {
                    Poll::Ready(Ok(handle)) => {
                        self.waiting = None;
                        self.running.push(handle);
                    }
                    Poll::Ready(Err(error)) => {
                        self.waiting = None;
                        return Poll::Ready(Some(Err(as_task_error(&error))));
                    }
                    Poll::Pending => break,
                }
            }
            if self.running.len() >= window {
                break;
            }
            let Some(jobs) = &mut self.jobs else { break };
            match Pin::new(jobs).poll_next(cx) {
                Poll::Ready(Some(job)) => {
                    let spec = gonex_task::Spec::new(self.context.clone());
                    let (job, handle) = self.pool.job(job, spec, Meta::default());
                    self.waiting = Some(Submit::new(&self.pool.shared, job, handle));
                }
                Poll::Ready(None) => self.jobs = None,
                Poll::Pending => break,
            }
        }
        match ready_or_empty(self.running.poll(cx)) {
            Some(result) => Poll::Ready(Some(result)),
            None if self.jobs.is_none() && self.waiting.is_none() && self.running.len() == 0 => {
                Poll::Ready(None)
            }
            None => Poll::Pending,
        }
    }
}

fn ready_or_empty<T>(polled: Poll<Option<T>>) -> Option<T> {
    match polled {
        Poll::Ready(value) => value,
        Poll::Pending => None,
    }
}

impl<S, J: Send + 'static, R: Send + 'static> Unpin for Outputs<'_, S, J, R> {}

impl<S, J: Send + 'static, R: Send + 'static> Stream for Outputs<'_, S, J, R>
where
    S: Stream<Item = J> + Unpin,
{
    type Item = Result<R, TaskError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        self.poll_output(cx)
    }
}

impl<S, J: Send + 'static, R: Send + 'static> Drop for Outputs<'_, S, J, R> {
    fn drop(&mut self) {
        self.canceller.cancel("nobody wants the other results");
        // The one that waits for room leaves the line first.
        self.waiting = None;
        self.pool.shared.change(State::sweep);
    }
}

impl<S, J: Send + 'static, R: Send + 'static> fmt::Debug for Outputs<'_, S, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outputs").field("running", &self.running.len()).finish_non_exhaustive()
    }
}

/// The kind of [`Outputs::next`].
pub struct NextOutput<'o, 'a, S, J: Send + 'static, R: Send + 'static> {
    outputs: &'o mut Outputs<'a, S, J, R>,
}

impl<S, J: Send + 'static, R: Send + 'static> fmt::Debug for NextOutput<'_, '_, S, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NextOutput").field(&self.outputs).finish()
    }
}

impl<S, J: Send + 'static, R: Send + 'static> Kind for NextOutput<'_, '_, S, J, R>
where
    S: Stream<Item = J> + Unpin,
{
    type Output = Option<Result<R, TaskError>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        self.outputs.poll_output(cx)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        Some(Err(stop.into()))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the next result of").of("a pool")
    }
}
