use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};
use gonex_task::TaskError;
use gonex_task::batch::JoinAll;

use super::error::SubmitError;
use super::pool::Pool;
use super::submit::SubmitBatch;

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// Runs the handler over many jobs and yields the results in the order given.
    ///
    /// For results as they come, and for jobs that need not all be there at once, see
    /// [`map_unordered`](Self::map_unordered) and [`stream`](Self::stream).
    ///
    /// # Cancel safety
    /// Dropping the operation before the jobs are handed in to their end cancels those that were, and
    /// afterwards detaches them; reaching a limit cancels them all.
    ///
    /// # Errors
    /// The operation yields the first failure in time, and cancels the other jobs then;
    /// [`TaskError::Refused`] where the pool is closed.
    ///
    /// # Panics
    /// If the iterator does.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::new(|n: u64| n * n)?;
    /// assert_eq!(pool.map(1..=4).block()?, [1, 4, 9, 16]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn map(&self, jobs: impl IntoIterator<Item = J>) -> Op<Map<'_, J, R>> {
        Op::new(Map { step: Step::HandIn(self.batch(jobs, |_| 1)) })
    }
}

/// The kind of [`Pool::map`].
pub struct Map<'a, J: Send + 'static, R: Send + 'static> {
    step: Step<'a, J, R>,
}

enum Step<'a, J: Send + 'static, R: Send + 'static> {
    HandIn(SubmitBatch<'a, J, R>),
    Join(JoinAll<'static, R>),
}

impl<J: Send + 'static, R: Send + 'static> fmt::Debug for Map<'_, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_in = matches!(self.step, Step::Join(_));
        f.debug_struct("Map").field("handed_in", &is_in).finish_non_exhaustive()
    }
}

/// What jobs that were not taken mean for those who only wanted results.
pub(super) fn as_task_error<J>(error: &SubmitError<J>) -> TaskError {
    match error {
        SubmitError::Timeout(_) => TaskError::Timeout,
        SubmitError::Cancelled(_, cause) => TaskError::Cancelled(cause.clone()),
        SubmitError::Full(_) => {
            TaskError::refused("the pool's queue was full; take a larger one, or wait for room")
        }
        SubmitError::Closed(_) => TaskError::refused("the pool is closed"),
        SubmitError::NoSuchWorker(_) => TaskError::refused("the pool has no such worker"),
    }
}

impl<J: Send + 'static, R: Send + 'static> Unpin for Map<'_, J, R> {}

impl<J: Send + 'static, R: Send + 'static> Kind for Map<'_, J, R> {
    type Output = Result<Vec<R>, TaskError>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.step {
                Step::HandIn(submit) => match ready!(Pin::new(submit).poll(cx)) {
                    Ok(batch) => self.step = Step::Join(batch.into_op().into_kind()),
                    Err(error) => return Poll::Ready(Err(as_task_error(&error))),
                },
                Step::Join(join) => return Pin::new(join).poll(cx),
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        match &mut self.step {
            Step::HandIn(submit) => match Pin::new(submit).stop(stop.clone()) {
                Ok(_) => Err(stop.into()),
                Err(error) => Err(as_task_error(&error)),
            },
            Step::Join(join) => Pin::new(join).stop(stop),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        match &self.step {
            Step::HandIn(submit) => submit.subject(),
            Step::Join(join) => join.subject(),
        }
    }
}
