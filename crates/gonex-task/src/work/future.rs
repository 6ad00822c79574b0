use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use gonex_core::Kind as _;
use gonex_core::context::Done;

use super::job::EndableFuture;
use crate::handle::Completer;
use crate::{PanicHook, TaskError};

/// A future as a task: in its context, stopped with it, its panics caught.
pub struct TaskFuture<T> {
    /// `None` once it has ended: a future is dropped as soon as its result is there.
    running: Option<Running<T>>,
    hook: PanicHook,
}

struct Running<T> {
    future: Pin<Box<dyn Future<Output = T> + Send>>,
    completer: Completer<T>,
    /// The kind and not an operation: of the contexts in force only the task's own matters here.
    stopped: Done,
}

impl<T> fmt::Debug for TaskFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskFuture").field("ended", &self.running.is_none()).finish_non_exhaustive()
    }
}

impl<T> TaskFuture<T> {
    /// Makes a task of a future and the end that takes its result.
    #[must_use]
    pub fn new(
        future: Pin<Box<dyn Future<Output = T> + Send>>,
        completer: Completer<T>,
        hook: PanicHook,
    ) -> Self {
        let stopped = Done::new(completer.context().clone());
        Self { running: Some(Running { future, completer, stopped }), hook }
    }

    /// Drops the future, whose destructors belong to the task, and then writes its result: whoever
    /// sees that knows that the future is gone.
    fn finish(&mut self, result: Result<T, TaskError>) {
        if let Some((completer, dropped)) = self.end_future() {
            completer.complete(result.and_then(|value| dropped.map(|()| value)));
        }
    }

    fn end_future(&mut self) -> Option<(Completer<T>, Result<(), TaskError>)> {
        let Running { future, completer, stopped } = self.running.take()?;
        drop(stopped);
        let dropped = completer.inside(self.hook, || drop(future));
        Some((completer, dropped))
    }
}

impl<T> Drop for TaskFuture<T> {
    fn drop(&mut self) {
        // Dropped before its end, by a runtime that ends: the completer says that it is lost.
        drop(self.end_future());
    }
}

impl<T> Running<T> {
    fn poll(&mut self, hook: PanicHook, cx: &mut TaskContext<'_>) -> Poll<Result<T, TaskError>> {
        let future = self.future.as_mut();
        match self.completer.poll(hook, || future.poll(cx)) {
            Ok(Poll::Ready(value)) => return Poll::Ready(Ok(value)),
            Err(error) => return Poll::Ready(Err(error)),
            Ok(Poll::Pending) => {}
        }
        Pin::new(&mut self.stopped).poll(cx).map(|stop| Err(stop.into()))
    }
}

impl<T> Future for TaskFuture<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let hook = self.hook;
        let Some(running) = &mut self.running else { return Poll::Ready(()) };
        let Poll::Ready(result) = running.poll(hook, cx) else { return Poll::Pending };
        self.finish(result);
        Poll::Ready(())
    }
}

impl<T: Send> EndableFuture for TaskFuture<T> {
    fn end(mut self: Pin<&mut Self>, error: TaskError) {
        self.finish(Err(error));
    }
}
