use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;

use super::timers::{TimerKeeper, TimerKey, Wheel};
use super::{Parker, Seam, Thread, ThreadOptions, Timer};
use crate::primitive::{lock_std, wake};
use crate::{Clock, Instant, ManualClock};

/// A seam whose time moves only by [`advance`](Self::advance); threads are real.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::rt::{self, Manual};
/// use gonex_core::{Context, Stop};
///
/// let manual = Arc::new(Manual::new());
/// rt::enter(manual.clone(), || {
///     let context = Context::background().with_timeout(Duration::from_secs(3600));
///     assert_eq!(context.stopped(), None);
///     manual.advance(Duration::from_secs(3600));
///     assert_eq!(context.done().block(), Stop::Timeout);
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Manual {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    clock: ManualClock,
    timers: Mutex<Wheel>,
    random: AtomicU64,
}

impl Manual {
    /// Makes a seam whose random numbers start from 0.
    ///
    /// ```
    /// use gonex_core::rt::{Manual, Seam};
    ///
    /// let manual = Manual::new();
    /// assert_eq!(manual.now(), manual.now(), "time stands");
    /// assert_eq!(manual.random(), Manual::seeded(0).random());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::seeded(0)
    }

    /// Makes a seam whose random numbers start from `seed`.
    ///
    /// ```
    /// use gonex_core::rt::{Manual, Seam};
    ///
    /// assert_eq!(Manual::seeded(7).random(), Manual::seeded(7).random());
    /// assert_ne!(Manual::seeded(7).random(), Manual::seeded(8).random());
    /// ```
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let clock = ManualClock::new();
        let timers = Mutex::new(Wheel::new(clock.now()));
        let inner = Inner { clock, timers, random: AtomicU64::new(seed) };
        Self { inner: Arc::new(inner) }
    }

    /// Moves time forward and fires the timers that have become due, in order.
    ///
    /// # Panics
    /// If the sum is beyond what an [`Instant`] can hold.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gonex_core::rt::{self, Manual};
    ///
    /// let manual = Arc::new(Manual::new());
    /// rt::enter(manual.clone(), || {
    ///     let start = rt::now();
    ///     manual.advance(Duration::from_secs(60));
    ///     assert_eq!(rt::now() - start, Duration::from_secs(60));
    /// });
    /// ```
    #[track_caller]
    pub fn advance(&self, by: Duration) {
        let now = self.inner.clock.advance(by);
        let mut due = Vec::new();
        lock_std(&self.inner.timers).take_due(now, &mut due);
        due.into_iter().for_each(wake);
    }

    /// The number of timers that are set, for a test to wait until another thread has set its own.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gonex_core::rt::{self, Manual};
    ///
    /// let manual = Arc::new(Manual::new());
    /// let theirs = manual.clone();
    /// let sleeper = std::thread::spawn(move || {
    ///     rt::enter(theirs, || rt::sleep(Duration::from_secs(60)).block());
    /// });
    /// while manual.timers() == 0 {
    ///     std::thread::yield_now();
    /// }
    /// manual.advance(Duration::from_secs(60));
    /// sleeper.join().unwrap();
    /// assert_eq!(manual.timers(), 0);
    /// ```
    #[must_use]
    pub fn timers(&self) -> usize {
        lock_std(&self.inner.timers).len()
    }
}

impl Default for Manual {
    fn default() -> Self {
        Self::new()
    }
}

impl TimerKeeper for Inner {
    fn call_off(&self, key: TimerKey) -> Option<Waker> {
        lock_std(&self.timers).remove(key)
    }
}

impl Seam for Manual {
    fn now(&self) -> Instant {
        self.inner.clock.now()
    }

    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
        let _timer = deadline.map(|at| self.timer(at, Waker::from(parker.clone())));
        parker.park(None);
    }

    fn timer(&self, at: Instant, waker: Waker) -> Timer {
        let key = lock_std(&self.inner.timers).insert(at, waker);
        let timer = Timer::new(self.inner.clone(), key);
        // Looked at after inserting: an advance in between has seen the timer or is seen here.
        if at <= self.now()
            && let Some(due) = self.inner.call_off(key)
        {
            wake(due);
        }
        timer
    }

    fn random(&self) -> u64 {
        super::threads::split_mix(self.inner.random.fetch_add(1, Ordering::Relaxed))
    }

    fn spawn_thread(
        &self,
        options: ThreadOptions,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Thread> {
        Thread::start(options, body)
    }
}
