use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use gonex_core::Op;
use gonex_core::context::Done;

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
    stopped: Pin<Box<Op<Done>>>,
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
        let stopped = Box::pin(completer.context().done());
        Self { running: Some(Running { future, completer, stopped }), hook }
    }
}

impl<T> Running<T> {
    fn poll(&mut self, hook: PanicHook, cx: &mut TaskContext<'_>) -> Poll<Result<T, TaskError>> {
        let future = self.future.as_mut();
        match self.completer.step(hook, || future.poll(cx)) {
            Ok(Poll::Ready(value)) => return Poll::Ready(Ok(value)),
            Err(error) => return Poll::Ready(Err(error)),
            Ok(Poll::Pending) => {}
        }
        self.stopped.as_mut().poll(cx).map(|stop| Err(stop.into()))
    }
}

impl<T> Future for TaskFuture<T> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<bool> {
        let this = &mut *self;
        let Some(running) = &mut this.running else { return Poll::Ready(false) };
        let Poll::Ready(result) = running.poll(this.hook, cx) else { return Poll::Pending };
        let completed = result.is_ok();
        let hook = this.hook;
        if let Some(Running { future, mut completer, stopped }) = this.running.take() {
            drop(stopped);
            // Its destructors belong to the task, too; the result stands before they run.
            let dropped = completer.step(hook, || drop(future));
            completer.complete(if completed { dropped.and(result) } else { result });
        }
        Poll::Ready(completed)
    }
}
