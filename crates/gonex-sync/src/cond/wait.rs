use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::{Cond, Until};
use crate::lock::{Exclusive, Guard, Lock, Reach, Seek};
use crate::wait::Key;

/// One who waits: with the lock, in line without it, and on the way back to it.
pub(super) struct Waiting<'a, H: Reach> {
    cond: &'a Cond,
    /// The place in line, kept until the lock is there again.
    key: Option<Key>,
    stage: Stage<H>,
}

enum Stage<H: Reach> {
    /// Has the lock; whether it has been called.
    Holds(Guard<H, Exclusive>, bool),
    InLine(H),
    /// On the way back; whether it has been called.
    Locks(Seek<H, Exclusive>, bool),
    Done,
}

impl<'a, H: Reach> Waiting<'a, H> {
    pub(super) fn new(cond: &'a Cond, guard: Guard<H, Exclusive>) -> Self {
        Self { cond, key: None, stage: Stage::Holds(guard, false) }
    }

    /// Goes on until it has the lock and waits no longer.
    pub(super) fn poll(
        &mut self,
        mut waits: impl FnMut(&mut H::Value, bool) -> bool,
        waker: &Waker,
    ) -> Poll<Guard<H, Exclusive>> {
        loop {
            self.stage = match mem::replace(&mut self.stage, Stage::Done) {
                Stage::Holds(mut guard, called) => {
                    // If the closure panics, the guard unlocks and notes it.
                    if !waits(&mut guard, called) {
                        return Poll::Ready(guard);
                    }
                    // In line first, unlocked second: who changes the value finds it waiting.
                    self.key = Some(self.cond.waiters().line_up(waker));
                    self.stage = Stage::InLine(guard.unlock());
                    return Poll::Pending;
                }
                Stage::InLine(handle) => {
                    let called = self.key.is_some_and(|key| self.cond.waiters().called(key, waker));
                    if !called {
                        self.stage = Stage::InLine(handle);
                        return Poll::Pending;
                    }
                    Stage::Locks(Seek::new(handle), true)
                }
                Stage::Locks(mut seek, called) => {
                    let Poll::Ready(guard) = seek.poll(waker) else {
                        self.stage = Stage::Locks(seek, called);
                        return Poll::Pending;
                    };
                    self.answered();
                    Stage::Holds(guard, called)
                }
                Stage::Done => panic!("a wait is not polled again after it was done"),
            };
        }
    }

    /// Ends the wait for a call, if none came, and goes on to the lock.
    pub(super) fn hurry(&mut self) {
        self.stage = match mem::replace(&mut self.stage, Stage::Done) {
            Stage::InLine(handle) => {
                let called = self.key.is_some_and(|key| self.cond.waiters().withdraw(key));
                self.key = self.key.filter(|_| called);
                Stage::Locks(Seek::new(handle), called)
            }
            other => other,
        };
    }

    /// Ends the wait: with the lock if it is there by now and what was waited for has come, or else
    /// with the way to it.
    fn stop(
        &mut self,
        mut waits: impl FnMut(&mut H::Value, bool) -> bool,
    ) -> Result<Guard<H, Exclusive>, H> {
        let mut held = |mut guard: Guard<H, Exclusive>, called| {
            if waits(&mut guard, called) { Err(guard.unlock()) } else { Ok(guard) }
        };
        match mem::replace(&mut self.stage, Stage::Done) {
            Stage::Holds(guard, called) => held(guard, called),
            Stage::InLine(handle) => Err(self.leave(handle)),
            Stage::Locks(mut seek, called) => match seek.finish() {
                Some(guard) => {
                    self.answered();
                    held(guard, called)
                }
                None => {
                    let handle = seek.give_up().expect("a lock that is not there is on its way");
                    Err(self.leave(handle))
                }
            },
            Stage::Done => panic!("a wait is not stopped after it was done"),
        }
    }

    fn leave(&mut self, handle: H) -> H {
        if let Some(key) = self.key.take() {
            self.cond.waiters().leave(key);
        }
        handle
    }

    fn answered(&mut self) {
        if let Some(key) = self.key.take() {
            self.cond.waiters().answer(key);
        }
    }
}

impl<H: Reach> Drop for Waiting<'_, H> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.cond.waiters().leave(key);
        }
    }
}

/// A wait that was stopped. The lock had been given up for it, and is not held.
#[derive(thiserror::Error)]
#[error("stopped while waiting for a notification: {stop}")]
pub struct Unlocked<H: Reach> {
    /// What stopped the wait.
    pub stop: Stop,
    handle: H,
}

impl<H: Reach> Unlocked<H> {
    /// Takes the lock again, standing in its line.
    ///
    /// # Cancel safety
    /// As [`Mutex::lock`](crate::Mutex::lock).
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{Cond, Mutex};
    ///
    /// let (mutex, cond) = (Mutex::new(1), Cond::new());
    /// let waited = cond.wait(mutex.lock().block()).timeout(Duration::ZERO).block();
    /// let guard = waited.or_else(|late| Ok::<_, ()>(late.lock().block()));
    /// assert_eq!(*guard.unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn lock(self) -> Op<Lock<H, Exclusive>> {
        Op::new(Lock::new(self.handle))
    }
}

impl<H: Reach> fmt::Debug for Unlocked<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unlocked").field("stop", &self.stop).finish_non_exhaustive()
    }
}

/// The kind of [`Cond::wait`] and [`Cond::wait_while`].
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct Wait<'a, H: Reach, U> {
    waiting: Waiting<'a, H>,
    until: U,
}

impl<'a, H: Reach, U> Wait<'a, H, U> {
    pub(super) fn new(cond: &'a Cond, guard: Guard<H, Exclusive>, until: U) -> Self {
        Self { waiting: Waiting::new(cond, guard), until }
    }
}

/// A [`Wait`] under limits: yields [`Unlocked`] when one is reached.
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct WaitLimited<'a, H: Reach, U>(Wait<'a, H, U>);

impl<H: Reach, U> fmt::Debug for Wait<'_, H, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("waits", &self.waiting.key.is_some()).finish()
    }
}

impl<H: Reach, U> fmt::Debug for WaitLimited<'_, H, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

// They pin nothing: a closure is only called.
impl<H: Reach, U> Unpin for Wait<'_, H, U> {}
impl<H: Reach, U> Unpin for WaitLimited<'_, H, U> {}

impl<'a, H: Reach, U: Until<H::Value>> Kind for Wait<'a, H, U> {
    type Output = Guard<H, Exclusive>;
    type Limited = WaitLimited<'a, H, U>;

    const STOP_UNWINDS: bool = true;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { waiting, until } = &mut *self;
        waiting.poll(|value, called| until.waits(value, called), cx.waker())
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let Self { waiting, until } = &mut *self;
        let waits = |value: &mut H::Value, called| until.waits(value, called);
        waiting.stop(waits).unwrap_or_else(|_| stop.unwind())
    }

    fn limited(self) -> Self::Limited {
        WaitLimited(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for").of("cond")
    }
}

impl<'a, H: Reach, U: Until<H::Value>> Kind for WaitLimited<'a, H, U> {
    type Output = Result<Guard<H, Exclusive>, Unlocked<H>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Wait { waiting, until } = &mut self.0;
        waiting.poll(|value, called| until.waits(value, called), cx.waker()).map(Ok)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let Wait { waiting, until } = &mut self.0;
        let waits = |value: &mut H::Value, called| until.waits(value, called);
        waiting.stop(waits).map_err(|handle| Unlocked { stop, handle })
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        self.0.subject()
    }
}
