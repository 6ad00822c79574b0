use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use super::{Context, Observed, Seen};
use crate::op::Subject;
use crate::rt::{self, Timer};
use crate::{Kind, Limited, Stop};

/// The kind of [`Context::done`].
///
/// ```
/// use std::time::Duration;
/// use gonex_core::context::Done;
/// use gonex_core::{Context, Limited, Op, Stop};
///
/// let (context, _canceller) = Context::background().with_cancel();
/// let done: Op<Done> = context.done();
/// let limited: Op<Limited<Done>> = done.timeout(Duration::ZERO);
/// assert_eq!(limited.block(), Err(Stop::Timeout));
/// ```
#[derive(Debug)]
pub struct Done {
    context: Observed,
    /// The waker that has been told to the context and the timer.
    seen: Seen,
    timer: Option<Timer>,
}

impl Done {
    /// Makes the kind, for those who poll it inside one of their own.
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::task::{Context as TaskContext, Poll, Waker};
    /// use gonex_core::context::Done;
    /// use gonex_core::{Context, Kind};
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// let mut done = pin!(Done::new(context));
    /// let mut cx = TaskContext::from_waker(Waker::noop());
    /// assert_eq!(done.as_mut().poll(&mut cx), Poll::Pending);
    /// canceller.cancel("enough");
    /// assert!(done.poll(&mut cx).is_ready());
    /// ```
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context: Observed::new(context), seen: Seen::default(), timer: None }
    }
}

impl Kind for Done {
    type Output = Stop;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Stop> {
        let waker = cx.waker();
        if !self.seen.again(waker) {
            self.context.tell(waker);
            let deadline = self.context.context().deadline();
            self.timer = deadline.map(|at| rt::timer(at, waker.clone()));
        }
        // Looked at after registering, so that a stop in between is not missed.
        self.context.context().stopped().map_or(Poll::Pending, Poll::Ready)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Stop {
        self.context.context().stopped().unwrap_or_else(|| stop.unwind())
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        let subject = Subject::new("wait for the end of").of("a context");
        match self.context.context().deadline() {
            Some(at) => subject.until(at),
            None => subject,
        }
    }
}
