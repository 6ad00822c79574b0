use std::mem;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};
use gonex_task::TaskError;

use super::IntoAlike;
use super::ended::{Ended, drop_each};
use crate::Threads;

/// Starts many tasks on the [current runtime](crate::Runtime::current) and waits for all to end, whichever
/// way.
///
/// The tasks start now, whether or not the operation is waited for. None is cancelled because another
/// failed.
///
/// # Cancel safety
/// Dropping the operation detaches the tasks. Reaching a limit cancels those that have not ended, and
/// yields at once: what has succeeded is there, and the others have failed with what stopped the wait.
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
///
/// ```
/// use gonex_runtime::go_all_outcomes;
/// use gonex_task::TaskError;
///
/// let outcomes = go_all_outcomes([1, 0, 4].map(|n| move || 8 / n)).block();
/// assert!(outcomes.is_partial());
/// assert_eq!(outcomes.succeeded, [(0, 8), (2, 2)]);
/// assert_eq!((outcomes.failed[0].index, outcomes.failed[0].attempts), (1, 1));
/// assert!(matches!(outcomes.failed[0].error, TaskError::Panicked(_)));
/// ```
#[track_caller]
pub fn go_all_outcomes<M, W: IntoAlike<M>>(work: W) -> Op<GatherOutcomes<W::Output>> {
    let ended = Ended::start("many tasks", |spec| work.start(spec, &Threads));
    let results = std::iter::repeat_with(|| None).take(ended.total()).collect();
    Op::new(GatherOutcomes { ended, results })
}

/// How many tasks ended: what succeeded, and what failed.
///
/// ```
/// use gonex_runtime::go_all_outcomes;
///
/// let outcomes = go_all_outcomes([1, 2].map(|n| move || n * n)).block();
/// assert_eq!(outcomes.succeeded, [(0, 1), (1, 4)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomes<T, X = TaskError> {
    /// The values, each with its task's place, in that order.
    pub succeeded: Vec<(usize, T)>,
    /// The failures, in the order of their tasks.
    pub failed: Vec<FailedTask<X>>,
}

/// A task that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedTask<X = TaskError> {
    /// Its place among the tasks.
    pub index: usize,
    /// How it ended.
    pub error: X,
    /// How often it was tried; 0 if the wait was stopped before anything was known of it.
    pub attempts: u32,
}

impl<T, X> Outcomes<T, X> {
    /// Whether some succeeded and some failed.
    ///
    /// ```
    /// use gonex_runtime::go_all_outcomes;
    ///
    /// let none = go_all_outcomes([|| -> u8 { std::panic::resume_unwind(Box::new("no")) }]).block();
    /// assert!(!none.is_partial(), "all have failed");
    /// ```
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.succeeded.is_empty() && !self.failed.is_empty()
    }

    /// Whether none failed.
    ///
    /// ```
    /// use gonex_runtime::go_all_outcomes;
    ///
    /// assert!(go_all_outcomes([|| 1, || 2]).block().is_complete());
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }

    /// The values in the order of their tasks, if none failed.
    ///
    /// # Errors
    /// The failures; what succeeded is dropped.
    ///
    /// ```
    /// use gonex_runtime::go_all_outcomes;
    ///
    /// assert_eq!(go_all_outcomes([|| 1, || 2]).block().into_values(), Ok(vec![1, 2]));
    /// ```
    pub fn into_values(self) -> Result<Vec<T>, Vec<FailedTask<X>>> {
        if self.failed.is_empty() {
            Ok(self.succeeded.into_iter().map(|(_, value)| value).collect())
        } else {
            Err(self.failed)
        }
    }
}

/// The kind of [`go_all_outcomes`].
#[derive(Debug)]
pub struct GatherOutcomes<T: 'static> {
    ended: Ended<T>,
    /// `None` for a task that has not ended.
    results: Vec<Option<Result<T, TaskError>>>,
}

// Nothing in it is pinned.
impl<T: 'static> Unpin for GatherOutcomes<T> {}

impl<T: 'static> GatherOutcomes<T> {
    /// Sorts what there is; `stopped` is what tasks that have not ended failed with.
    fn sort(&mut self, stopped: &TaskError) -> Outcomes<T> {
        let mut outcomes = Outcomes { succeeded: Vec::new(), failed: Vec::new() };
        for (index, result) in mem::take(&mut self.results).into_iter().enumerate() {
            let (error, attempts) = match result {
                Some(Ok(value)) => {
                    outcomes.succeeded.push((index, value));
                    continue;
                }
                Some(Err(error)) => (error, 1),
                None => (stopped.clone(), 0),
            };
            outcomes.failed.push(FailedTask { index, error, attempts });
        }
        outcomes
    }
}

impl<T: 'static> Kind for GatherOutcomes<T> {
    type Output = Outcomes<T>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Outcomes<T>> {
        loop {
            match self.ended.poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some((index, result))) => self.results[index] = Some(result),
                // None is missing.
                Poll::Ready(None) => return Poll::Ready(self.sort(&TaskError::lost(true))),
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Outcomes<T> {
        // The last ones may have come at the last moment.
        if let Poll::Ready(outcomes) =
            self.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
        {
            return outcomes;
        }
        self.ended.stop(&stop);
        self.sort(&stop.into())
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the end of").of("many tasks")
    }
}

impl<T: 'static> Drop for GatherOutcomes<T> {
    fn drop(&mut self) {
        drop_each(mem::take(&mut self.results));
    }
}
