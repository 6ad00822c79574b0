use std::fmt;
use std::time::Duration;

use gonex_core::{Instant, Op, rt};

use super::line::Waiters;
use super::{NextCall, Wait, WaitFor, While};
use crate::constant::constant;
use crate::lock::{Exclusive, Guard, Reach};
use crate::simulation::step;

/// A condition variable: waits, with a lock in hand, until another says that something has changed.
///
/// A wait gives the lock up and takes it again before it yields the guard; both in line. It goes with
/// every guard of a [`Mutex`](crate::Mutex), and with the writers of a [`RwMutex`](crate::RwMutex).
/// There are no wake-ups without a notification, but what was true when the notification was sent
/// need not be true any more when the lock is there: prefer [`wait_while`](Self::wait_while).
///
/// Notifications are not kept: without a waiter they are gone.
///
/// ```
/// use gonex_sync::{Cond, Mutex};
///
/// let (queue, filled) = (Mutex::new(Vec::new()), Cond::new());
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         queue.lock().block().push(7);
///         filled.notify_one();
///     });
///     let mut guard = filled.wait_while(queue.lock().block(), |queue| queue.is_empty()).block();
///     assert_eq!(guard.pop(), Some(7));
/// });
/// ```
pub struct Cond {
    waiters: Waiters,
}

impl Cond {
    constant! {
        /// Makes a condition variable.
        #[must_use]
        pub const fn new() -> Self {
            Self { waiters: Waiters::new() }
        }
    }

    pub(super) fn waiters(&self) -> &Waiters {
        &self.waiters
    }

    /// Gives the lock up, waits for a notification, takes the lock again and yields its guard.
    ///
    /// It stands in line before the lock is given up, at the first poll: whoever takes the lock then
    /// finds it waiting. Under a limit it yields `Err(`[`Unlocked`](super::Unlocked)`)` when that is
    /// reached, *without* the lock, since waiting for it could take longer than the limit allows;
    /// [`wait_for`](Self::wait_for) is the form that takes the lock again in every case.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line; if it had been notified, alone, the next one is
    /// notified instead. The lock is not held then.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task, without the lock.
    ///
    /// ```
    /// use gonex_sync::{Cond, Mutex};
    ///
    /// let (ready, changed) = (Mutex::new(false), Cond::new());
    /// std::thread::scope(|scope| {
    ///     let guard = ready.lock().block();
    ///     // It gets the lock, and so notifies, when the wait below has given it up.
    ///     scope.spawn(|| {
    ///         *ready.lock().block() = true;
    ///         changed.notify_one();
    ///     });
    ///     assert!(*changed.wait(guard).block());
    /// });
    /// ```
    #[track_caller]
    pub fn wait<H: Reach>(&self, guard: Guard<H, Exclusive>) -> Op<Wait<'_, H, NextCall>> {
        Op::new(Wait::new(self, guard, NextCall))
    }

    /// Waits as long as the closure says, looking first, and again after each notification.
    ///
    /// Limits, cancel safety and panics are as with [`wait`](Self::wait). When the closure panics,
    /// the lock is given up, and is [poisoned](crate::lock#poisoning).
    ///
    /// ```
    /// use gonex_sync::{Cond, Mutex};
    ///
    /// let (count, changed) = (Mutex::new(3), Cond::new());
    /// assert_eq!(*changed.wait_while(count.lock().block(), |n| *n < 3).block(), 3);
    /// ```
    #[track_caller]
    pub fn wait_while<H, F>(
        &self,
        guard: Guard<H, Exclusive>,
        waits: F,
    ) -> Op<Wait<'_, H, While<F>>>
    where
        H: Reach,
        F: FnMut(&mut H::Value) -> bool,
    {
        Op::new(Wait::new(self, guard, While(waits)))
    }

    /// Waits for a notification, at most so long, and takes the lock again in either case. Yields the
    /// guard, and whether it was in vain.
    ///
    /// When time is up it stands in line for the lock, so it may take longer than `limit`.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task, without the lock.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{Cond, Mutex};
    ///
    /// let (mutex, cond) = (Mutex::new(1), Cond::new());
    /// let (guard, late) = cond.wait_for(mutex.lock().block(), Duration::ZERO).block();
    /// assert_eq!((*guard, late), (1, true));
    /// ```
    #[track_caller]
    pub fn wait_for<H: Reach>(
        &self,
        guard: Guard<H, Exclusive>,
        limit: Duration,
    ) -> Op<WaitFor<'_, H, NextCall>> {
        Op::new(WaitFor::new(self, guard, NextCall, rt::now().checked_add(limit)))
    }

    /// Waits for a notification until `at` at the latest: see [`wait_for`](Self::wait_for).
    ///
    /// ```
    /// use std::time::Instant;
    /// use gonex_sync::{Cond, Mutex};
    ///
    /// let (mutex, cond) = (Mutex::new(1), Cond::new());
    /// let (guard, late) = cond.wait_until(mutex.lock().block(), Instant::now()).block();
    /// assert_eq!((*guard, late), (1, true));
    /// ```
    #[track_caller]
    pub fn wait_until<H: Reach>(
        &self,
        guard: Guard<H, Exclusive>,
        at: Instant,
    ) -> Op<WaitFor<'_, H, NextCall>> {
        Op::new(WaitFor::new(self, guard, NextCall, Some(at)))
    }

    /// Waits as long as the closure says, but at most so long: see [`wait_for`](Self::wait_for).
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{Cond, Mutex};
    ///
    /// let (mutex, cond) = (Mutex::new(1), Cond::new());
    /// let waited = cond.wait_while_for(mutex.lock().block(), |n| *n == 1, Duration::ZERO);
    /// let (guard, late) = waited.block();
    /// assert_eq!((*guard, late), (1, true));
    /// ```
    #[track_caller]
    pub fn wait_while_for<H, F>(
        &self,
        guard: Guard<H, Exclusive>,
        waits: F,
        limit: Duration,
    ) -> Op<WaitFor<'_, H, While<F>>>
    where
        H: Reach,
        F: FnMut(&mut H::Value) -> bool,
    {
        Op::new(WaitFor::new(self, guard, While(waits), rt::now().checked_add(limit)))
    }

    /// Notifies the one that has waited longest. Whether there was one.
    ///
    /// ```
    /// assert!(!gonex_sync::Cond::new().notify_one());
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn notify_one(&self) -> bool {
        step("notify one at", "cond");
        self.waiters.notify_one()
    }

    /// Notifies all who wait now, and says how many.
    ///
    /// ```
    /// assert_eq!(gonex_sync::Cond::new().notify_all(), 0);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn notify_all(&self) -> usize {
        step("notify all at", "cond");
        self.waiters.notify_all()
    }

    /// The number of those who wait for a notification, which may have changed when it is returned.
    ///
    /// ```
    /// assert_eq!(gonex_sync::Cond::new().waiting(), 0);
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiters.len()
    }
}

impl Default for Cond {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cond").field("waiting", &self.waiting()).finish()
    }
}
