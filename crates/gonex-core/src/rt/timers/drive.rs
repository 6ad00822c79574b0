use std::sync::Mutex;
use std::task::Waker;

use super::{TimerKeeper, TimerKey, Wheel};
use crate::Instant;
use crate::primitive::{lock_std, wake};

/// Timers that something drives: a thread, a task, or an event loop.
///
/// The driver calls [`turn`](Self::turn), which fires what is due, and does so again at the time that
/// this returns, or earlier when its own waker is woken.
///
/// # Deadlock safety
/// One lock, a leaf: wakers are woken and dropped outside it.
#[derive(Debug)]
pub(in crate::rt) struct Driven {
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    wheel: Wheel,
    /// When the driver will look again, at the latest; `None` if only when woken.
    planned: Option<Instant>,
    /// How the driver is woken while it waits.
    driver: Option<Waker>,
    /// Kept for its memory; empty between turns.
    due: Vec<Waker>,
}

/// Room for so many wakers is kept between two firings.
const KEPT: usize = 1 << 10;

impl Driven {
    pub(in crate::rt) fn new(origin: Instant) -> Self {
        let wheel = Wheel::new(origin);
        Self { queue: Mutex::new(Queue { wheel, planned: None, driver: None, due: Vec::new() }) }
    }

    pub(in crate::rt) fn add(&self, at: Instant, waker: Waker) -> TimerKey {
        let mut queue = lock_std(&self.queue);
        let key = queue.wheel.insert(at, waker);
        let mut driver = None;
        // Woken once: the next that is earlier still finds its own time planned.
        if queue.planned.is_none_or(|planned| at < planned) {
            queue.planned = Some(at);
            driver = queue.driver.take();
        }
        drop(queue);
        driver.into_iter().for_each(wake);
        key
    }

    /// Fires what is due at `now`, and returns when there will be more, if nothing is added.
    pub(in crate::rt) fn turn(&self, now: Instant, driver: &Waker) -> Option<Instant> {
        let mut driver = Some(driver.clone());
        let mut queue = lock_std(&self.queue);
        loop {
            let mut due = std::mem::take(&mut queue.due);
            queue.wheel.take_due(now, &mut due);
            if due.is_empty() {
                queue.due = due;
                queue.planned = queue.wheel.next();
                driver = std::mem::replace(&mut queue.driver, driver);
                let planned = queue.planned;
                drop(queue);
                drop(driver);
                return planned;
            }
            drop(queue);
            due.drain(..).for_each(wake);
            due.shrink_to(KEPT);
            queue = lock_std(&self.queue);
            queue.due = due;
        }
    }
}

impl TimerKeeper for Driven {
    fn call_off(&self, key: TimerKey) -> Option<Waker> {
        lock_std(&self.queue).wheel.remove(key)
    }
}
