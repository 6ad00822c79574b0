use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};
use gonex_task::TaskError;

use super::IntoAlike;
use super::ended::Ended;
use crate::Threads;

/// Starts many tasks on the [current runtime](crate::Runtime::current) and waits for the first value.
///
/// The tasks start now, whether or not the operation is waited for. The first that *yields* wins, and
/// the others are cancelled: those that have not started never will, futures are dropped, and closures
/// are stopped by the next gonex operation that has to wait. A closure that meets none goes on, and its
/// value is dropped. A task that panics, or is refused, does not win while another may still yield. A
/// `Result` is a value as any other: the first `Err` wins, too.
///
/// # Cancel safety
/// Dropping the operation detaches the tasks; reaching a limit cancels them.
///
/// # Errors
/// If no task yields, the operation yields the first failure in time; without any tasks,
/// [`TaskError::Refused`].
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
///
/// ```
/// use gonex_runtime::go_race;
///
/// # fn main() -> Result<(), gonex_task::TaskError> {
/// let first = go_race((std::future::pending::<&str>(), || "the quick one")).block()?;
/// assert_eq!(first, "the quick one");
///
/// let answers = [1, 2, 3].map(|n| move || if n == 2 { n } else { panic!("no") });
/// assert_eq!(go_race(answers).block()?, 2);
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn go_race<M, W: IntoAlike<M>>(work: W) -> Op<Race<W::Output>> {
    let ended = Ended::start("a race", |spec| work.start(spec, &Threads));
    Op::new(Race { ended, failed: None })
}

/// The kind of [`go_race`].
#[derive(Debug)]
pub struct Race<T: 'static> {
    ended: Ended<T>,
    /// The first failure in time.
    failed: Option<TaskError>,
}

// Nothing in it is pinned.
impl<T: 'static> Unpin for Race<T> {}

impl<T: 'static> Kind for Race<T> {
    type Output = Result<T, TaskError>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        loop {
            match self.ended.poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some((_, Ok(value)))) => {
                    self.ended.cancel("another task won the race");
                    return Poll::Ready(Ok(value));
                }
                Poll::Ready(Some((_, Err(error)))) => {
                    self.failed.get_or_insert(error);
                }
                Poll::Ready(None) => {
                    const NOBODY: &str = "a race without tasks has no winner; give it at least one";
                    let failed = self.failed.take();
                    return Poll::Ready(Err(failed.unwrap_or(TaskError::refused(NOBODY))));
                }
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // The winner may have come at the last moment.
        if let Poll::Ready(result) = self.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
        {
            return result;
        }
        self.ended.stop(&stop);
        Err(stop.into())
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the first of").of("a race")
    }
}
