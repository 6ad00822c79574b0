use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};

use gonex_core::Kind as _;
use gonex_core::context::{Done, Reached};
use gonex_core::insight;
use gonex_core::op::Name;
use gonex_core::rt::{self, Policy, Polled};
use pin_project_lite::pin_project;

use crate::handle::{Awaited, Extra, Handle, Head, Returned, Spec, say_that_it_had_started};
use crate::panic::{catch, drop_unwanted};
use crate::{PanicHook, TaskError};

pin_project! {
    /// A future as a task that returns its result to whoever polls it, where [`TaskFuture`] writes it: for
    /// executors that keep a task's output for a handle of their own, as tokio does.
    ///
    /// The two ends share nothing then, and the task is one allocation, which is the executor's. It is
    /// registered with insight while that is on, and not followed by telemetry.
    ///
    /// [`TaskFuture`]: super::TaskFuture
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_task::work::Returning;
    /// use gonex_task::{PanicHook, Spec};
    ///
    /// let tokio = tokio::runtime::Builder::new_current_thread().build()?;
    /// let spec = Spec::new(Context::current());
    /// let (task, handle) = Returning::new(async { 6 * 7 }, spec, PanicHook::Untouched);
    /// let mut handle = handle.attach(tokio.spawn(task));
    /// assert_eq!(tokio.block_on(handle.join()), Ok(42));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct Returning<F>
    where
        F: Future,
    {
        // `None` once it has ended: a future is dropped before its result is seen.
        #[pin]
        future: Option<F>,
        context: Reached,
        origin: &'static Location<'static>,
        // What few tasks have, or only once they wait.
        extra: Option<Box<Extra>>,
        hook: PanicHook,
        started: bool,
        // Whether somebody may wait for it.
        is_awaited: bool,
    }

    impl<F> PinnedDrop for Returning<F>
    where
        F: Future,
    {
        fn drop(this: Pin<&mut Self>) {
            this.lose();
        }
    }
}

impl<F: Future> fmt::Debug for Returning<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = self.future.is_none();
        f.debug_struct("Returning").field("ended", &ended).finish_non_exhaustive()
    }
}

/// What becomes the handle of a task once tokio has given its own; made by [`Returning::new`].
///
/// Dropped, it leaves a task that nobody waits for.
#[must_use = "a task that nobody awaits is made by `Returning::detached`"]
pub struct Unattached(Awaited);

impl fmt::Debug for Unattached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unattached").finish_non_exhaustive()
    }
}

impl Unattached {
    /// Makes the handle of the task, which tokio has been given.
    ///
    /// The task that `to` belongs to must be the one that this was made with.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_task::work::Returning;
    /// use gonex_task::{PanicHook, Spec, TaskError};
    ///
    /// let tokio = tokio::runtime::Builder::new_current_thread().build()?;
    /// let spec = Spec::new(Context::current());
    /// let (task, handle) = Returning::new(async { 6 * 7 }, spec, PanicHook::Untouched);
    /// let mut handle = handle.attach(tokio.spawn(task));
    /// drop(tokio);
    /// let lost = handle.join().block();
    /// assert!(matches!(lost, Err(TaskError::Lost { started: false, .. })));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    pub fn attach<T>(self, to: tokio::task::JoinHandle<Returned<T>>) -> Handle<T> {
        Handle::of_tokio(self.0, to)
    }
}

impl<F: Future> Returning<F> {
    /// Makes a task of a future, and what is to become its handle. `hook` is what is done about a panic.
    #[inline(always)]
    pub fn new(future: F, spec: Spec, hook: PanicHook) -> (Self, Unattached) {
        let (head, parent) = Head::new(spec);
        let (context, reach) = Reached::new(parent, head.id.number());
        let task = Self::of(future, &head, context, hook, true);
        (task, Unattached(Awaited::new(head, reach)))
    }

    /// Makes a task of a future that nobody waits for, nor can cancel alone. Its result is dropped.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use gonex_core::Context;
    /// use gonex_task::work::Returning;
    /// use gonex_task::{PanicHook, Spec};
    ///
    /// let tokio = tokio::runtime::Builder::new_current_thread().build()?;
    /// let (told, hears) = mpsc::channel();
    /// let spec = Spec::new(Context::current());
    /// let task = Returning::detached(async move { told.send(7) }, spec, PanicHook::Untouched);
    /// let ended = tokio.block_on(tokio.spawn(task));
    /// assert!(ended.is_ok());
    /// assert_eq!(hears.recv(), Ok(7));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    #[inline(always)]
    pub fn detached(future: F, spec: Spec, hook: PanicHook) -> Self {
        let (head, parent) = Head::new(spec);
        let context = Reached::within(parent, head.id.number());
        Self::of(future, &head, context, hook, false)
    }

    fn of(future: F, head: &Head, context: Reached, hook: PanicHook, is_awaited: bool) -> Self {
        let extra = |name: &Arc<str>| Box::new(Extra::named(name.clone()));
        let extra = head.name().map(extra);
        let origin = head.origin;
        Self { future: Some(future), context, origin, extra, hook, started: false, is_awaited }
    }

    fn name(&self) -> Option<&Arc<str>> {
        self.extra.as_ref().and_then(|extra| extra.name.as_ref())
    }

    /// What an operation that may not block calls the task.
    #[inline]
    fn polled(&self) -> Polled {
        let name = match self.name() {
            Some(name) => Name::Named("task", name.clone()),
            None => Name::Numbered("task", self.context.number()),
        };
        Polled::new(name, Some(self.origin))
    }

    /// Whether insight knows of the task, or should.
    #[inline]
    fn is_watched(&self) -> bool {
        insight::is_enabled() || self.extra.as_ref().is_some_and(|extra| extra.watched.is_some())
    }

    /// A step of a task that insight knows of while that is on.
    #[cold]
    fn step_watched(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Result<F::Output, TaskError>> {
        let this = self.as_mut().project();
        let watched = this.extra.as_mut().and_then(|extra| extra.watched.take());
        let watched = watched.or_else(|| {
            insight::watch_task(|| {
                let called = self.name().map_or("task", |name| name);
                (format!("{called} #{}", self.context.number()).into(), self.origin)
            })
        });
        // It may have been turned off at this moment.
        let Some(mut watched) = watched else { return self.step(cx) };
        let polled = watched.poll(cx, |cx| self.as_mut().step(cx));
        // It is kept until somebody has seen the result.
        self.project().extra.get_or_insert_default().watched = Some(watched);
        polled
    }

    /// Polls the future, and drops it in the same step when it is ready.
    fn step(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Result<F::Output, TaskError>> {
        // Where nothing unwinds, an operation that has no error to return could not stop the task from
        // within: there it ends before its next step.
        if (!self.started || cfg!(panic = "abort"))
            && let Some(stop) = self.as_mut().project().context.stopped()
        {
            return Poll::Ready(Err(stop.into()));
        }
        *self.as_mut().project().started = true;
        let polled = Policy::Forbidden(self.polled());
        // Kept outside the step: a destructor that panics there must not meet that of the value.
        let mut value = None;
        let stepped = self.as_mut().inside(|mut future| {
            let poll = || {
                if let Some(Poll::Ready(ready)) = future.as_mut().as_pin_mut().map(|it| it.poll(cx))
                {
                    value = Some(ready);
                    future.set(None);
                }
            };
            rt::with_policy(polled, || rt::coop::with_budget(poll));
        });
        match (stepped, value) {
            (Ok(()), Some(value)) => Poll::Ready(Ok(value)),
            (Ok(()), None) => self.wait(cx).map(Err),
            (Err(error), value) => {
                value.into_iter().for_each(drop_unwanted);
                Poll::Ready(Err(error))
            }
        }
    }

    /// Has the task woken when its context stops.
    #[inline(never)]
    fn wait(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<TaskError> {
        if self.context.is_background() {
            return Poll::Pending;
        }
        let this = self.project();
        let done = || Done::new(this.context.context().clone());
        let stopped = this.extra.get_or_insert_default().stopped.get_or_insert_with(done);
        Pin::new(stopped).poll(cx).map(TaskError::from)
    }

    /// Runs what belongs to the task, started or not, in its context and catches what it throws.
    #[inline]
    fn inside<R>(
        self: Pin<&mut Self>,
        body: impl FnOnce(Pin<&mut Option<F>>) -> R,
    ) -> Result<R, TaskError> {
        let this = self.project();
        let (future, context, extra) = (this.future, this.context, &*this.extra);
        let (number, origin) = (context.number(), *this.origin);
        let called = || match extra.as_ref().and_then(|extra| extra.name.as_ref()) {
            Some(name) => format!("{name} #{number} from {origin}"),
            None => format!("#{number} from {origin}"),
        };
        let body = || match extra.as_ref().and_then(|extra| extra.watched.as_ref()) {
            Some(watched) => watched.run(|| body(future)),
            None => body(future),
        };
        catch(*this.hook, called, || context.run(body))
    }

    /// Drops the future, whose destructors belong to the task, and then tells how it has ended.
    fn end(
        mut self: Pin<&mut Self>,
        mut result: Result<F::Output, TaskError>,
    ) -> Returned<F::Output> {
        if self.future.is_some() {
            let dropped = self.as_mut().inside(|mut future| future.set(None));
            result = result.and_then(|value| dropped.map(|()| value));
        }
        let this = self.project();
        let mut extra = this.extra.take();
        let watched = extra.as_ref().is_some_and(|extra| extra.watched.is_some());
        // Who may still cancel the context, for those who have inherited it, holds on to it.
        let is_inherited = *this.is_awaited && this.context.is_made();
        if is_inherited {
            extra.get_or_insert_default().context = Some(this.context.take());
        }
        let extra = extra.filter(|_| watched || is_inherited).map(|mut extra| {
            extra.stopped = None;
            extra
        });
        Returned { result, extra }
    }

    /// What is done with a task that is dropped before its end, by an executor that ends.
    fn lose(mut self: Pin<&mut Self>) {
        if self.future.is_some() {
            self.as_mut().inside(|mut future| future.set(None)).ok();
            if self.started && self.is_awaited {
                say_that_it_had_started();
            }
        }
    }
}

impl<F: Future> Future for Returning<F> {
    type Output = Returned<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let polled = match self.is_watched() {
            false => self.as_mut().step(cx),
            true => self.as_mut().step_watched(cx),
        };
        let result = ready!(polled);
        Poll::Ready(self.end(result))
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use super::*;

    #[test]
    fn a_task_is_small_and_so_is_its_handle() {
        type Small = std::future::Ready<u64>;
        // tokio's task takes 128 bytes, and 256 with what is ours; with more it would take 384.
        assert!(size_of::<Returning<Small>>() <= size_of::<Small>() + 40);
        assert!(size_of::<Extra>() <= 128, "{}", size_of::<Extra>());
        assert!(size_of::<Handle<u64>>() <= 56, "{}", size_of::<Handle<u64>>());
    }
}
