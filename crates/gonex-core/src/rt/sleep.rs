use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::{Timer, now, timer};
use crate::context::Seen;
use crate::op::{Kind, Limited, Op, Subject};
use crate::{Instant, Stop};

/// Waits for a time to pass, counted from this call.
///
/// A time too long to be represented never passes. It wakes at its time or, under load, later, and
/// never before.
///
/// # Cancel safety
/// Dropping it calls its timer off. Where the ambient context stops first, it unwinds to the border
/// of the task; under explicit limits it yields `Err`.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::rt::{self, Manual};
///
/// let manual = Arc::new(Manual::new());
/// rt::enter(manual.clone(), || {
///     let nap = rt::sleep(Duration::from_secs(60));
///     manual.advance(Duration::from_secs(60));
///     nap.block();
/// });
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Op<Sleep> {
    Op::new(Sleep { at: now().checked_add(duration), seen: Seen::default(), timer: None })
}

/// Waits until a moment; see [`sleep`].
///
/// ```
/// use gonex_core::rt;
///
/// rt::sleep_until(rt::now()).block();
/// ```
#[track_caller]
pub fn sleep_until(at: Instant) -> Op<Sleep> {
    Op::new(Sleep { at: Some(at), seen: Seen::default(), timer: None })
}

/// The kind of [`sleep`] and [`sleep_until`].
///
/// ```
/// use std::time::Duration;
/// use gonex_core::rt::{self, Sleep};
/// use gonex_core::{Limited, Op, Stop};
///
/// let nap: Op<Sleep> = rt::sleep(Duration::from_secs(3600));
/// let limited: Op<Limited<Sleep>> = nap.timeout(Duration::ZERO);
/// assert_eq!(limited.block(), Err(Stop::Timeout));
/// ```
#[derive(Debug)]
pub struct Sleep {
    /// `None` is beyond all clocks.
    at: Option<Instant>,
    /// The waker that the timer has.
    seen: Seen,
    timer: Option<Timer>,
}

impl Sleep {
    fn is_over(&self) -> bool {
        self.at.is_some_and(|at| at <= now())
    }
}

impl Kind for Sleep {
    type Output = ();
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<()> {
        self.is_over().then_some(())
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_over() {
            self.timer = None;
            return Poll::Ready(());
        }
        if !self.seen.again(cx.waker()) {
            self.timer = self.at.map(|at| timer(at, cx.waker().clone()));
        }
        Poll::Pending
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) {
        if !self.is_over() {
            stop.unwind()
        }
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        let subject = Subject::new("sleep");
        match self.at {
            Some(at) => subject.until(at),
            None => subject,
        }
    }
}
