use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::Kind;
use super::limits::Limits;
use crate::{Context, Instant, insight, rt, switches, telemetry};

pin_project! {
    /// Something that waits: a join, a receive, a lock.
    ///
    /// It is a [`Future`] for async code, and [`block`](Self::block) is for threads. Limits are
    /// put on it before: [`timeout`](Self::timeout), [`deadline`](Self::deadline) and
    /// [`within`](Self::within), in any number and order; the first one reached counts. The
    /// ambient [context](Context::current) is always observed when the operation has to wait.
    ///
    /// An operation that is ready when it is first tried is done, whatever its limits say.
    ///
    /// An operation takes two words more than its kind. Where it has no limits and no context is around
    /// it, waiting costs what the kind's own wait costs. Else it uses a block of about 150 bytes that
    /// its thread keeps for the next one.
    ///
    /// # Cancel safety
    /// Dropping an operation, or reaching one of its limits, leaves nothing behind: no value is
    /// lost and no permit kept. What each operation yields then is in its contract table.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::{Context, Stop};
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// let done = context.done().timeout(Duration::ZERO).block();
    /// assert_eq!(done, Err(Stop::Timeout));
    ///
    /// canceller.cancel("enough");
    /// assert!(matches!(context.done().block(), Stop::Cancelled(cause) if cause.to_string() == "enough"));
    /// ```
    #[must_use = "an operation waits for nothing until it is awaited or blocked on"]
    pub struct Op<K> {
        #[pin]
        kind: K,
        limits: Limits,
        place: &'static Location<'static>,
    }
}

impl<K> fmt::Debug for Op<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Op")
            .field("place", &format_args!("{}", self.place))
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl<K: Kind> Op<K> {
    /// Makes an operation without limits of its own.
    ///
    /// [Insight](crate::insight) tells the place of the call, so what makes operations for users is
    /// `#[track_caller]`.
    ///
    /// ```
    /// use gonex_core::context::Done;
    /// use gonex_core::{Context, Op};
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// canceller.cancel("enough");
    /// let done = Op::new(Done::new(context));
    /// assert_eq!(done.block().to_string(), "cancelled: enough");
    /// ```
    #[inline]
    #[track_caller]
    pub fn new(kind: K) -> Self {
        Self { kind, limits: Limits::default(), place: Location::caller() }
    }

    /// Stops the operation when it has waited for `limit`, counted from this call.
    ///
    /// A time too long to be represented is no limit. In async code the first timer of the process
    /// starts the thread that serves them all.
    ///
    /// # Panics
    /// Polling it does, if the system has no thread for the timers.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::{Stop, rt};
    ///
    /// let nap = rt::sleep(Duration::from_secs(3600)).timeout(Duration::ZERO);
    /// assert_eq!(nap.block(), Err(Stop::Timeout));
    /// ```
    pub fn timeout(self, limit: Duration) -> Op<K::Limited> {
        let at = rt::now().checked_add(limit);
        self.limit(|limits| {
            if let Some(at) = at {
                limits.until(at);
            }
        })
    }

    /// Stops the operation at `at`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::{Stop, rt};
    ///
    /// let nap = rt::sleep(Duration::from_secs(3600)).deadline(rt::now());
    /// assert_eq!(nap.block(), Err(Stop::Timeout));
    /// ```
    pub fn deadline(self, at: Instant) -> Op<K::Limited> {
        self.limit(|limits| limits.until(at))
    }

    /// Stops the operation when `context` is cancelled or its deadline passes.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::{Context, Stop, rt};
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// canceller.cancel("enough");
    /// let nap = rt::sleep(Duration::from_secs(3600)).within(&context);
    /// assert!(matches!(nap.block(), Err(Stop::Cancelled(_))));
    /// ```
    pub fn within(self, context: &Context) -> Op<K::Limited> {
        self.limit(|limits| limits.within(context))
    }

    /// Takes the kind out, without the limits and the place: for kinds that are made of others.
    ///
    /// Who polls it sees to limits, and is the one [`insight`] knows of.
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::task::{Context, Poll, Waker};
    /// use gonex_core::{Kind, rt};
    ///
    /// let nap = pin!(rt::sleep_until(rt::now()).into_kind());
    /// assert_eq!(nap.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
    /// ```
    pub fn into_kind(self) -> K {
        self.kind
    }

    fn limit(self, add: impl FnOnce(&mut Limits)) -> Op<K::Limited> {
        let mut limits = self.limits;
        add(&mut limits);
        Op { kind: self.kind.limited(), limits, place: self.place }
    }

    /// Does the operation on this thread, parking it while there is nothing to do.
    ///
    /// Not for async code: it would keep the runtime's thread from all other tasks. In a future that
    /// gonex polls it is [forbidden](rt::Policy::Forbidden); other runtimes it does not see.
    ///
    /// # Panics
    /// Where blocking is forbidden, whether the operation would have to wait or not; the message names
    /// the task, and the place is that of the call.
    ///
    /// An operation that has no error to return unwinds when the ambient context stops it: inside
    /// a task to its border, where it becomes [`Stop`](crate::Stop); elsewhere it is a panic.
    ///
    /// ```
    /// use gonex_core::rt;
    ///
    /// rt::sleep_until(rt::now()).block();
    /// ```
    #[inline]
    #[track_caller]
    pub fn block(self) -> K::Output {
        rt::check_blocking();
        // Taken apart, so that what is done at once need never be put together in memory.
        let Self { mut kind, limits, place } = self;
        #[cfg(gonex_sim)]
        rt::step_at(kind.subject(), place);
        if let Some(output) = kind.attempt() {
            rt::pause();
            return output;
        }
        Self { kind, limits, place }.wait()
    }

    /// Tries on for a moment, and then parks.
    #[inline(never)]
    fn wait(mut self) -> K::Output {
        let tries = K::SPINS && self.kind.comes_unasked();
        if tries && let Some(output) = self.spin() {
            return output;
        }
        let mut op = pin!(self);
        let output =
            rt::block_spinning(K::SPINS && !tries, |cx| match op.as_mut().advance(cx, false) {
                Poll::Ready(output) => rt::Blocked::Done(output),
                Poll::Pending => {
                    #[cfg(gonex_sim)]
                    rt::waits_at(op.kind.subject(), op.place);
                    rt::Blocked::Until(op.limits.earliest_deadline(Self::sees_ambient()))
                }
            });
        rt::pause();
        output
    }

    /// Tries again for a moment, without a waker.
    fn spin(&mut self) -> Option<K::Output> {
        let mut spin = rt::Spin::new();
        while spin.turn() {
            if let Some(output) = self.kind.attempt() {
                return Some(output);
            }
        }
        None
    }

    /// Whether the ambient context counts now: see [`Kind::STOP_UNWINDS`].
    fn sees_ambient() -> bool {
        !(K::STOP_UNWINDS && std::thread::panicking())
    }

    /// One step: the kind goes first, so that what is ready is never lost to a limit.
    ///
    /// What an operation without limits runs through when it is ready is written into the caller; the
    /// rest is called. No reference into the operation is held across a call, and no call writes where
    /// the result stands (hence the `Option` of `watch`): else the compiler would keep both in memory.
    #[inline(always)]
    fn advance(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>, timer: bool) -> Poll<K::Output> {
        match self.as_mut().project().kind.poll(cx) {
            Poll::Ready(output) if self.limits.are_none() => Poll::Ready(output),
            Poll::Ready(output) => Poll::Ready(self.unlist(output)),
            // Mostly nothing can stop it, and nobody wants to know of it.
            Poll::Pending
                if self.limits.are_none()
                    && !Context::is_any_current()
                    && !switches::is_any_on() =>
            {
                Poll::Pending
            }
            Poll::Pending => match self.watch(cx, timer) {
                Some(output) => Poll::Ready(output),
                None => Poll::Pending,
            },
        }
    }

    /// Goes on as what a simulator sees.
    #[cfg(gonex_sim)]
    fn advance_as_a_step(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<K::Output> {
        rt::step_at(self.kind.subject(), self.place);
        let polled = self.as_mut().advance(cx, true);
        if polled.is_pending() {
            rt::waits_at(self.kind.subject(), self.place);
        } else {
            rt::pause();
        }
        polled
    }

    /// Takes an operation that is done out of the list of those that wait.
    #[cold]
    #[inline(never)]
    fn unlist(self: Pin<&mut Self>, output: K::Output) -> K::Output {
        self.project().limits.unlist("done");
        output
    }

    /// Sees to the limits of an operation that waits.
    #[cold]
    #[inline(never)]
    fn watch(self: Pin<&mut Self>, cx: &mut TaskContext<'_>, timer: bool) -> Option<K::Output> {
        let this = self.project();
        let ambient = Self::sees_ambient();
        if let Some(stop) = this.limits.watch(cx.waker(), timer, ambient) {
            this.limits.unlist("stopped");
            return Some(this.kind.stop(stop));
        }
        if insight::is_enabled() {
            let kind = this.kind.as_ref();
            this.limits.list(|| kind.subject(), this.place, ambient);
        }
        if telemetry::is_enabled() {
            let kind = this.kind.as_ref();
            this.limits.time(|| kind.subject(), this.place);
        }
        None
    }
}

impl<K: Kind> Future for Op<K> {
    type Output = K::Output;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<K::Output> {
        if !rt::coop::proceed(cx) {
            return Poll::Pending;
        }
        #[cfg(gonex_sim)]
        let polled = self.advance_as_a_step(cx);
        #[cfg(not(gonex_sim))]
        let polled = self.advance(cx, true);
        if polled.is_pending() {
            rt::coop::give_back();
        }
        polled
    }
}
