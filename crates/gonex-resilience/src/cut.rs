//! Cutting off what takes too long, in retries and time-outs alike.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use gonex_core::rt::{self, Sleep};
use gonex_core::{Context, Instant, Kind, Stop};

/// What cuts a call off: nothing, or its time-out.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    /// When, and the context the attempt runs in.
    limit: Option<(Instant, Context)>,
    /// Set once the attempt has to wait. It stands elsewhere, since a call that ends at once has none and is
    /// moved before it is polled.
    sleep: Option<Box<Sleep>>,
}

/// The call was cut off.
#[derive(Debug)]
pub(crate) struct CutOff;

impl Cut {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        limit.map_or_else(Self::default, |limit| Self::after(rt::now(), limit))
    }

    /// One whose time counts from a moment.
    pub(crate) fn after(began: Instant, limit: Duration) -> Self {
        // A time too long to be represented is no limit.
        let at = began.checked_add(limit);
        let limit = at.map(|at| (at, Context::current().with_deadline(at)));
        Self { limit, sleep: None }
    }

    /// Runs a step of the attempt in its context. What unwinds because its time is over ends here.
    pub(crate) fn step<T>(&self, step: impl FnOnce() -> T) -> Result<T, CutOff> {
        let Some((_, inside)) = &self.limit else { return Ok(step()) };
        let around = Context::current();
        let stepped =
            panic::catch_unwind(AssertUnwindSafe(|| Stop::inside_border(|| inside.run(step))));
        stepped.map_err(|payload| match Stop::from_unwind(payload) {
            Ok(_) if has_ended(inside, &around) => CutOff,
            Ok(stop) => stop.unwind(),
            Err(payload) => panic::resume_unwind(payload),
        })
    }

    /// Whether the time is over, and nothing around has stopped before: then an error may well be that of
    /// something inside, which saw the end first.
    pub(crate) fn is_over(&self) -> bool {
        self.limit.as_ref().is_some_and(|(_, inside)| has_ended(inside, &Context::current()))
    }

    pub(crate) fn poll<A: Future>(
        &mut self,
        attempt: Pin<&mut A>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Result<A::Output, CutOff>> {
        // What is ready is never lost to a limit.
        match self.step(|| attempt.poll(cx)) {
            Ok(Poll::Ready(output)) => return Poll::Ready(Ok(output)),
            Err(cut) => return Poll::Ready(Err(cut)),
            Ok(Poll::Pending) => {}
        }
        let Some((at, _)) = self.limit else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::new(rt::sleep_until(at).into_kind()));
        Pin::new(&mut **sleep).poll(cx).map(|()| Err(CutOff))
    }
}

/// Whether the limit has ended what is inside, and not what is around.
fn has_ended(inside: &Context, around: &Context) -> bool {
    around.stopped().is_none() && inside.stopped().is_some()
}
