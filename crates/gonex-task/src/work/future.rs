use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};

use gonex_core::context::Done;
use gonex_core::{Context, Kind as _};
use pin_project_lite::pin_project;

use super::job::EndableFuture;
use crate::handle::{Completer, Spec};
use crate::panic::drop_unwanted;
use crate::{PanicHook, TaskError};

pin_project! {
    /// A future as a task: in its context, stopped with it, its panics caught.
    pub struct TaskFuture<F>
    where
        F: Future,
        F::Output: 'static,
    {
        // `None` once it has ended: a future is dropped before its result is seen.
        #[pin]
        future: Option<F>,
        // `None` once the result is written.
        completer: Option<Completer<F::Output>>,
        // The kind and not an operation: of the contexts in force only the task's own matters here.
        // Made when the future first has to wait, and boxed, for many never do.
        stopped: Option<Box<Done>>,
        hook: PanicHook,
    }

    impl<F> PinnedDrop for TaskFuture<F>
    where
        F: Future,
        F::Output: 'static,
    {
        fn drop(this: Pin<&mut Self>) {
            // Dropped before its end, by a runtime that ends: the completer says that it is lost.
            drop(this.end_future());
        }
    }
}

impl<F> fmt::Debug for TaskFuture<F>
where
    F: Future,
    F::Output: 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = self.completer.is_none();
        f.debug_struct("TaskFuture").field("ended", &ended).finish_non_exhaustive()
    }
}

impl<F> TaskFuture<F>
where
    F: Future,
    F::Output: 'static,
{
    /// Makes a task of a future and the end that takes its result.
    #[must_use]
    pub fn new(future: F, completer: Completer<F::Output>, hook: PanicHook) -> Self {
        Self { future: Some(future), completer: Some(completer), stopped: None, hook }
    }

    /// Drops the future, whose destructors belong to the task, and then writes its result: whoever
    /// sees that knows that the future is gone.
    fn finish(self: Pin<&mut Self>, result: Result<F::Output, TaskError>) {
        if let Some((completer, dropped)) = self.end_future() {
            completer.complete(result.and_then(|value| dropped.map(|()| value)));
        }
    }

    fn end_future(self: Pin<&mut Self>) -> Option<Ended<F::Output>> {
        let mut this = self.project();
        let completer = this.completer.take()?;
        *this.stopped = None;
        let dropped = match this.future.is_none() {
            true => Ok(()),
            false => completer.inside(*this.hook, || this.future.set(None)),
        };
        Some((completer, dropped))
    }

    /// Polls the future, and drops it in the same step when it is ready; yields the result it has then.
    fn step(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Result<F::Output, TaskError>> {
        let mut this = self.project();
        let Some(completer) = this.completer else { return Poll::Pending };
        // Kept outside the step: a destructor that panics there must not meet that of the value.
        let mut value = None;
        let polled = completer.poll(*this.hook, || {
            let future = this.future.as_mut().as_pin_mut();
            if let Some(Poll::Ready(ready)) = future.map(|future| future.poll(cx)) {
                value = Some(ready);
                this.future.set(None);
            }
        });
        match (polled, value) {
            (Ok(()), Some(value)) => return Poll::Ready(Ok(value)),
            (Err(error), value) => {
                value.into_iter().for_each(drop_unwanted);
                return Poll::Ready(Err(error));
            }
            (Ok(()), None) => {}
        }
        let stopped = this.stopped.get_or_insert_with(|| Box::new(Done::new(completer.context())));
        Pin::new(&mut **stopped).poll(cx).map(|stop| Err(stop.into()))
    }
}

/// The end of a task whose future is gone, and what its destructor threw.
type Ended<T> = (Completer<T>, Result<(), TaskError>);

impl<F> Future for TaskFuture<F>
where
    F: Future,
    F::Output: 'static,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        if self.completer.is_none() {
            return Poll::Ready(());
        }
        let watched = self.as_mut().project().completer.as_mut().and_then(Completer::take_watch);
        let result = match watched {
            None => ready!(self.as_mut().step(cx)),
            Some(mut watched) => {
                let polled = watched.poll(cx, |cx| self.as_mut().step(cx));
                // It is kept until the result has been written.
                if let Some(completer) = self.as_mut().project().completer {
                    completer.put_watch(watched);
                }
                ready!(polled)
            }
        };
        if result.is_ok() {
            // The future is gone already.
            let this = self.project();
            *this.stopped = None;
            if let Some(completer) = this.completer.take() {
                completer.complete(result);
            }
        } else {
            self.finish(result);
        }
        Poll::Ready(())
    }
}

impl<F> EndableFuture for TaskFuture<F>
where
    F: Future,
    F::Output: 'static,
{
    fn end(self: Pin<&mut Self>, error: TaskError) {
        self.finish(Err(error));
    }

    fn spec(&self) -> Spec {
        let spec = self.completer.as_ref().map(Completer::spec);
        spec.unwrap_or_else(|| Spec::new(Context::background()))
    }
}
