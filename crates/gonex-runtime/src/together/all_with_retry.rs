use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use futures_util::stream::{FuturesUnordered, StreamExt};
use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};
use gonex_resilience::retry::Rules;
use gonex_resilience::{Retry, RetryError};
use pin_project_lite::pin_project;

use super::ended::drop_each;
use super::with_retry::{Retried, TaskRules, TaskWork};
use super::{FailedTask, IntoAttempts, Outcomes, TryError};
use crate::Runtime;

/// Starts each of many again when it fails, as [`go_with_retry`](super::go_with_retry) does with one, and
/// waits for all to succeed or to be given up.
///
/// They share the policy, its metrics and its budget, and run at the same time. None is cancelled
/// because another was given up. The first attempts start when the operation is first awaited or
/// blocked on.
///
/// # Cancel safety
/// Dropping the operation cancels the attempts that run. Reaching a limit does so too, and yields at
/// once: what has succeeded is there, and the others have failed with [`RetryError::Stopped`].
///
/// # Panics
/// As [`go_with_retry`](super::go_with_retry).
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::{Retry, RetryError};
/// use gonex_runtime::{TryError, go_all_with_retry};
///
/// let retry = Retry::fixed().initial_delay(Duration::from_millis(1)).max_attempts(2);
/// let outcomes = go_all_with_retry(retry, ["1", "two"].map(|text| move || text.parse::<u32>())).block();
/// assert_eq!(outcomes.succeeded, [(0, 1)]);
/// assert_eq!((outcomes.failed[0].index, outcomes.failed[0].attempts), (1, 2));
/// let last = outcomes.failed[0].error.last();
/// assert!(matches!(last, Some(TryError::Failed(error)) if error.to_string().contains("digit")));
/// ```
#[track_caller]
pub fn go_all_with_retry<M, W, R>(
    retry: Retry<R>,
    work: impl IntoIterator<Item = W>,
) -> Op<AllRetried<W::Value, W::Error, R>>
where
    W: IntoAttempts<M>,
    R: Rules<W::Error> + Clone,
{
    let runtime = Runtime::current();
    let retry = retry.map_rules(TaskRules);
    let mut running = Vec::new();
    // Not `map`: who called would be its closure.
    for (index, work) in work.into_iter().enumerate() {
        let work = TaskWork::new(work.into_attempts(), runtime.clone());
        running.push(Numbered { index, kind: retry.run(work).into_kind() });
    }
    let results = std::iter::repeat_with(|| None).take(running.len()).collect();
    Op::new(AllRetried { running: running.into_iter().collect(), results })
}

/// The kind of [`go_all_with_retry`].
pub struct AllRetried<T, E, R>
where
    T: Send + 'static,
    E: Send + 'static,
{
    running: FuturesUnordered<Numbered<Retried<T, E, R>>>,
    /// `None` for one that has not ended.
    results: Vec<Option<Result<T, Failure<E>>>>,
}

type Failure<E> = RetryError<TryError<E>>;

// What is pinned in it is pinned on the heap.
impl<T: Send + 'static, E: Send + 'static, R> Unpin for AllRetried<T, E, R> {}

impl<T: Send + 'static, E: Send + 'static, R> fmt::Debug for AllRetried<T, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllRetried").field("running", &self.running.len()).finish_non_exhaustive()
    }
}

pin_project! {
    /// One of the calls, and its place among them.
    struct Numbered<K> {
        index: usize,
        #[pin]
        kind: K,
    }
}

impl<K: Kind> Future for Numbered<K> {
    type Output = (usize, K::Output);

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.kind.poll(cx).map(|output| (*this.index, output))
    }
}

impl<T: Send + 'static, E: Send + 'static, R> AllRetried<T, E, R> {
    fn sort(&mut self) -> Outcomes<T, Failure<E>> {
        let mut outcomes = Outcomes { succeeded: Vec::new(), failed: Vec::new() };
        for (index, result) in mem::take(&mut self.results).into_iter().enumerate() {
            match result {
                Some(Ok(value)) => outcomes.succeeded.push((index, value)),
                Some(Err(error)) => {
                    let attempts = error.attempts();
                    outcomes.failed.push(FailedTask { index, error, attempts });
                }
                // Each has been written before this is called.
                None => {}
            }
        }
        outcomes
    }
}

impl<T, E, R> Kind for AllRetried<T, E, R>
where
    T: Send + 'static,
    E: Send + 'static,
    R: Rules<E>,
{
    type Output = Outcomes<T, Failure<E>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        loop {
            match self.running.poll_next_unpin(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some((index, result))) => self.results[index] = Some(result),
                Poll::Ready(None) => return Poll::Ready(self.sort()),
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // The last ones may have come at the last moment.
        if let Poll::Ready(outcomes) =
            self.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
        {
            return outcomes;
        }
        let this = &mut *self;
        for call in Pin::new(&mut this.running).iter_pin_mut() {
            let call = call.project();
            this.results[*call.index] = Some(call.kind.stop(stop.clone()));
        }
        this.running.clear();
        this.sort()
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the end of").of("many calls with retries")
    }
}

impl<T: Send + 'static, E: Send + 'static, R> Drop for AllRetried<T, E, R> {
    fn drop(&mut self) {
        drop_each(mem::take(&mut self.results));
    }
}
