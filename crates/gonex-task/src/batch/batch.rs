use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};

use gonex_core::context::Deferred;
use gonex_core::op::Subject;
use gonex_core::{Cause, Kind, Op, Stop};

use super::collect::Member;
use super::gather::Gather;
use crate::TaskError;
use crate::handle::{Completer, Spec};
use crate::holding::Holding;

/// The way to the results of many tasks.
///
/// [`join_all`](Self::join_all), which is also what awaiting the batch does, yields all values in
/// order or the first failure, and then cancels the rest; [`join_each`](Self::join_each) yields how
/// each task ended. Dropping a batch detaches its tasks.
#[must_use = "dropping a batch detaches its tasks; say so with `.detach()`"]
pub struct Batch<T> {
    gather: Arc<Gather<T>>,
    len: usize,
}

impl<T> fmt::Debug for Batch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("len", &self.len)
            .field("finished", &self.finished())
            .finish_non_exhaustive()
    }
}

/// Makes a batch of `len` tasks in one context, and the ends that take their results, in order; for
/// schedulers.
pub fn batch_pairs<T: Send + 'static>(
    len: usize,
    spec: Spec,
) -> (impl ExactSizeIterator<Item = Completer<T>> + use<T>, Batch<T>) {
    let Spec { parent, origin, .. } = spec;
    let gather = Arc::new(Gather::new(len, Deferred::child_of(parent)));
    let batch = Batch { gather: gather.clone(), len };
    let to_batch = move |index| Completer::to_many(gather.clone(), Member::new(index).from(origin));
    ((0..len).map(to_batch), batch)
}

impl<T: Send + 'static> Batch<T> {
    /// Waits for all tasks and yields their values in order.
    ///
    /// # Cancel safety
    /// Dropping the operation, or reaching a limit, leaves the tasks running and their results
    /// with the batch, which can be joined again.
    ///
    /// # Errors
    /// The first failure in time, as soon as it happens; the other tasks are cancelled then. A
    /// limit yields its own error and cancels nothing. After a join that took the results,
    /// [`TaskError::AlreadyJoined`].
    #[track_caller]
    pub fn join_all(&mut self) -> Op<JoinAll<'_, T>> {
        Op::new(JoinAll { batch: Holding::Borrowed(self) })
    }

    /// Waits for all tasks as [`join_all`](Self::join_all) does, and owns the batch: reaching a
    /// limit cancels the tasks, since nobody can ask for their results again.
    ///
    /// # Errors
    /// As [`join_all`](Self::join_all).
    #[track_caller]
    pub fn into_op(self) -> Op<JoinAll<'static, T>> {
        Op::new(JoinAll { batch: Holding::Owned(self) })
    }

    /// Waits for all tasks and yields how each ended, in order.
    ///
    /// # Cancel safety
    /// As [`join_all`](Self::join_all).
    ///
    /// # Errors
    /// Only when the wait itself was stopped, or the results had been taken.
    #[track_caller]
    pub fn join_each(&mut self) -> Op<JoinEach<'_, T>> {
        Op::new(JoinEach { batch: self })
    }
}

impl<T> Batch<T> {
    /// Asks all tasks to stop, as [`Handle::cancel`](crate::Handle::cancel) does.
    pub fn cancel(&self, cause: impl Into<Cause>) {
        self.gather.cancel(cause);
    }

    /// The number of tasks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no tasks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many tasks have ended.
    #[must_use]
    pub fn finished(&self) -> usize {
        self.gather.finished()
    }

    /// Lets the tasks go on without anyone waiting for them.
    pub fn detach(self) {}
}

impl<T: Send + 'static> IntoFuture for Batch<T> {
    type Output = Result<Vec<T>, TaskError>;
    type IntoFuture = Op<JoinAll<'static, T>>;

    #[track_caller]
    fn into_future(self) -> Self::IntoFuture {
        self.into_op()
    }
}

/// The kind of [`Batch::join_all`].
#[derive(Debug)]
pub struct JoinAll<'a, T> {
    batch: Holding<'a, Batch<T>>,
}

impl<T> JoinAll<'_, T> {
    fn poll_with(&self, waker: &Waker) -> Poll<Result<Vec<T>, TaskError>> {
        let batch = &self.batch;
        batch.gather.poll_all(waker).map(|taken| {
            let result = taken.unwrap_or(Err(TaskError::AlreadyJoined));
            if result.is_err() {
                batch.cancel("another task of the batch failed");
            }
            result
        })
    }
}

impl<T> Kind for JoinAll<'_, T> {
    type Output = Result<Vec<T>, TaskError>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        self.poll_with(cx.waker())
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        if let Poll::Ready(result) = self.poll_with(Waker::noop()) {
            return result;
        }
        // Nobody can ask for the results of an owned batch again.
        if let Holding::Owned(batch) = &self.batch {
            batch.cancel(match &stop {
                Stop::Timeout => "nobody waits for the batch any longer".into(),
                Stop::Cancelled(cause) => cause.clone(),
            });
        }
        Err(stop.into())
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("join all tasks of").of("a batch")
    }
}

impl<T> Drop for JoinAll<'_, T> {
    fn drop(&mut self) {
        self.batch.gather.forget_waker();
    }
}

/// The kind of [`Batch::join_each`].
#[derive(Debug)]
pub struct JoinEach<'a, T> {
    batch: &'a mut Batch<T>,
}

impl<T> JoinEach<'_, T> {
    fn poll_with(&self, waker: &Waker) -> Poll<<Self as Kind>::Output> {
        let taken = self.batch.gather.poll_each(waker);
        taken.map(|results| results.ok_or(TaskError::AlreadyJoined))
    }
}

impl<T> Kind for JoinEach<'_, T> {
    type Output = Result<Vec<Result<T, TaskError>>, TaskError>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        self.poll_with(cx.waker())
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        match self.poll_with(Waker::noop()) {
            Poll::Ready(results) => results,
            Poll::Pending => Err(stop.into()),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("join each task of").of("a batch")
    }
}

impl<T> Drop for JoinEach<'_, T> {
    fn drop(&mut self) {
        self.batch.gather.forget_waker();
    }
}
