use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};
use gonex_core::{Canceller, Cause, Context, Kind, Stop};
use gonex_task::handle::Join;
use gonex_task::{Handle, Spec, TaskError, drop_unwanted};

/// Tasks of one type, in the order in which they end.
///
/// Only those that have ended are looked at, so waiting for many costs no more for each. The tasks run
/// in a context of their own, by which those that are left are cancelled. Dropping it detaches them.
pub(super) struct Ended<T: 'static> {
    running: FuturesUnordered<Running<T>>,
    total: usize,
    canceller: Canceller,
    /// What they are, and where they were handed in.
    together: &'static str,
    origin: &'static Location<'static>,
}

impl<T: 'static> fmt::Debug for Ended<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended")
            .field("running", &self.running.len())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// One of the tasks, and its place among them.
struct Running<T: 'static> {
    index: usize,
    /// The kind and not an operation: contexts and limits are the business of the one around all.
    join: Join<'static, T>,
}

impl<T: 'static> Future for Running<T> {
    type Output = (usize, Result<T, TaskError>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let index = self.index;
        Pin::new(&mut self.join).poll(cx).map(|result| (index, result))
    }
}

impl<T: 'static> Ended<T> {
    /// Has tasks started by the caller, in a child of the current context. `together` is what they are
    /// called: "a race".
    #[track_caller]
    pub(super) fn start(
        together: &'static str,
        start: impl FnOnce(&Spec) -> Vec<Handle<T>>,
    ) -> Self {
        let origin = Location::caller();
        let (context, canceller) = Context::current().with_cancel();
        let spec = Spec { name: Some(together.into()), ..Spec::new(context.clone()) };
        let handles = context.run(|| start(&spec));
        let total = handles.len();
        let running = handles.into_iter().enumerate().map(|(index, handle)| {
            let join = handle.into_future().into_kind();
            Running { index, join }
        });
        Self { running: running.collect(), total, canceller, together, origin }
    }
}

impl<T: 'static> Ended<T> {
    /// How many tasks there were.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// The next task that ends, with its place; `None` after the last one.
    pub(super) fn poll_next(
        &mut self,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<(usize, Result<T, TaskError>)>> {
        let ended = self.running.poll_next_unpin(cx);
        ended.map(|ended| ended.map(|(index, result)| (index, self.named(index, result))))
    }

    /// A panic is reported with the task's place among the others; the task itself knows only what they
    /// are together.
    fn named(&self, index: usize, result: Result<T, TaskError>) -> Result<T, TaskError> {
        result.map_err(|error| {
            rename(error, || format!("{index} of {} from {}", self.together, self.origin))
        })
    }

    /// Cancels those that have not ended.
    pub(super) fn cancel(&self, cause: impl Into<Cause>) {
        if !self.running.is_empty() {
            self.canceller.cancel(cause);
        }
    }

    /// Cancels those that have not ended because the wait for them was stopped.
    pub(super) fn stop(&self, stop: &Stop) {
        self.cancel(match stop {
            Stop::Timeout => "nobody waits for the task any longer".into(),
            Stop::Cancelled(cause) => cause.clone(),
        });
    }
}

/// Says in the report of a panic which task it was.
pub(super) fn rename(mut error: TaskError, name: impl FnOnce() -> String) -> TaskError {
    if let TaskError::Panicked(panic) = &mut error {
        panic.task = name();
    }
    error
}

/// Drops values that nobody wants, one by one: two destructors that panic in one sweep would abort the
/// process.
pub(super) fn drop_each<T>(values: impl IntoIterator<Item = T>) {
    values.into_iter().for_each(drop_unwanted);
}
