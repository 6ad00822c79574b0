use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Instant, Kind, Limited, Stop};

use super::wait::Waiting;
use super::{Cond, Until};
use crate::lock::{Exclusive, Guard, Reach};
use crate::time::Alarm;

/// The kind of [`Cond::wait_for`] and its kin.
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct WaitFor<'a, H: Reach, U> {
    waiting: Waiting<'a, H>,
    until: U,
    /// `None` is a time too far away to be represented.
    at: Option<Instant>,
    alarm: Alarm,
    late: bool,
}

impl<'a, H: Reach, U> WaitFor<'a, H, U> {
    pub(super) fn new(
        cond: &'a Cond,
        guard: Guard<H, Exclusive>,
        until: U,
        at: Option<Instant>,
    ) -> Self {
        let waiting = Waiting::new(cond, guard);
        Self { waiting, until, at, alarm: Alarm::default(), late: false }
    }
}

impl<H: Reach, U> fmt::Debug for WaitFor<'_, H, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor").field("at", &self.at).finish_non_exhaustive()
    }
}

// It pins nothing.
impl<H: Reach, U> Unpin for WaitFor<'_, H, U> {}

impl<H: Reach, U: Until<H::Value>> Kind for WaitFor<'_, H, U> {
    type Output = (Guard<H, Exclusive>, bool);
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { waiting, until, at, alarm, late } = &mut *self;
        loop {
            let mut in_vain = false;
            let waits = |value: &mut H::Value, called| {
                let waits = until.waits(value, called);
                in_vain = waits && *late;
                waits && !*late
            };
            if let Poll::Ready(guard) = waiting.poll(waits, cx.waker()) {
                return Poll::Ready((guard, in_vain));
            }
            if *late || !at.is_some_and(|at| alarm.poll(at, cx.waker())) {
                return Poll::Pending;
            }
            *late = true;
            waiting.hurry();
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        let subject = Subject::new("wait for").of("cond");
        match self.at {
            Some(at) => subject.until(at),
            None => subject,
        }
    }
}
