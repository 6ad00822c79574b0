use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::{Instant, Kind, Limited, Op, Stop, rt};

use super::schedule::{Due, Schedule, Turn};
use crate::simulation::step;

/// Ticks again and again, with a period.
///
/// The first tick comes after one period. Ticks that nobody took in time are dropped, except the
/// last, and counted: a slow receiver sees the newest one, and the next comes when it would have come
/// anyway, so ticks do not drift. Each tick is taken by one [`tick`](Self::tick), the one that has
/// waited longest.
///
/// Nothing runs in the background. The first ticker that is waited for in async code starts the
/// thread that serves all timers.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::rt::{self, Manual};
/// use gonex_sync::Ticker;
///
/// let clock = Arc::new(Manual::new());
/// rt::enter(clock.clone(), || {
///     let ticker = Ticker::new(Duration::from_secs(10)).unwrap();
///     let start = rt::now();
///     clock.advance(Duration::from_secs(35));
///     let tick = ticker.tick().block();
///     assert_eq!((tick.at - start, tick.missed), (Duration::from_secs(30), 2));
///     clock.advance(Duration::from_secs(5));
///     assert_eq!(ticker.tick().block().missed, 0);
/// });
/// ```
pub struct Ticker {
    schedule: Schedule,
}

/// One tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tick {
    /// The time for which it was set, which may be before the time now.
    pub at: Instant,
    /// How many ticks before it were dropped because nobody took them.
    pub missed: u64,
}

/// A ticker cannot tick all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a ticker's period cannot be 0 s, since it would never stop ticking: use 1 ns or more")]
pub struct ZeroPeriod;

fn next(period: Duration) -> Result<Option<Instant>, ZeroPeriod> {
    if period.is_zero() { Err(ZeroPeriod) } else { Ok(rt::now().checked_add(period)) }
}

impl Ticker {
    /// Makes a ticker whose first tick comes one period from now. A period too long to be represented
    /// never comes to an end.
    ///
    /// # Errors
    /// When the period is zero.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{Ticker, ZeroPeriod};
    ///
    /// assert_eq!(Ticker::new(Duration::ZERO).unwrap_err(), ZeroPeriod);
    /// ```
    pub fn new(period: Duration) -> Result<Self, ZeroPeriod> {
        Ok(Self { schedule: Schedule::new(next(period)?, Some(period)) })
    }

    /// Waits for a tick.
    ///
    /// While the ticker is stopped, this waits for a [`reset`](Self::reset). It cannot fail; under a
    /// limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it takes no tick.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::Ticker;
    ///
    /// let ticker = Ticker::new(Duration::from_millis(1)).unwrap();
    /// let (first, second) = (ticker.tick().block(), ticker.tick().block());
    /// assert!(second.at - first.at >= Duration::from_millis(1));
    /// ```
    #[track_caller]
    pub fn tick(&self) -> Op<NextTick<'_>> {
        Op::new(NextTick { schedule: &self.schedule, turn: Turn::default() })
    }

    /// Takes a tick, if its time has come and nobody waits for it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let ticker = gonex_sync::Ticker::new(Duration::from_secs(60)).unwrap();
    /// assert_eq!(ticker.try_tick(), None);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_tick(&self) -> Option<Tick> {
        step("try", "ticker");
        self.schedule.try_take().map(Tick::from)
    }

    /// Sets another period. The next tick comes one period from now, and none from before is seen any
    /// more.
    ///
    /// # Errors
    /// When the period is zero; the ticker goes on as it was.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let ticker = gonex_sync::Ticker::new(Duration::from_secs(60)).unwrap();
    /// ticker.reset(Duration::from_millis(1)).unwrap();
    /// ticker.tick().block();
    /// assert!(ticker.reset(Duration::ZERO).is_err());
    /// ```
    pub fn reset(&self, period: Duration) -> Result<(), ZeroPeriod> {
        let next = next(period)?;
        self.schedule.set(next, Some(period));
        Ok(())
    }

    /// Stops the ticker: no tick is seen any more, until it is [reset](Self::reset). Whether it was
    /// ticking.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let ticker = gonex_sync::Ticker::new(Duration::from_millis(1)).unwrap();
    /// assert!(ticker.stop());
    /// assert!(!ticker.stop());
    /// assert!(ticker.tick().timeout(Duration::from_millis(2)).block().is_err());
    /// ```
    pub fn stop(&self) -> bool {
        self.schedule.stop()
    }

    /// How many ticks were dropped in all because nobody took them in time; they are counted when
    /// the next one is taken.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let ticker = gonex_sync::Ticker::new(Duration::from_secs(60)).unwrap();
    /// assert_eq!(ticker.missed(), 0);
    /// ```
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.schedule.missed()
    }
}

impl fmt::Debug for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticker")
            .field("next", &self.schedule.next())
            .field("missed", &self.missed())
            .finish_non_exhaustive()
    }
}

impl From<Due> for Tick {
    fn from(due: Due) -> Self {
        Self { at: due.at, missed: due.missed }
    }
}

/// The kind of [`Ticker::tick`].
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct NextTick<'a> {
    schedule: &'a Schedule,
    turn: Turn,
}

impl fmt::Debug for NextTick<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextTick").field("waits", &self.turn.waits()).finish()
    }
}

impl Kind for NextTick<'_> {
    type Output = Tick;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<Tick> {
        self.schedule.try_take().map(Tick::from)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Tick> {
        let Self { schedule, turn } = &mut *self;
        schedule.poll(turn, cx).map(Tick::from)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Tick {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        self.schedule.subject(Subject::new("wait for").of("ticker"))
    }
}

impl Drop for NextTick<'_> {
    fn drop(&mut self) {
        self.schedule.leave(&mut self.turn);
    }
}
