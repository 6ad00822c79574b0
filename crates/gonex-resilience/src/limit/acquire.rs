use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::rt::{self, Sleep};
use gonex_core::{Context, Instant, Kind, Stop};
use gonex_sync::semaphore::Acquire;
use gonex_sync::{Semaphore, SemaphorePermit};

use super::limiter::Shared;
use super::line::Waiting;
use super::{Denied, Meter, Verdict};
use crate::moment::nanos;

type Turn = SemaphorePermit<Arc<Semaphore>>;

/// The kind of [`Limiter::acquire`](super::Limiter::acquire) and its like.
///
/// # Cancel safety
/// Dropped before it is done, it has taken nothing and has left the line.
#[must_use = "an acquire does nothing until it is awaited or blocked on"]
pub struct AcquireTokens<M: Meter> {
    shared: Arc<Shared<M>>,
    tokens: u32,
    max_wait: Option<Duration>,
    state: State,
    /// Set when it has to wait.
    waits: Option<Waits>,
}

enum State {
    New,
    /// Slept meanwhile is until it may wait no longer, where that is said: seldom, so it stands elsewhere.
    InLine {
        turn: Acquire<Arc<Semaphore>>,
        sleep: Option<Box<Sleep>>,
    },
    /// The turn is only held.
    First {
        _turn: Turn,
        sleep: Option<(u64, Sleep)>,
        until: Option<Instant>,
    },
    Over,
}

struct Waits {
    waiting: Waiting,
    /// By the limiter's clock.
    since: u64,
    /// The moment at which it may wait no longer.
    latest: u64,
}

impl<M: Meter> fmt::Debug for AcquireTokens<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcquireTokens")
            .field("tokens", &self.tokens)
            .field("waits", &self.waits.is_some())
            .finish_non_exhaustive()
    }
}

impl<M: Meter> AcquireTokens<M> {
    pub(super) fn new(shared: Arc<Shared<M>>, tokens: u32, max_wait: Option<Duration>) -> Self {
        Self { shared, tokens, max_wait, state: State::New, waits: None }
    }

    /// The moment at which nobody waits for it any more.
    fn latest(&self, now: u64) -> u64 {
        let around = Context::current().deadline();
        let left = around.map(|end| end.saturating_duration_since(rt::now()));
        let allowed = match (left, self.max_wait) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        allowed.map_or(u64::MAX, |allowed| now.saturating_add(nanos(allowed)))
    }

    /// Tries before anybody is waited for; `None` if it has to wait.
    #[inline]
    fn try_first(&self) -> Option<Result<(), Denied>> {
        if self.shared.line().is_some_and(|line| !line.is_empty()) {
            return None;
        }
        match self.shared.take(self.tokens) {
            Verdict::Taken => {
                self.shared.counters.allowed.add(1);
                Some(Ok(()))
            }
            Verdict::NotYet { .. } => None,
            // What is not denied for the time being is told no time, so none is asked for.
            verdict => Some(self.shared.answer(verdict, self.tokens, 0)),
        }
    }

    /// Joins the line, and is counted; or says why not.
    #[cold]
    fn join(&mut self) -> Option<Result<(), Denied>> {
        let now = self.shared.time.now();
        let most = self.shared.meter.most();
        if self.tokens > most {
            return Some(Err(self.shared.denied(Denied::TooMany { wanted: self.tokens, most })));
        }
        let line = self.shared.line_to_join();
        let ahead = line.wanted();
        let at = self.shared.meter.ready_at(ahead.saturating_add(self.tokens.into()), now);
        let latest = self.latest(now);
        if at > latest {
            return Some(Err(self.too_long(at, now, now, latest)));
        }
        let waiting = match line.enter(self.tokens, self.shared.max_waiting()) {
            Ok(waiting) => waiting,
            Err(waiting) => {
                return Some(Err(self.shared.denied(Denied::QueueFull { waiting })));
            }
        };
        self.shared.counters.waited.add(1);
        self.waits = Some(Waits { waiting, since: now, latest });
        let turn = line.turn.acquire_owned(1).into_kind();
        // A context ends the operation by itself.
        let sleep = self.max_wait.map(|wait| Box::new(rt::sleep(wait).into_kind()));
        self.state = State::InLine { turn, sleep };
        None
    }

    fn too_long(&self, at: u64, now: u64, since: u64, latest: u64) -> Denied {
        // With 0 one would ask again at once, and in vain: those ahead are still there.
        let needed = Duration::from_nanos(at.saturating_sub(now).max(1));
        let allowed = Duration::from_nanos(latest - since);
        self.shared.denied(Denied::TooLong { needed, allowed })
    }

    /// What one hears who has waited for as long as it may, and is still in line: if it asked again, it
    /// would stand behind all others.
    fn in_vain(&self, now: u64, since: u64, latest: u64) -> Denied {
        let wanted = self.shared.line().map_or(0, |line| line.wanted());
        self.too_long(self.shared.meter.ready_at(wanted, now), now, since, latest)
    }

    /// Ends the wait.
    fn end(&mut self) {
        if let Some(waits) = &self.waits {
            let waited = self.shared.time.now().saturating_sub(waits.since);
            self.shared.counters.total_wait.add(waited);
            if let State::First { .. } = self.state {
                waits.waiting.end_turn();
            }
        }
        // Who was next is called, and finds this one gone from the count.
        let state = std::mem::replace(&mut self.state, State::Over);
        self.waits = None;
        drop(state);
    }

    /// Stands in line for no longer than it may: those ahead may take their time.
    fn stand(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), Denied>> {
        let (State::InLine { sleep, .. }, Some(waits)) = (&mut self.state, &self.waits) else {
            return Poll::Pending;
        };
        let Some(sleep) = sleep else { return Poll::Pending };
        if Pin::new(&mut **sleep).poll(cx).is_pending() {
            return Poll::Pending;
        }
        let (since, latest) = (waits.since, waits.latest);
        let denied = self.in_vain(self.shared.time.now(), since, latest);
        self.end();
        Poll::Ready(Err(denied))
    }

    /// Goes on with the turn, until what is wanted is there.
    fn take_turn(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), Denied>> {
        let State::First { sleep, until, .. } = &mut self.state else { return Poll::Pending };
        let Some(waits) = &self.waits else { return Poll::Pending };
        if let Some(line) = self.shared.line() {
            // Before the look, so that nothing is missed between the two.
            line.listen(cx.waker());
        }
        let mut least = Duration::ZERO;
        loop {
            let now = self.shared.time.now();
            let at = match self.shared.take(self.tokens) {
                Verdict::NotYet { at } => at,
                verdict => {
                    return Poll::Ready(self.shared.answer(verdict, self.tokens, now));
                }
            };
            if at > waits.latest {
                let (since, latest) = (waits.since, waits.latest);
                return Poll::Ready(Err(self.in_vain(now, since, latest)));
            }
            if sleep.as_ref().is_none_or(|(known, _)| *known != at) {
                let wait = Duration::from_nanos(at.saturating_sub(now)).max(least);
                *until = rt::now().checked_add(wait);
                *sleep = Some((at, rt::sleep(wait).into_kind()));
            }
            let Some((_, asleep)) = sleep else { return Poll::Pending };
            if Pin::new(asleep).poll(cx).is_pending() {
                return Poll::Pending;
            }
            // By the clock of the limiter it may not be time yet.
            *sleep = None;
            least = TICK;
        }
    }
}

/// As long is waited at least where the limiter's clock is behind the one that wakes.
const TICK: Duration = Duration::from_micros(1);

impl<M: Meter> Kind for AcquireTokens<M> {
    type Output = Result<(), Denied>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        if !matches!(self.state, State::New) {
            return None;
        }
        let answer = self.try_first()?;
        self.state = State::Over;
        Some(answer)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if matches!(this.state, State::New)
            && let Some(answer) = this.try_first().or_else(|| this.join())
        {
            this.state = State::Over;
            return Poll::Ready(answer);
        }
        if let State::InLine { turn, .. } = &mut this.state {
            match Pin::new(turn).poll(cx) {
                Poll::Pending => return this.stand(cx),
                Poll::Ready(Ok(turn)) => {
                    this.state = State::First { _turn: turn, sleep: None, until: None };
                }
                Poll::Ready(Err(_)) => unreachable!("nobody closes the line or asks for two turns"),
            }
        }
        let polled = this.take_turn(cx);
        if polled.is_ready() {
            this.end();
        }
        polled
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        if self.waits.is_some() {
            self.shared.counters.abandoned.add(1);
        }
        self.end();
        Err(Denied::Stopped(stop))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        let subject = Subject::new("acquire from").of("limiter");
        match &self.state {
            State::First { until: Some(at), .. } => subject.until(*at),
            _ => subject,
        }
    }
}

impl<M: Meter> Drop for AcquireTokens<M> {
    fn drop(&mut self) {
        if self.waits.is_some() {
            self.shared.counters.abandoned.add(1);
            self.end();
        }
    }
}
