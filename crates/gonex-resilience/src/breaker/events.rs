//! Events in the order in which they happened. They are written into a log under the breaker's lock, and
//! whoever waits is told afterwards by a number that only grows, so nobody is woken under the lock.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::primitive::{Mutex, lock};
use gonex_core::{Kind, Limited, Op, Stop};
use gonex_sync::watch::WaitUntil;
use gonex_sync::{WatchReceiver, WatchSender};

use super::BreakerState;

/// Why a breaker went from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// Too many calls failed.
    TooManyFailures,
    /// Too many calls were slow.
    TooSlow,
    /// The break was over when a call came.
    BreakOver,
    /// Enough probes succeeded.
    Recovered,
    /// Too few probes succeeded.
    StillFailing,
    /// It was half open for too long.
    NoDecision,
    /// Somebody said so.
    Forced,
}

/// A breaker went from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerEvent {
    /// Its number among the events of this breaker, from 1 on; a gap shows that this stream has fallen
    /// behind.
    pub number: u64,
    /// The state before.
    pub from: BreakerState,
    /// The state after.
    pub to: BreakerState,
    /// Why.
    pub kind: EventKind,
    /// How long after the breaker was made, by its clock.
    pub at: std::time::Duration,
}

/// So many events are kept for those who are slow to read them.
const KEPT: usize = 256;

#[derive(Debug)]
pub(super) struct Log {
    /// No user code runs under it.
    state: Mutex<State>,
    newest: WatchSender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the newest event.
    newest: u64,
    kept: VecDeque<BreakerEvent>,
}

impl Log {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::default()), newest: WatchSender::new(0) })
    }

    /// Writes events down; called under the lock of the breaker, which orders them. Says the number of
    /// the newest, to be told when that lock is free.
    pub(super) fn write(
        &self,
        transitions: impl IntoIterator<Item = (BreakerState, BreakerState, EventKind, u64)>,
    ) -> u64 {
        let mut state = lock(&self.state);
        for (from, to, kind, at) in transitions {
            state.newest += 1;
            let at = std::time::Duration::from_nanos(at);
            let event = BreakerEvent { number: state.newest, from, to, kind, at };
            if state.kept.len() == KEPT {
                state.kept.pop_front();
            }
            state.kept.push_back(event);
        }
        state.newest
    }

    pub(super) fn tell(&self, newest: u64) {
        self.newest.send_if_modified(|known| {
            let grows = *known < newest;
            *known = newest.max(*known);
            grows
        });
    }

    /// The first event kept from this number on.
    fn read(&self, from: u64) -> Option<BreakerEvent> {
        let state = lock(&self.state);
        let first = state.kept.front()?.number;
        let index = usize::try_from(from.max(first) - first).ok()?;
        state.kept.get(index).copied()
    }
}

/// The events of a breaker from some moment on, in their order; made by
/// [`CircuitBreaker::events`](super::CircuitBreaker::events).
///
/// Each stream gets all. One that is not read misses what is older than the latest 256.
pub struct BreakerEvents {
    log: Arc<Log>,
    receiver: WatchReceiver<u64>,
    /// The number of the next one.
    next: u64,
}

impl fmt::Debug for BreakerEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerEvents").field("next", &self.next).finish_non_exhaustive()
    }
}

impl BreakerEvents {
    pub(super) fn new(log: Arc<Log>) -> Self {
        let receiver = log.newest.subscribe();
        let next = lock(&log.state).newest + 1;
        Self { log, receiver, next }
    }

    /// The next event, if it has happened.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::{BreakerConfig, BreakerState};
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// let mut events = breaker.events();
    /// assert_eq!(events.try_recv(), None);
    /// breaker.force_open();
    /// assert_eq!(events.try_recv().map(|event| event.to), Some(BreakerState::ForcedOpen));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_recv(&mut self) -> Option<BreakerEvent> {
        let event = self.log.read(self.next)?;
        self.next = event.number + 1;
        Some(event)
    }

    /// Waits for the next event.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it has taken none.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::{BreakerConfig, EventKind};
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1))?;
    /// let mut events = breaker.events();
    /// breaker.try_acquire().unwrap().failure();
    /// assert_eq!(events.recv().block().kind, EventKind::TooManyFailures);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> Op<NextEvent<'_>> {
        let wanted = self.next;
        let reached: Reached = Box::new(move |newest| *newest >= wanted);
        let wait = self.receiver.wait_until(reached).into_kind();
        Op::new(NextEvent { log: &self.log, next: &mut self.next, wait })
    }
}

type Reached = Box<dyn FnMut(&u64) -> bool + Send>;

/// The kind of [`BreakerEvents::recv`].
#[must_use = "nothing is waited for until it is awaited or blocked on"]
pub struct NextEvent<'a> {
    log: &'a Log,
    next: &'a mut u64,
    wait: WaitUntil<'a, u64, Reached>,
}

impl fmt::Debug for NextEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextEvent").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Kind for NextEvent<'_> {
    type Output = BreakerEvent;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<BreakerEvent> {
        let this = &mut *self;
        if let Some(event) = this.log.read(*this.next) {
            *this.next = event.number + 1;
            return Poll::Ready(event);
        }
        match Pin::new(&mut this.wait).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(_) => match this.log.read(*this.next) {
                Some(event) => {
                    *this.next = event.number + 1;
                    Poll::Ready(event)
                }
                None => unreachable!("an event is written before it is told of"),
            },
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> BreakerEvent {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for an event of").of("circuit breaker")
    }
}
