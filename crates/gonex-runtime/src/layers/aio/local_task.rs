use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use gonex_core::Kind;
use gonex_core::context::Done;
use gonex_core::op::Name;
use gonex_core::rt::{self, Policy, Polled, coop};
use gonex_task::handle::Completer;
use gonex_task::{TaskError, isolate};

use crate::layers::task::HOOK;

/// A task that is a future of this thread, with its result's way back.
pub(super) struct LocalTask {
    /// `None` once it has ended.
    running: Option<Box<dyn Running>>,
}

impl fmt::Debug for LocalTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTask").field("ended", &self.running.is_none()).finish()
    }
}

/// A task without the type of its result.
trait Running {
    /// Goes on; whether it has ended.
    fn poll(&mut self, cx: &mut TaskContext<'_>) -> bool;

    /// Drops the future, and has the handle say why; or that it is lost.
    fn end(self: Box<Self>, error: Option<TaskError>);
}

struct Parts<F: Future> {
    /// `None` once dropped.
    future: Option<Pin<Box<F>>>,
    /// `None` once written.
    completer: Option<Completer<F::Output>>,
    /// Polled without its operation: only the task's own context matters here.
    stopped: Done,
    polled: Polled,
}

/// What is left of a task whose future is gone: who writes its result, and how its destructors went.
type Ended<T> = (Completer<T>, Result<(), TaskError>);

impl LocalTask {
    #[track_caller]
    pub(super) fn new<F>(future: F, completer: Completer<F::Output>) -> Self
    where
        F: Future<Output: Send + 'static> + 'static,
    {
        let stopped = Done::new(completer.context());
        let polled = Polled::new(Name::Kind("a local task"), Some(Location::caller()));
        let (future, completer) = (Some(Box::pin(future)), Some(completer));
        Self { running: Some(Box::new(Parts { future, completer, stopped, polled })) }
    }

    /// Drops the future, and has the handle say why. In a browser the event loop takes all.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(super) fn refuse(mut self, reason: &'static str) {
        if let Some(running) = self.running.take() {
            running.end(Some(TaskError::refused(reason)));
        }
    }
}

impl Future for LocalTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        if self.running.as_mut().is_none_or(|running| running.poll(cx)) {
            self.running = None;
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl Drop for LocalTask {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.end(None);
        }
    }
}

impl<F> Parts<F>
where
    F: Future<Output: Send + 'static>,
{
    /// Drops the future, whose destructors belong to the task, and yields the completer, if nobody else
    /// has had it.
    fn end_future(&mut self) -> Option<Ended<F::Output>> {
        let future = self.future.take();
        let completer = self.completer.take()?;
        let context = completer.context();
        let dropped = isolate("a local task", || context.run(|| drop(future)));
        Some((completer, dropped))
    }

    /// Writes the result, after the future is gone.
    fn finish(&mut self, result: Result<F::Output, TaskError>) {
        if let Some((completer, dropped)) = self.end_future() {
            completer.complete(result.and_then(|value| dropped.map(|()| value)));
        }
    }
}

impl<F> Running for Parts<F>
where
    F: Future<Output: Send + 'static>,
{
    fn poll(&mut self, cx: &mut TaskContext<'_>) -> bool {
        let (Some(future), Some(completer)) = (&mut self.future, &mut self.completer) else {
            return true;
        };
        let policy = Policy::Forbidden(self.polled.clone());
        let step = || coop::with_budget(|| future.as_mut().poll(cx));
        let result = match completer.step(HOOK, || rt::with_policy(policy, step)) {
            Ok(Poll::Ready(value)) => Ok(value),
            Err(error) => Err(error),
            Ok(Poll::Pending) => match Pin::new(&mut self.stopped).poll(cx) {
                Poll::Ready(stop) => Err(stop.into()),
                Poll::Pending => return false,
            },
        };
        self.finish(result);
        true
    }

    fn end(mut self: Box<Self>, error: Option<TaskError>) {
        match error {
            Some(error) => self.finish(Err(error)),
            // The completer knows whether it had begun, and says so when it is dropped.
            None => drop(self.end_future()),
        }
    }
}
