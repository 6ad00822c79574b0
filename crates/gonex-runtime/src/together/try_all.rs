use std::mem;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};
use gonex_task::work::IterMarker;
use gonex_task::{IntoTask, Place};

use super::ended::{Ended, drop_each};
use super::try_error::flatten;
use super::{IntoAlike, TryError};
use crate::Threads;

/// Starts many tasks that may fail by themselves, and waits for all values or the first error.
///
/// The tasks yield `Result`s with one type of error, which is kept. They start now, on the
/// [current runtime](crate::Runtime::current), whether or not the operation is waited for: an iterator of
/// closures or of futures, or a tuple of two to eight of either with values of different types.
///
/// # Cancel safety
/// Dropping the operation detaches the tasks; reaching a limit cancels them.
///
/// # Errors
/// The first failure that happens, as soon as it does: a task's own error, or how it was lost. The
/// other tasks are cancelled then.
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
///
/// ```
/// use gonex_runtime::{TryError, try_go_all};
///
/// let half = |n: u32| if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) };
/// assert_eq!(try_go_all([2, 4].map(|n| move || half(n))).block(), Ok(vec![1, 2]));
/// let odd = try_go_all((move || half(5), async { Ok("never asked") })).block();
/// assert_eq!(odd, Err(TryError::Failed("5 is odd".to_owned())));
/// ```
#[track_caller]
pub fn try_go_all<M, W: IntoTryTasks<M>>(work: W) -> Op<W::Tried> {
    work.start(&Threads)
}

/// What [`try_go_all`] takes.
///
/// `Marker` is always inferred.
pub trait IntoTryTasks<Marker> {
    /// The values: a `Vec` in order, or a tuple.
    type Output;
    /// What the tasks fail with.
    type Error;
    /// The kind of the operation that waits for them.
    type Tried: Kind<Output = Result<Self::Output, TryError<Self::Error>>, Limited = Self::Tried>;

    /// Starts them all at a place, and waits for them.
    #[track_caller]
    fn start(self, place: &impl Place) -> Op<Self::Tried>;
}

impl<I, M, T, E> IntoTryTasks<IterMarker<M>> for I
where
    I: IntoIterator,
    I::Item: IntoTask<M, Output = Result<T, E>>,
    T: Send + 'static,
    E: Send + 'static,
{
    type Output = Vec<T>;
    type Error = E;
    type Tried = TryAll<T, E>;

    #[track_caller]
    fn start(self, place: &impl Place) -> Op<TryAll<T, E>> {
        let ended = Ended::start("many tasks", |spec| IntoAlike::start(self, spec, place));
        let values = std::iter::repeat_with(|| None).take(ended.total()).collect();
        Op::new(TryAll { ended, values })
    }
}

/// The kind of [`try_go_all`] over an iterator.
#[derive(Debug)]
pub struct TryAll<T: 'static, E: 'static> {
    ended: Ended<Result<T, E>>,
    values: Vec<Option<T>>,
}

// Nothing in it is pinned.
impl<T: 'static, E: 'static> Unpin for TryAll<T, E> {}

impl<T: 'static, E: 'static> Kind for TryAll<T, E> {
    type Output = Result<Vec<T>, TryError<E>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        loop {
            match self.ended.poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                // All are there.
                Poll::Ready(None) => {
                    let values = mem::take(&mut self.values);
                    return Poll::Ready(Ok(values.into_iter().flatten().collect()));
                }
                Poll::Ready(Some((index, ended))) => match flatten(ended) {
                    Ok(value) => self.values[index] = Some(value),
                    Err(error) => {
                        self.ended.cancel("another task failed");
                        return Poll::Ready(Err(error));
                    }
                },
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // The last one may have come at the last moment.
        if let Poll::Ready(result) = self.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
        {
            return result;
        }
        self.ended.stop(&stop);
        Err(TryError::Task(stop.into()))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("join all tasks of").of("many that may fail")
    }
}

impl<T: 'static, E: 'static> Drop for TryAll<T, E> {
    fn drop(&mut self) {
        drop_each(mem::take(&mut self.values));
    }
}
