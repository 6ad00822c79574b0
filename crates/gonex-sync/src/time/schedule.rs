//! When the next thing happens, and the line of those who wait for it.
//!
//! The first in line watches the clock, with a timer of its own; the others have none. Whoever
//! changes the schedule, or leaves the line, calls the first to look again.
//!
//! # Deadlock safety
//! One lock. Under it wakers are moved, but neither dropped, nor cloned, nor woken.

use std::task::{Context, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::{Instant, rt};

use super::Alarm;
use crate::primitive::{Mutex, lock};
use crate::wait::{Calls, Crowd, Key};

pub(super) struct Schedule {
    state: Mutex<State>,
}

struct State {
    next: Option<Instant>,
    /// `None` happens once.
    period: Option<Duration>,
    missed: u64,
    line: Crowd,
}

/// What has happened: when, and how often before without anybody taking it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    pub(super) missed: u64,
}

/// A place in line, and the timer of who stands first.
#[derive(Debug, Default)]
pub(super) struct Turn {
    key: Option<Key>,
    alarm: Alarm,
}

impl Turn {
    pub(super) fn waits(&self) -> bool {
        self.key.is_some()
    }
}

impl Schedule {
    pub(super) fn new(next: Option<Instant>, period: Option<Duration>) -> Self {
        Self { state: Mutex::new(State { next, period, missed: 0, line: Crowd::new() }) }
    }

    pub(super) fn try_take(&self) -> Option<Due> {
        let now = rt::now();
        let mut state = lock(&self.state);
        if state.line.is_empty() { state.take(now) } else { None }
    }

    pub(super) fn poll(&self, turn: &mut Turn, cx: &mut Context<'_>) -> Poll<Due> {
        loop {
            let (now, mut mine) = (rt::now(), Some(cx.waker().clone()));
            let mut state = lock(&self.state);
            let first = state.line.is_first(turn.key);
            if first && let Some(due) = state.take(now) {
                drop(state);
                self.leave(turn);
                return Poll::Ready(due);
            }
            state.line.stand(&mut turn.key, &mut mine);
            let next = state.next.filter(|_| first);
            drop(state);
            match next {
                None => turn.alarm.clear(),
                // Its time came while the alarm was set.
                Some(at) if turn.alarm.poll(at, cx.waker()) => continue,
                Some(_) => {}
            }
            return Poll::Pending;
        }
    }

    /// Leaves the line; whoever is first then looks at the clock.
    pub(super) fn leave(&self, turn: &mut Turn) {
        turn.alarm.clear();
        if turn.key.is_none() {
            return;
        }
        let mut calls = Calls::default();
        let mut state = lock(&self.state);
        let left = state.line.leave(&mut turn.key);
        state.line.call_first(&mut calls);
        drop(state);
        drop(left);
        calls.wake();
    }

    /// Changes what comes next. Whether something was to come, or had come and was not taken.
    pub(super) fn set(&self, next: Option<Instant>, period: Option<Duration>) -> bool {
        let mut calls = Calls::default();
        let mut state = lock(&self.state);
        let before = std::mem::replace(&mut state.next, next);
        state.period = period;
        state.line.call_first(&mut calls);
        drop(state);
        calls.wake();
        before.is_some()
    }

    pub(super) fn stop(&self) -> bool {
        // The first in line needs no call: its timer wakes it in vain at most once.
        lock(&self.state).next.take().is_some()
    }

    pub(super) fn next(&self) -> Option<Instant> {
        lock(&self.state).next
    }

    /// Says when the wait ends by time alone, if it does.
    pub(super) fn subject(&self, subject: Subject) -> Subject {
        match self.next() {
            Some(at) => subject.until(at),
            None => subject,
        }
    }

    pub(super) fn missed(&self) -> u64 {
        lock(&self.state).missed
    }
}

impl State {
    fn take(&mut self, now: Instant) -> Option<Due> {
        let next = self.next.filter(|next| *next <= now)?;
        let Some(period) = self.period else {
            self.next = None;
            return Some(Due { at: next, missed: 0 });
        };
        let (behind, period_nanos) = ((now - next).as_nanos(), period.as_nanos());
        let missed = u64::try_from(behind / period_nanos).unwrap_or(u64::MAX);
        let at = now - nanos(behind % period_nanos);
        self.next = at.checked_add(period);
        self.missed = self.missed.saturating_add(missed);
        Some(Due { at, missed })
    }
}

/// A duration, of less than a period's length.
fn nanos(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    Duration::new((nanos / SECOND) as u64, (nanos % SECOND) as u32)
}
