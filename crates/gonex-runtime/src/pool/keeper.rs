//! The thread that looks after a pool when something has to happen because time passes. One that needs
//! none of that never starts it.

use std::sync::Weak;
use std::task::Waker;

use gonex_core::Instant;
use gonex_core::op::Subject;
use gonex_core::rt::{self, Blocked, Thread};

use super::shared::Shared;

/// What is known of the keeper, under the lock of the pool.
#[derive(Default)]
pub(super) struct Keeper {
    phase: Phase,
    /// When it will look by itself.
    at: Option<Instant>,
    waker: Option<Waker>,
    pub(super) is_ending: bool,
}

#[derive(Default)]
enum Phase {
    #[default]
    None,
    /// Somebody starts it.
    Starting,
    There(Thread),
}

/// What has to be done for the keeper to come in time.
pub(super) enum Called {
    Waker(Waker),
    ToBeStarted,
    /// It looks before it waits.
    Soon,
}

impl Keeper {
    pub(super) fn is_too_late_for(&self, at: Instant) -> bool {
        !self.is_ending && self.at.is_none_or(|planned| at < planned)
    }

    /// Has it come at this time, if it would come later.
    pub(super) fn call(&mut self, at: Option<Instant>) -> Called {
        self.at = at;
        match self.phase {
            Phase::None => {
                self.phase = Phase::Starting;
                Called::ToBeStarted
            }
            Phase::Starting | Phase::There(_) => {
                self.waker.take().map_or(Called::Soon, Called::Waker)
            }
        }
    }

    /// It was started, or could not be. Yields a thread that nobody needs to wait for any more.
    pub(super) fn started(&mut self, thread: Option<Thread>) -> Option<Thread> {
        match thread {
            Some(thread) if self.is_ending => return Some(thread),
            Some(thread) => self.phase = Phase::There(thread),
            None => (self.phase, self.at) = (Phase::None, None),
        }
        None
    }

    /// Whether the caller is it.
    pub(super) fn is_current(&self) -> bool {
        matches!(&self.phase, Phase::There(thread) if thread.is_current())
    }

    /// Has it end; yields its thread, to be joined outside the lock.
    pub(super) fn end(&mut self) -> (Option<Thread>, Option<Waker>) {
        self.is_ending = true;
        let thread = match std::mem::take(&mut self.phase) {
            Phase::There(thread) => Some(thread),
            Phase::None | Phase::Starting => None,
        };
        (thread, self.waker.take())
    }
}

/// What the keeper does, until the pool is gone.
pub(super) fn keep<J: Send + 'static, R: Send + 'static>(pool: &Weak<Shared<J, R>>) {
    loop {
        let Some(shared) = pool.upgrade() else { return };
        shared.tend();
        drop(shared);
        let goes_on = rt::block(|cx| {
            let Some(shared) = pool.upgrade() else { return Blocked::Done(false) };
            let waker = cx.waker().clone();
            let step = shared.locked(|locked| {
                if locked.keeper.is_ending {
                    return (Blocked::Done(false), Some(waker));
                }
                let alarm = locked.state.alarm();
                if alarm.is_some_and(|at| at <= rt::now()) {
                    return (Blocked::Done(true), Some(waker));
                }
                locked.keeper.at = alarm;
                (Blocked::Until(alarm), locked.keeper.waker.replace(waker))
            });
            let (step, old) = step;
            drop(old);
            if let Blocked::Until(_) = &step {
                rt::waits(|| Subject::new("look after").of("a pool"));
            }
            step
        });
        if !goes_on {
            return;
        }
    }
}
