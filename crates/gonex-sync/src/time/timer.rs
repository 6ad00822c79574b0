use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::{Instant, Kind, Limited, Op, Stop, rt};

use super::schedule::{Schedule, Turn};
use crate::simulation::step;

/// Fires once, at its time, and again when it is [reset](Self::reset).
///
/// It means what Go's does since version 1.23: after [`stop`](Self::stop) or `reset` has returned,
/// no firing from before is seen any more. A firing is taken by one
/// [`fired`](Self::fired), the one that has waited longest, or waits to be taken.
///
/// Nothing runs in the background. The first timer that is waited for in async code starts the thread
/// that serves them all.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::rt::{self, Manual};
/// use gonex_sync::Timer;
///
/// let clock = Arc::new(Manual::new());
/// rt::enter(clock.clone(), || {
///     let timer = Timer::new(Duration::from_secs(5));
///     clock.advance(Duration::from_secs(5));
///     assert!(timer.reset(Duration::from_secs(1)), "it had not been seen to fire");
///     assert_eq!(timer.try_fired(), None);
///     clock.advance(Duration::from_secs(1));
///     timer.fired().block();
/// });
/// ```
pub struct Timer {
    schedule: Schedule,
}

impl Timer {
    /// Makes a timer that fires after this time. One too long to be represented never comes.
    #[must_use]
    pub fn new(after: Duration) -> Self {
        Self { schedule: Schedule::new(rt::now().checked_add(after), None) }
    }

    /// Makes a timer that fires at `at`; at once if that has passed.
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let now = Instant::now();
    /// assert_eq!(gonex_sync::Timer::at(now).fired().block(), now);
    /// ```
    #[must_use]
    pub fn at(at: Instant) -> Self {
        Self { schedule: Schedule::new(Some(at), None) }
    }

    /// Waits until the timer fires, and yields the time that it was set for.
    ///
    /// While it is stopped, or after it has fired, this waits for a [`reset`](Self::reset). Those who
    /// wait take firings in turn. It cannot fail; under a limit it yields `Err(Stop)` when that is
    /// reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it takes no firing.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// gonex_sync::Timer::new(Duration::ZERO).fired().block();
    /// ```
    #[track_caller]
    pub fn fired(&self) -> Op<Fired<'_>> {
        Op::new(Fired { schedule: &self.schedule, turn: Turn::default() })
    }

    /// Takes the firing, if its time has come and nobody waits for it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let timer = gonex_sync::Timer::new(Duration::ZERO);
    /// assert!(timer.try_fired().is_some());
    /// assert!(timer.try_fired().is_none());
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_fired(&self) -> Option<Instant> {
        step("try", "timer");
        self.schedule.try_take().map(|due| due.at)
    }

    /// Stops the timer. Whether that called a firing off: one to come, or one that nobody took.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let timer = gonex_sync::Timer::new(Duration::from_secs(60));
    /// assert!(timer.stop());
    /// assert!(!timer.stop());
    /// ```
    pub fn stop(&self) -> bool {
        self.schedule.stop()
    }

    /// Sets the timer anew, counted from now. Whether that called a firing off, as
    /// [`stop`](Self::stop).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let timer = gonex_sync::Timer::new(Duration::from_secs(60));
    /// assert!(timer.reset(Duration::ZERO));
    /// timer.fired().block();
    /// assert!(!timer.reset(Duration::ZERO));
    /// ```
    pub fn reset(&self, after: Duration) -> bool {
        self.schedule.set(rt::now().checked_add(after), None)
    }

    /// When it fires, or has fired without anybody taking that; `None` while it is stopped.
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let now = Instant::now();
    /// assert_eq!(gonex_sync::Timer::at(now).deadline(), Some(now));
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.schedule.next()
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("deadline", &self.deadline()).finish()
    }
}

/// The kind of [`Timer::fired`].
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct Fired<'a> {
    schedule: &'a Schedule,
    turn: Turn,
}

impl fmt::Debug for Fired<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fired").field("waits", &self.turn.waits()).finish()
    }
}

impl Kind for Fired<'_> {
    type Output = Instant;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<Instant> {
        self.schedule.try_take().map(|due| due.at)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let Self { schedule, turn } = &mut *self;
        schedule.poll(turn, cx).map(|due| due.at)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Instant {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        self.schedule.subject(Subject::new("wait for").of("timer"))
    }
}

impl Drop for Fired<'_> {
    fn drop(&mut self) {
        self.schedule.leave(&mut self.turn);
    }
}
